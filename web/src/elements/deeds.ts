/** What a reader does to a message. Refusals are told at the line they write in. */

import { refused, type Edit, type Problem, type ReactAck, type Remove, type Reply, type Told } from '../lib/wire'
import type { Composer } from './composer'
import { clone, get, template } from './dom'
import { GIF_DEED, type GifDeed } from './gifs'
import { copyText } from './invite'
import type { MessageLog } from './message-log'
import { colorOf, gifOf, quoteOf, reactionsOf, textOf } from './message-parts'
import { names } from './page'

export type Deed = 'reply' | 'react' | 'copy' | 'whisper' | 'edit' | 'describe' | 'caption' | 'hide' | 'person' | 'remove' | GifDeed

/** One's own message may be changed for so long. */
const WINDOW_MS = 15 * 60 * 1000
const UNDO_MS = 5000

type Command = <T extends object>(name: string, payload: object) => Promise<Reply<T>>

export class Deeds {
  private readonly doomed = new Map<HTMLElement, () => void>()

  constructor(
    private readonly room: HTMLElement,
    private readonly me: string,
    private readonly log: MessageLog,
    private readonly command: Command,
    private readonly composer: () => Composer,
    private readonly take: (told: Told) => void,
    private readonly hide: (member: string) => void,
    private readonly describe: (item: HTMLElement) => void,
  ) {
    // What was to be gone in a moment is gone now: nobody is left to take it back.
    addEventListener('pagehide', () => [...this.doomed.values()].forEach((now) => now()))
  }

  /** What this reader can do with it, now. */
  possible(item: HTMLElement): ReadonlySet<Deed> {
    const can = new Set<Deed>()
    const mine = item.dataset.member === this.me
    const whisper = item.classList.contains('whisper')
    if (item.dataset.pending || item.classList.contains('doomed')) return can
    if (!mine) can.add('whisper').add('hide').add('person')
    if (item.classList.contains('gone')) return can
    if (textOf(item)) can.add('copy')
    if (gifOf(item)) can.add('caption')
    if (whisper) return can
    if (item.querySelector('.frame.gif')) {
      can.add('star')
      if (this.room.dataset.offers !== undefined) can.add('offer')
    }
    const early = Date.now() - Date.parse(get<HTMLTimeElement>(item, 'time').dateTime) < WINDOW_MS
    can.add('reply').add('react')
    if (mine && early && textOf(item)) can.add('edit')
    if (mine && item.querySelector('[data-gif]')) can.add('describe')
    if ((mine && early) || this.room.dataset.owner === this.me) can.add('remove')
    return can
  }

  do(deed: Deed, item: HTMLElement): void {
    const { member = '' } = item.dataset
    const composer = this.composer()
    switch (deed) {
      case 'reply':
        return composer.reply(quoteOf(item))
      case 'copy':
        return void copyText(textOf(item), 'room.copied')
      case 'whisper':
        return composer.whisper({ id: member, name: names.of([member])[0] ?? '', color: colorOf(item) })
      case 'edit':
        return composer.correct(Number(item.dataset.seq), textOf(item))
      case 'describe':
        return this.describe(item)
      case 'caption':
        return void this.room.dispatchEvent(new CustomEvent('make-gif', { detail: { kind: 'caption', source: gifOf(item), flashes: get(item, '.frame').dataset.flashes !== undefined } }))
      case 'remove':
        return this.remove(item)
      case 'star':
      case 'offer':
        return void this.room.dispatchEvent(new CustomEvent(GIF_DEED, { detail: { deed, item } }))
      case 'hide':
        return this.hide(member)
      case 'person': {
        const anchor = get(item, '.frame')
        anchor.tabIndex = -1
        this.room.dispatchEvent(new CustomEvent('member-menu', { detail: { member, anchor } }))
      }
    }
  }

  /** Sets it, or takes it back. */
  react(item: HTMLElement, emoji: string): void {
    const mine = reactionsOf(item).some((one) => one.emoji === emoji && one.mine)
    void this.ask<ReactAck>('react', { target: Number(item.dataset.seq), emoji, on: !mine }).then((ack) => {
      if (ack && ack.seq !== null) this.take(ack)
    })
  }

  /** Returns whether it was taken. */
  async edit(target: number, chat: string): Promise<boolean> {
    const edited = await this.ask<Edit>('edit', { target, chat })
    if (edited) this.take(edited)
    return edited !== undefined
  }

  /** Words for a picture. Returns why they were refused, or nothing. */
  async alt(target: number, alt: string): Promise<string> {
    const reply = await this.command<Edit>('edit', { target, alt })
    if (refused(reply)) return reply.error.detail
    this.take(reply)
    return ''
  }

  /** The last thing the reader said, if it can be changed still. */
  editLast(): void {
    const last = this.log.items().findLast((item) => item.dataset.member === this.me && this.possible(item).has('edit'))
    if (last) this.do('edit', last)
  }

  /** It leaves the sight at once, and the room when nobody has taken it back. */
  private remove(item: HTMLElement): void {
    const line = clone(template('restore'))
    const frame = get(item, '.frame')
    item.classList.add('doomed')
    frame.append(line)
    const restore = () => {
      clearTimeout(timer)
      this.doomed.delete(item)
      item.classList.remove('doomed')
      line.remove()
    }
    const now = () => {
      clearTimeout(timer)
      if (!this.doomed.delete(item)) return
      get(line, 'button').remove()
      void this.ask<Remove>('remove', { target: Number(item.dataset.seq) }).then((removed) => {
        restore()
        if (removed) this.take(removed)
      })
    }
    // Not under the fingers of somebody who is about to press it.
    const due = (): void => (line.contains(document.activeElement) ? void (timer = window.setTimeout(due, UNDO_MS)) : now())
    let timer = window.setTimeout(due, UNDO_MS)
    this.doomed.set(item, now)
    get(line, 'button').onclick = () => {
      restore()
      item.focus({ preventScroll: true })
    }
  }

  private async ask<T extends object>(name: string, payload: object): Promise<T | undefined> {
    const reply = await this.command<T>(name, payload)
    if (!refused(reply)) return reply
    this.composer().complain(reply.error.detail)
    this.room.dispatchEvent(new CustomEvent<Problem>('held-back', { detail: reply.error }))
    return undefined
  }
}
