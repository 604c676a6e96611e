/** A picture that is on its way: its own preview, how much of it has gone, and the way back. */

import '../styles/lazy/gif.css'
import type { Member, Quote } from '../lib/wire'
import { clone, get, template } from './dom'
import { showAlt, showQuote } from './message-parts'
import { person, size } from './message-view'
import { pending } from './pending-view'

export interface Preview {
  address: string
  /** It is the file itself, and not a still of it. */
  moves: boolean
  width: number
  height: number
}

export function uploadView(id: string, preview: Preview, alt: string, me: Member, reply: Quote | undefined): HTMLElement {
  const item = clone(template('message-gif'))
  person(item, me, me.id)
  pending(item, id, new Date())
  get<HTMLImageElement>(item, 'img.picture').src = preview.address
  showAlt(item, alt)
  size(item, preview.width, preview.height)
  if (reply) showQuote(item, reply)
  showUpload(item)
  return item
}

/** Nothing has gone yet. */
export function showUpload(item: HTMLElement): void {
  get(item, '.frame').append(document.importNode(template('upload').content, true))
}

/** 0 to 1 */
export function showProgress(item: HTMLElement, part: number): void {
  const percent = Math.round(part * 100)
  const bar = item.querySelector<HTMLElement>('.upload')
  if (!bar) return
  bar.setAttribute('aria-valuenow', String(percent))
  get(bar, '.leader').style.setProperty('--part', String(part))
  get(bar, 'b').textContent = String(percent)
}
