/** Fills copies of the page's message template. Text goes in as text only. */

import { shape } from '../lib/looks'
import { clock } from '../lib/texts'
import type { ChatMessage, Member, Whisper } from '../lib/wire'
import { clone, get, paint, strip, template } from './dom'
import { say, showAlt, showEdited, showGone, showQuote, showReactions, showWhisper, stem } from './message-parts'
import { names, texts } from './page'

/** A stored message as an item of the list. */
export function messageView(message: ChatMessage, me: string): HTMLElement {
  const item = clone(template(message.gif ? 'message-gif' : 'message-text'))
  person(item, { id: message.member, name: message.name, color: message.user }, me)
  stamp(item, message)
  if (message.gif) {
    get<HTMLImageElement>(item, 'img.picture').src = `${stem(message.gif)}.poster.webp`
    size(item, message.width ?? 1, message.height ?? 1)
  }
  fill(item, message, me)
  return item
}

/** Something said to the reader only, or by them to one other. */
export function whisperView(whisper: Whisper, me: string): HTMLElement {
  const item = clone(template('message-text'))
  person(item, { id: whisper.member, name: whisper.name, color: whisper.user }, me)
  confirmWhisper(item, whisper)
  return item
}

/** The item of a pending message becomes the stored one where it stands. */
export function confirm(item: HTMLElement, message: ChatMessage, me: string): void {
  stored(item)
  stamp(item, message)
  fill(item, message, me)
}

export function confirmWhisper(item: HTMLElement, whisper: Whisper): void {
  stored(item)
  showWhisper(item, item.classList.contains('mine') ? whisper.to : undefined)
  item.dataset.id = whisper._id
  delete item.dataset.seq
  item.dataset.after = String(whisper.after)
  item.dataset.number = String(whisper.number)
  date(item, whisper.createdAt)
  say(item, whisper.chat)
}

/** The reader's own time in place of the server's. */
export function localize(item: HTMLElement): void {
  const time = get<HTMLTimeElement>(item, 'time')
  const at = new Date(time.dateTime)
  if (!Number.isNaN(at.getTime())) time.textContent = clock(at)
}

export function person(item: HTMLElement, member: Member, me: string): void {
  const mine = member.id === me
  item.classList.add(mine ? 'mine' : 'other')
  item.dataset.member = member.id
  paint(item, member.color)
  names.learn(member.id, member.name)
  const name = get(item, '.name')
  name.textContent = mine ? texts.text('room.me') : member.name
  name.classList.toggle('vh', mine)
}

export function date(item: HTMLElement, createdAt: string): void {
  get<HTMLTimeElement>(item, 'time').dateTime = createdAt
  localize(item)
}

export function size(item: HTMLElement, width: number, height: number): void {
  const picture = get<HTMLImageElement>(item, 'img.picture')
  picture.width = width
  picture.height = height
  get(item, '.frame').classList.replace('wide', shape(width, height))
}

function stamp(item: HTMLElement, message: Pick<ChatMessage, '_id' | 'seq' | 'createdAt'>): void {
  item.dataset.id = message._id
  item.dataset.seq = String(message.seq)
  date(item, message.createdAt)
}

function stored(item: HTMLElement): void {
  item.classList.remove('pending', 'broken', 'slow')
  strip(item, '.state, .upload, .cancel')
  delete item.dataset.pending
}

function fill(item: HTMLElement, message: ChatMessage, me: string): void {
  if (message.removed) return showGone(item)
  if (message.reply) showQuote(item, message.reply)
  if (message.gif) showPicture(item, message)
  else say(item, message.chat ?? '', message.mentions, me)
  if (message.editedAt) showEdited(item)
  showReactions(item, message.reactions ?? [])
}

/** What `gif-frame.ts` plays, and what it looks like before. */
function showPicture(item: HTMLElement, { gif = '', duration = 0, color, flashes, alt = '' }: ChatMessage): void {
  const { dataset } = get(item, '.frame')
  Object.assign(dataset, { gif: stem(gif), duration: String(duration) }, color && { color }, flashes && { flashes: '' })
  showAlt(item, alt)
}
