/** Encodes beside the page, which stays smooth meanwhile. Every order has one answer, in the same order. */

import { Encoder } from './encoder'

export type Order =
  | { do: 'begin'; width: number; height: number; holes: boolean }
  | { do: 'frame'; rgba: Uint8ClampedArray<ArrayBuffer>; delay: number }
  | { do: 'end' }
  /** How heavy are a picture and its neighbour? */
  | { do: 'pair'; width: number; height: number; holes: boolean; pictures: [Uint8ClampedArray<ArrayBuffer>, Uint8ClampedArray<ArrayBuffer>] }

export interface Answer {
  /** Bytes so far. */
  size: number
  gif?: Uint8Array<ArrayBuffer>
  pair?: { first: number; both: number }
}

let encoder: Encoder | undefined

function obey(order: Order): Answer {
  switch (order.do) {
    case 'begin':
      encoder = new Encoder(order.width, order.height, order.holes)
      return { size: 0 }
    case 'frame':
      encoder?.add(order.rgba, order.delay)
      return { size: encoder?.size ?? 0 }
    case 'end': {
      const gif = encoder?.finish() ?? new Uint8Array()
      encoder = undefined
      return { size: gif.length, gif }
    }
    case 'pair': {
      const weigh = (pictures: readonly Uint8ClampedArray[]) => {
        const tried = new Encoder(order.width, order.height, order.holes)
        for (const rgba of pictures) tried.add(rgba, 100)
        return tried.finish().length
      }
      return { size: 0, pair: { first: weigh(order.pictures.slice(0, 1)), both: weigh(order.pictures) } }
    }
  }
}

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  const answer = obey(data)
  postMessage(answer, { transfer: answer.gif ? [answer.gif.buffer] : [] })
})
