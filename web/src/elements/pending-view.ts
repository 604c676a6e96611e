/** A message that is on its way, and what may become of it there. */

import type { Outgoing } from '../lib/outbox'
import type { Member } from '../lib/wire'
import { clone, get, strip, template } from './dom'
import { say, showQuote, showWhisper } from './message-parts'
import { date, person } from './message-view'

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

/** `final`: the same would be refused again. */
export function showFailed(item: HTMLElement, reason: string | undefined, final = false): void {
  item.classList.remove('pending', 'slow')
  item.classList.add('broken')
  strip(item, '.state, .upload, .cancel')
  const state = clone(template('failed'))
  if (reason) get(state, '.why').textContent += `: ${reason}`
  if (final) get(state, '[data-do=retry]').remove()
  if (!item.querySelector('.text')) get(state, '[data-do=copy]').remove()
  item.append(state)
}

/** Says that it is on its way, when that takes longer than one notices. */
export function showPending(item: HTMLElement): void {
  item.classList.remove('broken')
  item.classList.add('pending')
  strip(item, '.state')
  setTimeout(() => {
    if (!item.classList.contains('pending') || item.querySelector('.state, .upload')) return
    item.classList.add('slow')
    item.append(clone(template('pending')))
  }, NOTICED_MS)
}

export function pending(item: HTMLElement, id: string, at: Date): void {
  item.classList.add('pending')
  item.dataset.pending = id
  delete item.dataset.seq
  date(item, at.toISOString())
}
