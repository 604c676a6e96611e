/** A video file, read by the browser's own player: whatever that plays can be cut. */

import { withFirstCue } from './first-cue'
import { cover, inTurn, type Footage } from './footage'

/** A file that does not answer for so long is broken. */
const PATIENCE_MS = 15_000
/** Far behind the end of any file. */
const BEHIND = 1e7

export class Video implements Footage {
  readonly holes = false
  private readonly turn = inTurn()

  private constructor(
    private readonly url: string,
    readonly player: HTMLVideoElement,
    private readonly finder: HTMLVideoElement,
    readonly seconds: number,
  ) {}

  /** Rejects when the browser cannot play it. */
  static async open(file: Blob): Promise<Video> {
    const url = URL.createObjectURL(isFirefox() ? await withFirstCue(file) : file)
    try {
      // One plays for the preview; the other looks for pictures meanwhile.
      const [player, finder] = await Promise.all([element(url), element(url)])
      const seconds = await lengthOf(finder)
      if (!player.videoWidth || !(seconds > 0)) throw new Error('There are no pictures in it.')
      if (!Number.isFinite(player.duration)) await lengthOf(player)
      return new Video(url, player, finder, seconds)
    } catch (error) {
      URL.revokeObjectURL(url)
      throw error
    }
  }

  get width(): number {
    return this.finder.videoWidth
  }

  get height(): number {
    return this.finder.videoHeight
  }

  draw(context: CanvasRenderingContext2D, time: number): Promise<void> {
    return this.turn(async () => {
      // Just before the end: at the end itself some browsers show nothing.
      await seek(this.finder, Math.max(0, Math.min(time, this.seconds - 0.01)))
      cover(context, this.finder)
    })
  }

  close(): void {
    for (const video of [this.player, this.finder]) {
      video.pause()
      video.removeAttribute('src')
      video.load()
    }
    URL.revokeObjectURL(this.url)
  }
}

/** Others find their way without an index, and would only be slower with one that has a single entry. */
function isFirefox(): boolean {
  return CSS.supports('-moz-appearance', 'none')
}

async function element(url: string): Promise<HTMLVideoElement> {
  const video = document.createElement('video')
  Object.assign(video, { muted: true, playsInline: true, preload: 'auto', src: url })
  const there = heard(video, 'loadeddata')
  video.load()
  // Some browsers, those of iPhones among them, read no picture of a video before it plays. Not every one may play by itself.
  video.play().catch(() => undefined)
  await there
  video.pause()
  return video
}

/** Recordings of browsers do not say how long they are, until their end was looked for. */
async function lengthOf(video: HTMLVideoElement): Promise<number> {
  if (Number.isFinite(video.duration)) return video.duration
  await seek(video, BEHIND)
  const end = Number.isFinite(video.duration) ? video.duration : video.currentTime
  await seek(video, 0)
  return end
}

async function seek(video: HTMLVideoElement, time: number): Promise<void> {
  if (Math.abs(video.currentTime - time) < 1e-4 && !video.seeking) return
  const there = heard(video, 'seeked')
  video.currentTime = time
  await there
}

function heard(video: HTMLVideoElement, name: 'loadeddata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController()
    const end = (act: () => void) => {
      clearTimeout(late)
      done.abort()
      act()
    }
    const late = setTimeout(() => end(() => reject(new Error(`No ${name}.`))), PATIENCE_MS)
    video.addEventListener(name, () => end(resolve), { signal: done.signal })
    video.addEventListener('error', () => end(() => reject(video.error ?? new Error('It cannot be played.'))), { signal: done.signal })
  })
}
