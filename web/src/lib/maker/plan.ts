/** What a GIF will be like: which moments it shows, how large it is, and what has to give when it is too heavy. */

/** The server takes no more. */
export const MOST_BYTES = 5 * 1024 * 1024
/** Longest piece, in seconds of what it is cut from. */
export const MOST_SECONDS = 10
/** Shortest piece. */
export const LEAST_SECONDS = 0.2
export const SPEEDS = [0.5, 1, 1.5, 2] as const
/** The longest side in pixels. */
export const SIDES = { small: 240, medium: 360, large: 540 } as const
export type Size = keyof typeof SIDES
/** Milliseconds between the pictures of a film: 12.5 a second. */
export const EVERY_MS = 80
/** Browsers play nothing faster. */
export const FASTEST_MS = 20

const MOST_FRAMES = 240
const LEAST_SIDE = 64
/** Ten a second still look like motion: from there on the size gives. */
const CALM_MS = 100

/** A piece of what was filmed, in its own seconds. `speed` 2: twice as fast. */
export interface Cut {
  from: number
  to: number
  speed: number
}

/** `every`: no picture stays shorter, in milliseconds. */
export interface Shape {
  width: number
  height: number
  every: number
}

/** One picture: the moment it is taken from, in seconds, and how long it stays, in milliseconds: a multiple of ten. */
export interface Shot {
  time: number
  delay: number
}

/** Never larger than what it is made from; even, at least two pixels. */
export function shapeOf(width: number, height: number, side: number, every: number): Shape {
  const scale = Math.min(1, side / Math.max(width, height))
  const even = (n: number) => Math.max(2, Math.round((n * scale) / 2) * 2)
  return scale === 1 ? { width, height, every } : { width: even(width), height: even(height), every }
}

/** The pictures of a cut. `times`: when the pictures of the source begin, in seconds; without, it has one at any moment. */
export function shots(cut: Cut, every: number, times?: readonly number[]): Shot[] {
  const { from, to, speed } = cut
  const least = Math.max(every, ceilTen(((to - from) * 1000) / speed / MOST_FRAMES))
  if (!times) {
    const count = Math.max(1, Math.round(((to - from) * 1000) / speed / least))
    return Array.from({ length: count }, (_, n) => ({ time: from + (n * least * speed) / 1000, delay: least }))
  }
  const begins = times.filter((time, n) => time < to - 1e-6 && (times[n + 1] ?? Infinity) > from + 1e-6)
  const taken: Shot[] = []
  // What rounding takes from one picture it gives to the next.
  let begin = 0
  for (let n = 0; n < begins.length; n += 1) {
    const end = ((Math.min(begins[n + 1] ?? to, to) - from) * 1000) / speed
    const last = taken.at(-1)
    const delay = Math.round((end - begin) / 10) * 10
    if (last && delay < least) {
      if (n < begins.length - 1) continue
      last.delay += Math.max(0, delay)
    } else {
      const stays = Math.max(least, delay)
      taken.push({ time: Math.max(from, begins[n]!), delay: stays })
      begin += stays
    }
  }
  return taken
}

export function lengthOf(shots: readonly Shot[]): number {
  return shots.reduce((sum, { delay }) => sum + delay, 0)
}

/** Bytes of all, from pairs of neighbours that were tried: what the first one costs, and both. */
export function estimate(frames: number, pairs: readonly { first: number; both: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  return Math.round(mean(pairs.map(({ first }) => first)) + Math.max(0, frames - 1) * mean(pairs.map(({ first, both }) => both - first)))
}

/** The shape that should be light enough, when this one is `bytes` heavy: fewer pictures first, then smaller ones. */
export function lighter(shape: Shape, bytes: number, most = MOST_BYTES): Shape {
  let ratio = (bytes / most) * 1.08
  if (ratio <= 1.08) return shape
  let { every } = shape
  if (every < CALM_MS) {
    ratio *= every / CALM_MS
    every = CALM_MS
  }
  const scale = Math.min(1, 1 / Math.sqrt(Math.max(1, ratio)))
  const longest = Math.max(shape.width, shape.height)
  const side = Math.max(Math.min(longest, LEAST_SIDE), Math.floor(longest * scale))
  return shapeOf(shape.width, shape.height, side, every)
}

function ceilTen(n: number): number {
  return Math.ceil(n / 10) * 10
}
