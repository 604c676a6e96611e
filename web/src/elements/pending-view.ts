/** A message that is on its way, and what may become of it there. */

import type { Outgoing } from '../lib/outbox'
import type { Member } from '../lib/wire'
import { clone, get, template } from './dom'
import { say, showQuote, showWhisper } from './message-parts'
import { date, person, size } from './message-view'
import { texts } from './page'

const NOTICED_MS = 600

/** A text that is on its way. */
export function pendingView(entry: Outgoing, me: Member): HTMLElement {
  const item = clone(template('message-text'))
  person(item, me, me.id)
  pending(item, entry.id, new Date(entry.at))
  if (entry.to) showWhisper(item, entry.to)
  if (entry.reply) showQuote(item, entry.reply)
  say(item, entry.text)
  showPending(item)
  return item
}

/** A picture that is on its way, with its progress. */
export function uploadView(id: string, preview: string, width: number, height: number, me: Member): HTMLElement {
  const item = clone(template('message-gif'))
  person(item, me, me.id)
  pending(item, id, new Date())
  const picture = get<HTMLImageElement>(item, 'img')
  picture.src = preview
  picture.alt = texts.text('room.gif')
  size(item, width, height)
  get(item, '.frame').append(document.importNode(template('upload').content, true))
  return item
}

export function showFailed(item: HTMLElement, reason: string | undefined): void {
  item.classList.remove('pending', 'slow')
  item.classList.add('broken')
  for (const part of item.querySelectorAll('.state, .upload, .cancel')) part.remove()
  const state = clone(template('failed'))
  if (reason) get(state, '.why').textContent += `: ${reason}`
  if (!item.querySelector('.text')) get(state, '[data-do=copy]').remove()
  item.append(state)
}

/** Says that it is on its way, when that takes longer than one notices. */
export function showPending(item: HTMLElement): void {
  item.classList.remove('broken')
  item.classList.add('pending')
  item.querySelector('.state')?.remove()
  setTimeout(() => {
    if (!item.classList.contains('pending') || item.querySelector('.state, .upload')) return
    item.classList.add('slow')
    item.append(clone(template('pending')))
  }, NOTICED_MS)
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

function pending(item: HTMLElement, id: string, at: Date): void {
  item.classList.add('pending')
  item.dataset.pending = id
  delete item.dataset.seq
  date(item, at.toISOString())
}
