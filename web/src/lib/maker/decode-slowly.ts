/** Pictures of a GIF where the browser has no decoder for us; of anything else its first picture. */

import { decompressFrame, parseGIF, type ParsedFrame, type ParsedGif } from 'gifuct-js'
import { played, type Pictures } from './animation'

type Block = ParsedGif['frames'][number]
type Drawn = Extract<Block, { image: unknown }>

export async function decode(file: Blob): Promise<Pictures> {
  const bytes = await file.arrayBuffer()
  if (new TextDecoder('latin1').decode(bytes.slice(0, 3)) !== 'GIF') return still(file)
  const gif = parseGIF(bytes)
  const blocks = gif.frames.filter((block): block is Drawn => 'image' in block)
  if (blocks.length === 0) throw new Error('It is not a picture.')
  // Frames of GIFs without timing have no such block, whatever the types say.
  const delays = blocks.map(({ gce }: Partial<Drawn>) => played((gce?.delay ?? 0) * 10, blocks.length))
  const { width, height } = gif.lsd
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('The browser has no canvas.')
  let next = 0
  let undo = (): void => context.clearRect(0, 0, width, height)
  const step = () => {
    undo()
    undo = show(context, decompressFrame(blocks[next] as Drawn, gif.gct, true))
    next += 1
  }
  return {
    width,
    height,
    delays,
    get: async (place) => {
      if (place < next - 1) {
        next = 0
        undo = () => context.clearRect(0, 0, width, height)
      }
      while (next <= place) step()
      return canvas
    },
    close: () => undefined,
  }
}

/** Draws it; answers what to do before the next one is drawn. */
function show(context: OffscreenCanvasRenderingContext2D, { dims, patch, disposalType }: ParsedFrame): () => void {
  const { left, top, width, height } = dims
  const before = disposalType === 3 ? context.getImageData(left, top, width, height) : undefined
  const piece = new OffscreenCanvas(width, height)
  piece.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(patch), width, height), 0, 0)
  context.drawImage(piece, left, top)
  if (before) return () => context.putImageData(before, left, top)
  return () => disposalType === 2 && context.clearRect(left, top, width, height)
}

async function still(file: Blob): Promise<Pictures> {
  const picture = await createImageBitmap(file)
  const copy = () => createImageBitmap(picture)
  return { width: picture.width, height: picture.height, delays: [played(0, 1)], get: copy, close: () => picture.close() }
}
