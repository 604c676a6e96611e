/** Pictures of a GIF where the browser has no decoder for us; of anything else its first picture. */

import { decompressFrame, parseGIF, type ParsedFrame, type ParsedGif } from 'gifuct-js'
import { played, type Pictures } from './animation'

type Block = ParsedGif['frames'][number]
type Drawn = Extract<Block, { image: unknown }>

/** So many go through the pictures at once without starting anew: the preview, the strip of the trim bar, what is weighed. */
const AT_ONCE = 3
/** Longest that the page waits for pictures on the way, in milliseconds. */
const MOST_MS = 12

export async function decode(file: Blob): Promise<Pictures> {
  const bytes = await file.arrayBuffer()
  if (new TextDecoder('latin1').decode(bytes.slice(0, 3)) !== 'GIF') return still(file)
  const gif = parseGIF(bytes)
  const blocks = gif.frames.filter((block): block is Drawn => 'image' in block)
  if (blocks.length === 0) throw new Error('It is not a picture.')
  // Frames of GIFs without timing have no such block, whatever the types say.
  const delays = blocks.map(({ gce }: Partial<Drawn>) => played((gce?.delay ?? 0) * 10, blocks.length))
  const { width, height } = gif.lsd
  const strip = () => new Strip(width, height, (place) => decompressFrame(blocks[place] as Drawn, gif.gct, true))
  // The one that was wanted last stands last.
  let strips = [strip()]
  return {
    width,
    height,
    delays,
    get: async (place) => {
      const near = strips.filter(({ at }) => at <= place).sort((a, b) => b.at - a.at)[0]
      const next = near ?? (strips.length < AT_ONCE ? strip() : strips[0]!)
      strips = [...strips.filter((one) => one !== next), next]
      await next.wind(place)
      return next.canvas
    },
    close: () => undefined,
  }
}

/** One picture is drawn over the one before. */
class Strip {
  readonly canvas: OffscreenCanvas
  /** The place of what is drawn; -1: nothing yet. */
  at = -1
  private readonly context: OffscreenCanvasRenderingContext2D
  private undo: () => void

  constructor(
    width: number,
    height: number,
    private readonly frame: (place: number) => ParsedFrame,
  ) {
    this.canvas = new OffscreenCanvas(width, height)
    const context = this.canvas.getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('The browser has no canvas.')
    this.context = context
    this.undo = this.wipe
  }

  private readonly wipe = (): void => this.context.clearRect(0, 0, this.canvas.width, this.canvas.height)

  /** Forward; back only over the beginning. The page has its turn meanwhile. */
  async wind(place: number): Promise<void> {
    if (place < this.at) {
      this.at = -1
      this.undo = this.wipe
    }
    let began = performance.now()
    while (this.at < place) {
      if (performance.now() - began > MOST_MS) {
        await new Promise((resolve) => setTimeout(resolve))
        began = performance.now()
      }
      this.undo()
      this.undo = show(this.context, this.frame(this.at + 1))
      this.at += 1
    }
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
