/** What becomes of files that are brought to a room: pictures are sent, a GIF is cut from a video first. */

type Send = (files: File[], alt?: string) => void

export function bring(files: File[], send: Send): void {
  const video = files.find(({ type }) => type.startsWith('video/'))
  const pictures = files.filter(({ type }) => !type.startsWith('video/'))
  if (pictures.length > 0) send(pictures)
  if (video) void makeGif('video', video, send)
}

/** The maker comes when it is asked for. */
export async function makeGif(kind: 'camera' | 'video' | 'caption', source: File | string | undefined, send: Send): Promise<void> {
  const { openMaker } = await import('./maker/open')
  await openMaker(kind, source, (file, alt) => send([file], alt))
}
