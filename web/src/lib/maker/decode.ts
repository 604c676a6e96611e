/** Pictures of an animation, by the browser's own decoder (WebCodecs). */

import { played, type Pictures } from './animation'

/** What the types of the DOM do not know yet everywhere. */
interface Track {
  frameCount: number
  animated: boolean
}

export async function decode(file: Blob): Promise<Pictures> {
  const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type: file.type || 'image/gif' })
  await Promise.all([decoder.completed, decoder.tracks.ready])
  const track = decoder.tracks.selectedTrack as Track | null
  if (!track) throw new Error('It is not a picture.')
  const pictureAt = async (frameIndex: number) => (await decoder.decode({ frameIndex })).image
  // Firefox gives the same picture again: who closes it has none for the next time.
  const twice = [await pictureAt(0), await pictureAt(0)]
  const keeps = twice[0] === twice[1]
  if (!keeps) twice.forEach((image) => image.close())
  const delays: number[] = []
  let width = 0
  let height = 0
  for (let frameIndex = 0; frameIndex < track.frameCount; frameIndex += 1) {
    const image = await pictureAt(frameIndex)
    delays.push(played(Math.round((image.duration ?? 0) / 1000), track.frameCount))
    width = image.displayWidth
    height = image.displayHeight
    if (!keeps) image.close()
  }
  return {
    width,
    height,
    delays,
    get: async (frameIndex) => {
      const image = await pictureAt(frameIndex)
      return keeps ? image.clone() : image
    },
    close: () => decoder.close(),
  }
}
