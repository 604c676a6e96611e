/** A GIF, or another picture, as footage: decoded one picture at a time, so that a long one costs no more memory. */

import { cover, inTurn, placeAt, type Footage } from './footage'
import { Unloaded } from './unloaded'

/** Draws its picture of this place. */
export interface Pictures {
  readonly width: number
  readonly height: number
  /** Milliseconds each one stays. */
  readonly delays: readonly number[]
  get(place: number): Promise<CanvasImageSource & { close?: () => void }>
  close(): void
}

/** A picture that never changes is cut as if it were this long. */
const STILL_MS = 1000
const LOOKED_AT = 40

export class Animation implements Footage {
  readonly times: readonly number[]
  readonly seconds: number
  private readonly turn = inTurn()

  private constructor(
    private readonly pictures: Pictures,
    readonly holes: boolean,
  ) {
    const { delays } = pictures
    let at = 0
    this.times = delays.map((delay) => {
      const time = at / 1000
      at += delay
      return time
    })
    this.seconds = at / 1000
  }

  /** Rejects when it is not a picture; with `Unloaded`, when what reads it did not come. */
  static async open(file: Blob): Promise<Animation> {
    const decoder = 'ImageDecoder' in globalThis ? import('./decode') : import('./decode-slowly')
    const { decode } = await decoder.catch(() => Promise.reject(new Unloaded()))
    const pictures = await decode(file)
    return new Animation(pictures, await hasHoles(pictures))
  }

  get width(): number {
    return this.pictures.width
  }

  get height(): number {
    return this.pictures.height
  }

  draw(context: CanvasRenderingContext2D, time: number): Promise<void> {
    return this.turn(async () => {
      const picture = await this.pictures.get(placeAt(this.times, time))
      cover(context, picture)
      picture.close?.()
    })
  }

  close(): void {
    this.pictures.close()
  }
}

/** As browsers play it: what is too short to be meant stays a tenth of a second. */
export function played(delay: number, frames: number): number {
  if (frames === 1) return STILL_MS
  return delay < 11 ? 100 : delay
}

/** Looks at some of its pictures, small. */
async function hasHoles(pictures: Pictures): Promise<boolean> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 48, height: 48 })
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return false
  const step = Math.max(1, Math.ceil(pictures.delays.length / LOOKED_AT))
  for (let place = 0; place < pictures.delays.length; place += step) {
    const picture = await pictures.get(place)
    cover(context, picture)
    picture.close?.()
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    for (let at = 3; at < data.length; at += 4) if (data[at]! < 128) return true
  }
  return false
}
