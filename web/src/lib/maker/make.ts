/** Makes the GIF, or says how heavy it will be. */

import { drawCaption, type Caption } from './caption'
import type { Footage } from './footage'
import { estimate, lengthOf, lighter, MOST_BYTES, shots, type Cut, type Shape, type Shot } from './plan'
import { Workshop } from './workshop'

export interface Wish {
  footage: Footage
  cut: Cut
  shape: Shape
  caption: Caption
  /** The page's own typefaces. */
  family: string
}

export interface Guess {
  shape: Shape
  frames: number
  bytes: number
  /** Of one loop, in milliseconds. */
  length: number
}

/** Tried at so many places. */
const TRIES = 3
const MOST_ROUNDS = 5

/** A canvas that draws pictures of a wish, one after the other. */
export class Easel {
  readonly context: CanvasRenderingContext2D

  constructor(
    private readonly wish: Wish,
    { width, height }: Shape,
  ) {
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('The browser has no canvas.')
    this.context = context
  }

  async pixels(time: number): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const { context, wish } = this
    const { width, height } = context.canvas
    await wish.footage.draw(context, time)
    drawCaption(context, wish.caption, width, height, wish.family)
    return context.getImageData(0, 0, width, height).data as Uint8ClampedArray<ArrayBuffer>
  }
}

/** What it will be when it is made, and no heavier than `most`; rejects when it is stopped. */
export async function guess(wish: Wish, signal: AbortSignal, most = MOST_BYTES): Promise<Guess> {
  const { shape, cut, footage } = wish
  const taken = shots(cut, shape.every, footage.times)
  const workshop = open(signal)
  try {
    const easel = new Easel(wish, shape)
    const pairs = []
    const places = new Set(Array.from({ length: TRIES }, (_, n) => Math.floor(((n + 0.5) / TRIES) * Math.max(1, taken.length - 1))))
    for (const place of places) {
      signal.throwIfAborted()
      const first = await easel.pixels(taken[place]!.time)
      const second = await easel.pixels((taken[place + 1] ?? taken[place]!).time)
      const { pair } = await workshop.give({ do: 'pair', width: shape.width, height: shape.height, holes: footage.holes, pictures: [first, second] })
      if (pair) pairs.push(pair)
    }
    const bytes = estimate(taken.length, pairs)
    if (bytes <= most) return { shape, frames: taken.length, bytes, length: lengthOf(taken) }
    // What it will come to, as far as can be said without making it.
    const smaller = lighter(shape, bytes, most)
    const fewer = shots(cut, smaller.every, footage.times)
    const area = (smaller.width * smaller.height) / (shape.width * shape.height)
    return { shape: smaller, frames: fewer.length, bytes: Math.min(most, (bytes * area * fewer.length) / taken.length), length: lengthOf(fewer) }
  } finally {
    workshop.close()
  }
}

/** The GIF, never heavier than `most`. `tell` hears how far it is, 0 to 1. Rejects when it is stopped. */
export async function make(wish: Wish, tell: (part: number) => void, signal: AbortSignal, most = MOST_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  let { shape } = wish
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const taken = shots(wish.cut, shape.every, wish.footage.times)
    const { gif, bytes } = await encode(wish, shape, taken, tell, signal, most)
    if (gif) return gif
    shape = lighter(shape, bytes * 1.05 ** round, most)
  }
  throw new RangeError('It does not get light enough.')
}

/** Without a GIF: it would be so heavy. */
async function encode(wish: Wish, shape: Shape, taken: readonly Shot[], tell: (part: number) => void, signal: AbortSignal, most: number) {
  const workshop = open(signal)
  try {
    const { width, height } = shape
    const easel = new Easel(wish, shape)
    await workshop.give({ do: 'begin', width, height, holes: wish.footage.holes })
    // One is encoded while the next is drawn.
    let before: Promise<{ size: number }> = Promise.resolve({ size: 0 })
    for (const [place, { time, delay }] of taken.entries()) {
      signal.throwIfAborted()
      const rgba = await easel.pixels(time)
      const { size } = await before
      if (size > most) return { bytes: (size * taken.length) / Math.max(1, place - 1) }
      before = workshop.give({ do: 'frame', rgba, delay })
      // When it is stopped, somebody else hears of it first.
      before.catch(() => undefined)
      tell((place + 0.5) / taken.length)
    }
    await before
    const { gif, size } = await workshop.give({ do: 'end' })
    tell(1)
    return gif && size <= most ? { gif, bytes: size } : { bytes: size }
  } finally {
    workshop.close()
  }
}

function open(signal: AbortSignal): Workshop {
  signal.throwIfAborted()
  const workshop = new Workshop()
  signal.addEventListener('abort', () => workshop.close(), { once: true })
  return workshop
}
