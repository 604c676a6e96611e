/** What somebody does with the GIF of a message: keeps it, or offers it to the library. */

import { gifAt, type Picture } from '../../lib/picker/picture'
import type { ChatMessage, Whisper } from '../../lib/wire'
import { get, toast } from '../dom'
import type { GifDeed } from '../gifs'
import { texts } from '../page'
import { isStarred, remember, star } from './keep'
import { words } from './words'

export async function doDeed(deed: GifDeed, item: HTMLElement, room: string): Promise<void> {
  const picture = pictureIn(item)
  if (!picture) return
  await words()
  if (deed === 'star') return toggleStar(picture)
  const { openOffer } = await import('./offer')
  openOffer(picture, room, Number(item.dataset.seq))
}

/** Says in the menu of a message whether its GIF is a favourite. */
export async function markStar(item: HTMLElement, button: HTMLElement): Promise<void> {
  const picture = pictureIn(item)
  const on = picture ? await isStarred(picture.gif).catch(() => false) : false
  button.setAttribute('aria-checked', String(on))
}

export function rememberMessage(message: ChatMessage | Whisper): void {
  if (!('gif' in message) || !message.gif) return
  const { gif, width = 1, height = 1 } = message
  const { color, flashes, alt } = message as { color?: string; flashes?: true; alt?: string }
  void remember({ gif, width, height, ...(color && { color }), ...(flashes && { flashes }), ...(alt && { alt }) })
}

async function toggleStar(picture: Picture): Promise<void> {
  const outcome = await star(picture, !(await isStarred(picture.gif).catch(() => false)))
  toast(texts.text(`picker.star.${outcome}`))
}

/** The GIF of a message as it stands in the conversation. */
function pictureIn(item: HTMLElement): Picture | undefined {
  const frame = item.querySelector<HTMLElement>('.frame.gif')
  const image = frame && get<HTMLImageElement>(frame, 'img')
  if (!frame || !image) return undefined
  const gif = gifAt(`/gif/${frame.dataset.gif ?? ''}`) ?? gifAt(image.src)
  const { alt, flashes } = frame.dataset
  return gif ? { gif, width: image.width || 1, height: image.height || 1, ...(alt && { alt }), ...(flashes !== undefined && { flashes: true as const }) } : undefined
}
