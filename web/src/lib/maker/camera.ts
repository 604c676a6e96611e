/** A camera, and a few seconds of what it sees. */

import { Stills } from './footage'
import { EVERY_MS, shapeOf, SIDES } from './plan'

export const RECORD_SECONDS = 3

export type Trouble = 'denied' | 'missing' | 'busy' | 'insecure'

/** `facing`: the side of a phone. */
export function openCamera(facing: 'user' | 'environment'): Promise<MediaStream> {
  if (!isSecureContext || !navigator.mediaDevices?.getUserMedia) return Promise.reject(new DOMException('No camera here.', 'SecurityError'))
  const video = { facingMode: facing, width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } }
  return navigator.mediaDevices.getUserMedia({ video, audio: false })
}

export function troubleOf(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'SecurityError' && !isSecureContext) return 'insecure'
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'busy'
}

export async function hasSeveral(): Promise<boolean> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices.filter(({ kind }) => kind === 'videoinput').length > 1
}

/** Records what this element shows. `tell` hears how far it is, 0 to 1. Rejects when it is stopped. */
export async function record(video: HTMLVideoElement, tell: (part: number) => void, signal: AbortSignal): Promise<Stills> {
  const { width, height } = shapeOf(video.videoWidth, video.videoHeight, SIDES.large, EVERY_MS)
  const taken: { time: number; picture: Promise<ImageBitmap> }[] = []
  const began = performance.now()
  const drop = () => void Promise.allSettled(taken.map(async ({ picture }) => (await picture).close()))
  try {
    for (;;) {
      signal.throwIfAborted()
      const time = (performance.now() - began) / 1000
      if (time >= RECORD_SECONDS) break
      tell(time / RECORD_SECONDS)
      // A little early is on time: the screen does not count in our steps.
      if (time >= (taken.length * EVERY_MS - 6) / 1000) {
        taken.push({ time, picture: createImageBitmap(video, { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' }) })
      }
      await frame()
    }
    const pictures = await Promise.all(taken.map(({ picture }) => picture))
    return new Stills(width, height, RECORD_SECONDS, taken.map(({ time }, n) => (n === 0 ? 0 : time)), pictures)
  } catch (error) {
    drop()
    throw error
  }
}

/** Also where the page is hidden, and nothing is drawn. */
function frame(): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(done, 100)
    const drawn = requestAnimationFrame(done)
    function done(): void {
      clearTimeout(late)
      cancelAnimationFrame(drawn)
      resolve()
    }
  })
}
