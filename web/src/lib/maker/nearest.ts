/** The nearest colour of a palette for each pixel. gifenc's own looks at 5 bits of red: white may come out grey. */

import type { Palette } from 'gifenc'

/** Colours that agree in six bits of each part are looked for once. */
const KEYS = 1 << 18
const UNKNOWN = -1

/** `pixels`: RGBA as the bytes lie in memory, of a little-endian machine: every one that has a browser. */
export function nearest(pixels: Uint32Array, palette: Palette): Uint8Array {
  const known = new Int16Array(KEYS).fill(UNKNOWN)
  const [reds, greens, blues] = [0, 1, 2].map((part) => Int16Array.from(palette, (color) => color[part]!)) as [Int16Array, Int16Array, Int16Array]
  const chosen = new Uint8Array(pixels.length)
  for (let i = 0; i < pixels.length; i += 1) {
    const pixel = pixels[i]!
    const r = pixel & 255
    const g = (pixel >>> 8) & 255
    const b = (pixel >>> 16) & 255
    const key = ((r >> 2) << 12) | ((g >> 2) << 6) | (b >> 2)
    let color = known[key]!
    if (color === UNKNOWN) {
      let least = Infinity
      for (let n = 0; n < reds.length; n += 1) {
        const red = reds[n]! - r
        const green = greens[n]! - g
        const blue = blues[n]! - b
        const apart = red * red + green * green + blue * blue
        if (apart >= least) continue
        least = apart
        color = n
      }
      known[key] = color
    }
    chosen[i] = color
  }
  return chosen
}
