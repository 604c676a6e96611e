/** Fills copies of the page's message template. Text goes in as text only. */

import { pieces } from '../lib/links'
import { shape } from '../lib/looks'
import { clock } from '../lib/texts'
import type { ChatMessage, Member } from '../lib/wire'
import { clone, get, paint, template } from './dom'
import { texts } from './page'

const NOTICED_MS = 600

/** A stored message as an item of the list. */
export function messageView(message: ChatMessage, me: string): HTMLElement {
  const item = clone(template(message.gif ? 'message-gif' : 'message-text'))
  person(item, { id: message.member, name: message.name, color: message.user }, me)
  stamp(item, message)
  if (message.gif) {
    const picture = get<HTMLImageElement>(item, 'img')
    picture.src = `/gif/${message.gif}`
    size(item, message.width ?? 1, message.height ?? 1)
    picture.alt = texts.text('room.gif.of', { name: message.name })
  } else {
    say(get(item, '.text'), message.chat ?? '')
  }
  return item
}

/** A text that is on its way, written at a time. */
export function pendingView(id: string, text: string, me: Member, at: Date): HTMLElement {
  const item = clone(template('message-text'))
  person(item, me, me.id)
  pending(item, id, at)
  say(get(item, '.text'), text)
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

/** The item of a pending message becomes the stored one where it stands. */
export function confirm(item: HTMLElement, message: ChatMessage): void {
  item.classList.remove('pending', 'broken', 'slow')
  for (const part of item.querySelectorAll('.state, .upload, .cancel')) part.remove()
  delete item.dataset.pending
  stamp(item, message)
  if (message.gif) get<HTMLImageElement>(item, 'img').alt = texts.text('room.gif.of', { name: message.name })
  else say(get(item, '.text'), message.chat ?? '')
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

/** The reader's own time in place of the server's. */
export function localize(item: HTMLElement): void {
  const time = get<HTMLTimeElement>(item, 'time')
  const at = new Date(time.dateTime)
  if (!Number.isNaN(at.getTime())) time.textContent = clock(at)
}

function person(item: HTMLElement, member: Member, me: string): void {
  const mine = member.id === me
  item.classList.add(mine ? 'mine' : 'other')
  item.dataset.member = member.id
  paint(item, member.color)
  const name = get(item, '.name')
  name.textContent = mine ? texts.text('room.me') : member.name
  name.classList.toggle('vh', mine)
}

function stamp(item: HTMLElement, message: Pick<ChatMessage, '_id' | 'seq' | 'createdAt'>): void {
  item.dataset.id = message._id
  item.dataset.seq = String(message.seq)
  get<HTMLTimeElement>(item, 'time').dateTime = message.createdAt
  localize(item)
}

function pending(item: HTMLElement, id: string, at: Date): void {
  item.classList.add('pending')
  item.dataset.pending = id
  get<HTMLTimeElement>(item, 'time').dateTime = at.toISOString()
  localize(item)
}

function size(item: HTMLElement, width: number, height: number): void {
  const picture = get<HTMLImageElement>(item, 'img')
  picture.width = width
  picture.height = height
  get(item, '.frame').classList.replace('wide', shape(width, height))
}

function say(into: HTMLElement, text: string): void {
  into.replaceChildren(
    ...pieces(text).map((piece) => {
      if (!piece.link) return document.createTextNode(piece.text)
      const link = document.createElement('a')
      link.href = piece.text
      link.target = '_blank'
      link.rel = 'noopener noreferrer nofollow'
      link.textContent = piece.text
      return link
    }),
  )
}
