/** What a GIF is made from. */

export interface Footage {
  readonly width: number
  readonly height: number
  readonly seconds: number
  /** When its pictures begin, in seconds; without, it has one at any moment. */
  readonly times?: readonly number[]
  /** It is transparent in places. */
  readonly holes: boolean
  /** Draws what is seen at this moment, over the whole canvas. One after the other, in the order of the calls. */
  draw(context: CanvasRenderingContext2D, time: number): Promise<void>
  /** Something that plays by itself, for the preview; without, the preview draws one picture after the other. */
  readonly player?: HTMLVideoElement
  close(): void
}

/** The place of the picture that is seen at this moment. */
export function placeAt(times: readonly number[], time: number): number {
  let low = 0
  let high = times.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (times[middle]! <= time + 1e-6) low = middle
    else high = middle - 1
  }
  return low
}

/** Lets one thing be done after the other. */
export function inTurn(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const next = last.then(act)
    last = next.catch(() => undefined)
    return next
  }
}

export function cover(context: CanvasRenderingContext2D, picture: CanvasImageSource): void {
  const { width, height } = context.canvas
  context.clearRect(0, 0, width, height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, 0, 0, width, height)
}

/** Pictures that were taken one after the other. */
export class Stills implements Footage {
  readonly holes = false

  constructor(
    readonly width: number,
    readonly height: number,
    readonly seconds: number,
    readonly times: readonly number[],
    private readonly pictures: readonly ImageBitmap[],
  ) {}

  async draw(context: CanvasRenderingContext2D, time: number): Promise<void> {
    const picture = this.pictures[placeAt(this.times, time)]
    if (picture) cover(context, picture)
  }

  close(): void {
    for (const picture of this.pictures) picture.close()
  }
}
