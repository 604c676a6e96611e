/** Making a GIF: from the camera, from a video file, or with words on one that is there. */

import '../../styles/lazy/maker.css'
import { begin } from './begin'
import { Shell } from './shell'

export type Kind = 'camera' | 'video' | 'caption'
/** Gets the GIF, under the limit of the server, and what it shows: perhaps an empty text. Says why it does not take it, or nothing. */
export type Done = (file: File, alt: string) => Promise<string>

let open: Shell | undefined

/**
 * `source`: what it is made from, a file or the address of a GIF of this server; without, the reader is asked. `flashes`:
 * nothing moves before it is asked to.
 */
export async function openMaker(kind: Kind, source: File | string | undefined, done: Done, flashes = false): Promise<void> {
  open?.end()
  const shell = new Shell(kind)
  open = shell
  shell.signal.addEventListener('abort', () => (open = open === shell ? undefined : open))
  await begin(shell, kind, source, done, flashes)
}
