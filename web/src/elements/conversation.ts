/** Everything that is told about a room becomes a change of its log here: each thing once, and in order. */

import { reacted } from '../lib/reactions'
import { Timeline } from '../lib/timeline'
import { NOTICES, type ChatMessage, type Edit, type Notice, type Numbered, type Purge, type React, type Snapshot, type Told, type Whisper } from '../lib/wire'
import { names } from './page'
import { lineView } from './lines'
import type { MessageLog } from './message-log'
import { reactionsOf, requote, say, showEdited, showGone, showReactions } from './message-parts'
import { confirm, confirmWhisper, messageView, whisperView } from './message-view'

export interface Listeners {
  /** The item that waits to become this message. */
  waitingFor: (message: ChatMessage | Whisper) => HTMLElement | undefined
  /** Something took its place in the room. */
  happened: (told: Told) => void
}

const KINDS = new Set<unknown>(NOTICES)

export class Conversation {
  readonly timeline: Timeline<Numbered>
  private readonly whispers: Timeline<{ seq: number; whisper: Whisper }>

  /** `seq`, `whispers`: what the page has. */
  constructor(
    private readonly log: MessageLog,
    private readonly me: string,
    seq: number,
    whispers: number,
    private readonly on: Listeners,
  ) {
    this.timeline = new Timeline(log.first ?? seq + 1, seq)
    this.whispers = new Timeline(1, whispers)
  }

  get reached(): { seq: number; whispers: number } {
    return { seq: this.timeline.high, whispers: this.whispers.high }
  }

  get hasGap(): boolean {
    return this.timeline.hasGap || this.whispers.hasGap
  }

  take(told: Told): void {
    if (told.kind === 'whisper') this.takeWhisper(told)
    else if (Number.isSafeInteger(told.seq)) this.takeNumbered(told)
  }

  /** Too much was missed: the newest page replaces what stands here; what waits to be sent stays. */
  restart({ messages, seq, whispers }: Snapshot): void {
    this.timeline.reset(messages, seq)
    this.whispers.reset([], whispers)
    for (const one of messages) if (isChat(one) || one.kind === 'whisper') this.on.waitingFor(one)?.remove()
    this.log.reset(this.views(messages))
  }

  /** A page of history before `before`; false: the page has changed meanwhile. */
  older(page: readonly Told[], before: number): boolean {
    if (!this.timeline.older(page, before)) return false
    this.log.addOlder(this.views(page.filter((one) => one.kind !== 'whisper' || !this.log.hasWhisper(one.number))))
    return true
  }

  /** What stands in the log for them. */
  views(list: readonly Told[]): HTMLElement[] {
    return list.flatMap((one) => this.view(one) ?? [])
  }

  /** What stands in the log for it, if it is something that does. */
  private view(told: Told): HTMLElement | undefined {
    if (isNotice(told)) return lineView(told)
    if (isChat(told)) return messageView(told, this.me)
    return told.kind === 'whisper' ? whisperView(told, this.me) : undefined
  }

  private takeWhisper(whisper: Whisper): void {
    const { high } = this.whispers
    for (const ready of this.whispers.offer({ seq: whisper.number, whisper })) this.place(ready.whisper, confirmWhisper)
    if (whisper.number <= high) this.notTwice(whisper)
  }

  private takeNumbered(told: Numbered): void {
    const { high } = this.timeline
    for (const ready of this.timeline.offer(told)) this.apply(ready)
    if (told.seq <= high && isChat(told)) this.notTwice(told)
  }

  /** The answer to a further try of what the page has already: it would stand there twice. */
  private notTwice(message: ChatMessage | Whisper): void {
    const twice = this.on.waitingFor(message)
    if (twice) this.log.merge(twice)
  }

  private apply(told: Numbered): void {
    if (told.kind === 'edit') this.edit(told)
    else if (told.kind === 'remove') this.remove(told.target)
    else if (told.kind === 'react') this.react(told)
    else if (told.kind === 'purge') this.purge(told)
    else if (isChat(told)) return this.place(told, (item) => confirm(item, told, this.me))
    else if (isNotice(told)) this.log.add(lineView(told))
    this.on.happened(told)
  }

  private place<M extends ChatMessage | Whisper>(message: M, become: (item: HTMLElement, message: M) => void): void {
    const item = this.on.waitingFor(message)
    if (item) {
      become(item, message)
      this.log.settle(item)
    } else {
      const view = this.view(message)
      if (view) this.log.add(view)
    }
    this.on.happened(message)
  }

  private edit({ target, chat, alt, mentions }: Edit): void {
    const item = this.log.message(target)
    const there = item && !item.classList.contains('gone')
    if (chat === undefined) {
      if (there && alt !== undefined) this.log.describe(item, alt)
      return
    }
    if (there) {
      say(item, chat, mentions, this.me)
      showEdited(item)
    }
    this.quotes(target, chat)
  }

  private remove(target: number): void {
    const item = this.log.message(target)
    if (item) showGone(item)
    this.quotes(target, undefined)
  }

  /** Nothing stays of them that stood here before. */
  private purge({ members, seq }: Purge): void {
    for (const member of members) {
      const id = CSS.escape(member)
      this.log.clear(`[data-member="${id}"]`, seq)
      for (const quote of this.log.querySelectorAll<HTMLElement>(`[data-of="${id}"]`)) {
        if (Number(quote.dataset.quote) < seq) requote(quote, undefined)
      }
    }
  }

  /** What quotes this message shows it as it is now. */
  private quotes(target: number, chat: string | undefined): void {
    for (const quote of this.log.querySelectorAll<HTMLElement>(`[data-quote="${target}"]`)) requote(quote, chat)
  }

  private react(change: React): void {
    names.learn(change.member, change.name)
    const item = this.log.message(change.target)
    if (!item || item.classList.contains('gone')) return
    showReactions(item, reacted(reactionsOf(item), change, change.member === this.me))
  }
}

export function isChat(told: Told): told is ChatMessage {
  return told.kind === undefined
}

export function isNotice(told: Told): told is Notice {
  return KINDS.has(told.kind)
}
