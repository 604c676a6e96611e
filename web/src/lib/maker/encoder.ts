/**
 * Frames of RGBA become a GIF that loops for ever: 256 colours of its own for each frame, and of each frame only what
 * differs visibly from what stands there already. Works in a worker or anywhere else.
 */

import { GIFEncoder, quantize, type Palette } from 'gifenc'
import { nearest } from './nearest'

/** Less than this in each colour is not seen, least of all in motion: such pixels are left as they stand. */
const UNSEEN = 8
/** A GIF's pixel is there or it is not. */
const THERE = 128
const MOST_COLORS = 256
/** The search for the best colours takes the square of how many there are: noise would take seconds a frame. */
const MANY = 3000
/** Shorter delays are played as long ones by every browser. */
const SHORTEST_MS = 20

interface Indexed {
  index: Uint8Array
  palette: Palette
  transparentIndex: number
  delay: number
}

export class Encoder {
  private readonly gif = GIFEncoder()
  private readonly pixels: number
  /** What a viewer sees by now. */
  private readonly shown: Uint8ClampedArray
  /** Written when it is known that the next one differs: two that are alike are one that stays longer. */
  private held: Indexed | undefined

  /** `holes`: frames may be transparent in places, and then each one is drawn anew. */
  constructor(
    readonly width: number,
    readonly height: number,
    private readonly holes = false,
  ) {
    this.pixels = width * height
    this.shown = new Uint8ClampedArray(this.pixels * 4)
  }

  /** `rgba`: the whole picture. `delay` in milliseconds. */
  add(rgba: Uint8ClampedArray, delay: number): void {
    if (rgba.length !== this.shown.length) throw new RangeError('A frame has the size of the GIF.')
    const time = Math.max(SHORTEST_MS, Math.round(delay / 10) * 10)
    const isNew = this.changes(rgba)
    if (this.held && isNew.every((one) => one === 0)) {
      this.held.delay += time
      return
    }
    this.flush()
    this.held = { ...this.index(rgba, isNew), delay: time }
  }

  /** Bytes so far, of the frames that are written. */
  get size(): number {
    return this.gif.stream.bytesView().length
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.flush()
    this.gif.finish()
    return this.gif.bytes()
  }

  /** Which pixels have to be drawn: 1. */
  private changes(rgba: Uint8ClampedArray): Uint8Array {
    const { shown } = this
    const isNew = new Uint8Array(this.pixels)
    if (!this.held) return isNew.fill(1)
    for (let at = 0, i = 0; i < this.pixels; i += 1, at += 4) {
      const there = rgba[at + 3]! >= THERE
      const same =
        there === shown[at + 3]! >= THERE &&
        (!there ||
          (Math.abs(rgba[at]! - shown[at]!) < UNSEEN &&
            Math.abs(rgba[at + 1]! - shown[at + 1]!) < UNSEEN &&
            Math.abs(rgba[at + 2]! - shown[at + 2]!) < UNSEEN))
      if (!same) isNew[i] = 1
    }
    return isNew
  }

  private index(rgba: Uint8ClampedArray, isNew: Uint8Array): Omit<Indexed, 'delay'> {
    const { shown, holes } = this
    // A frame with holes cannot take away what stands there: nothing is left standing for it.
    const drawn = (i: number) => (holes ? rgba[i * 4 + 3]! >= THERE : isNew[i] === 1)
    let count = 0
    for (let i = 0; i < this.pixels; i += 1) if (drawn(i)) count += 1
    const colors = new Uint8ClampedArray(count * 4)
    const source = new Uint32Array(rgba.buffer, rgba.byteOffset, this.pixels)
    const wanted = new Uint32Array(colors.buffer)
    for (let i = 0, to = 0; i < this.pixels; i += 1) if (drawn(i)) wanted[to++] = source[i]!
    const whole = count === this.pixels
    const palette = count === 0 ? [[0, 0, 0]] : quantize(colors, whole ? MOST_COLORS : MOST_COLORS - 1, { format: fine(wanted) })
    const chosen = nearest(wanted, palette)
    const transparentIndex = whole ? -1 : palette.length
    if (!whole) palette.push([0, 0, 0])
    const index = new Uint8Array(this.pixels).fill(Math.max(0, transparentIndex))
    for (let i = 0, from = 0; i < this.pixels; i += 1) {
      if (drawn(i)) {
        const color = chosen[from++]!
        const rgb = palette[color]!
        const at = i * 4
        index[i] = color
        shown[at] = rgb[0]!
        shown[at + 1] = rgb[1]!
        shown[at + 2] = rgb[2]!
        shown[at + 3] = 255
      } else if (holes) shown[i * 4 + 3] = 0
    }
    return { index, palette, transparentIndex }
  }

  private flush(): void {
    if (!this.held) return
    const { index, palette, transparentIndex, delay } = this.held
    this.gif.writeFrame(index, this.width, this.height, {
      palette,
      delay,
      transparent: transparentIndex >= 0,
      transparentIndex,
      dispose: this.holes ? 2 : 1,
      repeat: 0,
    })
  }
}

/** How finely colours are told apart when the best are looked for. */
function fine(pixels: Uint32Array): 'rgb565' | 'rgb444' {
  const seen = new Uint8Array(1 << 16)
  let many = 0
  for (const pixel of pixels) {
    const key = ((pixel & 0xf8) << 8) | ((pixel >>> 5) & 0x7e0) | ((pixel >>> 19) & 31)
    if (seen[key]) continue
    seen[key] = 1
    many += 1
    if (many > MANY) return 'rgb444'
  }
  return 'rgb565'
}
