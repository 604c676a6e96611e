/** What somebody does with the GIF of a message: keeps it, or offers it to the library. */

import { gifAt, type Picture } from '../../lib/picker/picture'
import type { ChatMessage } from '../../lib/wire'
import { get, toast } from '../dom'
import type { GifDeed } from '../gifs'
import { texts } from '../page'
import { wanted } from '../wanted'
import { isStarred, remember, star } from './keep'

export async function doDeed(deed: GifDeed, item: HTMLElement, room: string): Promise<void> {
  const picture = pictureIn(item)
  if (!picture) return
  if (deed === 'star') return toggleStar(picture)
  await wanted(() => import('./offer'), ({ openOffer }) => openOffer(picture, room, Number(item.dataset.seq)))
}

/** Says in the menu of a message whether its GIF is a favourite. */
export async function markStar(item: HTMLElement, button: HTMLElement): Promise<void> {
  const picture = pictureIn(item)
  const on = picture ? await isStarred(picture.gif).catch(() => false) : false
  button.setAttribute('aria-checked', String(on))
}

export function rememberMessage({ gif, width = 1, height = 1, color, flashes, alt }: ChatMessage): void {
  if (gif) void remember({ gif, width, height, ...(color && { color }), ...(flashes && { flashes }), ...(alt && { alt }) })
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
  const { alt, color, flashes } = frame.dataset
  if (!gif) return undefined
  const said = { ...(alt && { alt }), ...(color && { color }), ...(flashes !== undefined && { flashes: true as const }) }
  // The attributes: how large it stands there says nothing.
  return { gif, width: Number(image.getAttribute('width')) || 1, height: Number(image.getAttribute('height')) || 1, ...said }
}
