import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { decode } from '../src/lib/maker/decode-slowly'
import { Encoder } from '../src/lib/maker/encoder'

const SIDE = 4
/** As long as it takes to draw one picture. */
const DRAWING_MS = 5
let drawn = 0

class Canvas {
  constructor(
    readonly width: number,
    readonly height: number,
  ) {}

  getContext() {
    return {
      clearRect: () => undefined,
      putImageData: () => undefined,
      getImageData: () => undefined,
      drawImage: () => (drawn += 1),
    }
  }
}

beforeEach(() => {
  drawn = 0
  vi.spyOn(performance, 'now').mockImplementation(() => drawn * DRAWING_MS)
  vi.stubGlobal('OffscreenCanvas', Canvas)
  vi.stubGlobal('ImageData', class {})
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** No frame is like the one before. */
function gif(frames: number): Blob {
  const encoder = new Encoder(SIDE, SIDE, false)
  for (let n = 0; n < frames; n += 1) encoder.add(new Uint8ClampedArray(SIDE * SIDE * 4).map((_, at) => (at % 4 === 3 ? 255 : n % 2 ? 255 - n : n)), 100)
  return new Blob([encoder.finish()])
}

it('three who go through the pictures at once do not make each other start anew', async () => {
  const pictures = await decode(gif(80))
  for (let n = 0; n < 30; n += 1) for (const from of [50, 0, 25]) await pictures.get(from + n)
  expect(drawn).toBeLessThanOrEqual(200)
  // Whoever begins anew starts at the beginning, once.
  drawn = 0
  for (let n = 0; n < 20; n += 1) await pictures.get(n)
  expect(drawn).toBe(20)
})

it('the page has its turn while many pictures are drawn on the way to one', async () => {
  const pictures = await decode(gif(80))
  let turns = 0
  const turn = (): void => {
    turns += 1
    waiting = setTimeout(turn)
  }
  let waiting = setTimeout(turn)
  await pictures.get(79)
  clearTimeout(waiting)
  expect(drawn).toBe(80)
  expect(turns).toBeGreaterThan(10)
})
