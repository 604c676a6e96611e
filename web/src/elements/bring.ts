/** What becomes of files that are brought to a room: pictures are sent, a GIF is cut from a video first. */

import { wanted } from './wanted'

/** Returns why they were refused, or nothing: they were taken over. */
type Send = (files: File[], alt?: string) => Promise<string>

/** What the event `make-gif` of a room asks for. */
export interface Wanted {
  kind: 'camera' | 'video' | 'caption'
  source?: File | string
  /** It flashes: nothing moves before it is asked to. */
  flashes?: boolean
}

export function bring(files: File[], send: Send, complain: (wrong: string) => void): void {
  const isVideo = ({ type }: File) => type.startsWith('video/')
  const source = files.find(isVideo)
  const pictures = files.filter((file) => !isVideo(file))
  if (pictures.length > 0) void send(pictures).then((wrong) => wrong && complain(wrong))
  if (source) void makeGif({ kind: 'video', source }, send)
}

/** The maker comes when it is asked for. */
export function makeGif({ kind, source, flashes = false }: Wanted, send: Send): Promise<void> {
  const keeps = source instanceof File ? source : undefined
  return wanted(() => import('./maker/open'), ({ openMaker }) => openMaker(kind, source, (file, alt) => send([file], alt), flashes), 'later', keeps)
}
