/** What a message's looks take from its neighbours: one rail and one header per group, the day above its first. */

import { continues } from '../lib/timeline'
import { get } from './dom'
import { texts } from './page'

export function regroup(before: HTMLElement | undefined, item: HTMLElement): void {
  const adjacent = before?.nextElementSibling === item || before?.parentElement !== item.parentElement
  const together = before !== undefined && adjacent && continues(said(before), said(item))
  item.classList.toggle('cont', together)
  before?.classList.toggle('followed', together)
  nameDay(before, item)
}

/** No day above a conversation that began today. */
export function nameDay(before: HTMLElement | undefined, item: HTMLElement): void {
  const line = get(item, '.day')
  const now = new Date(at(item))
  const then = before ? new Date(at(before)) : new Date()
  line.hidden = then.toDateString() === now.toDateString()
  line.textContent = line.hidden ? '' : texts.day(now)
}

function at(item: HTMLElement): number {
  return Date.parse(get<HTMLTimeElement>(item, 'time').dateTime)
}

/** A whisper is grouped with whispers to the same person only. */
function said(item: HTMLElement): { member: string; at: number } {
  const { member = '', to = '' } = item.dataset
  return { member: item.classList.contains('whisper') ? `${member} ${to}` : member, at: at(item) }
}
