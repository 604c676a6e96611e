/** What a person says, on its way: stands there at once, is confirmed in place, or can be sent again. */

import { Outbox, type Aim, type Outgoing } from '../lib/outbox'
import { Shelf } from '../lib/shelf'
import { isCommand, isWhisper } from '../lib/slash'
import { pack, unpack } from '../lib/unsent'
import {
  isTemporary,
  refused,
  type ChatMessage,
  type CommandAck,
  type Member,
  type Problem,
  type Reply,
  type Whisper,
  type WhisperAck,
} from '../lib/wire'
import type { Connection } from './connection'
import { copyText } from './invite'
import type { MessageLog } from './message-log'
import { pendingView, showFailed, showPending } from './pending-view'

/** Without an answer for this long the connection is given up; the message is sent again on the next one. */
export const ANSWER_MS = 10_000

type Said = ChatMessage | WhisperAck | CommandAck

export interface SendingHandlers {
  live: () => boolean
  stored: (message: ChatMessage | Whisper) => void
  /** A text was a command, and this came of it. */
  answered: (answer: CommandAck) => void
  /** A whisper waits for somebody who is away for a moment. */
  waits: (whisper: Whisper) => void
  heldBack: (problem: Problem) => void
  /** A command, which stands nowhere in the log, was refused for good. */
  refused: (text: string, problem: Problem) => void
}

export class Sending {
  private readonly shelf: Shelf
  private readonly outbox: Outbox
  /** Whose items stand in the list and have not become the stored ones. */
  private readonly shown = new Set<string>()
  private connection: Connection | undefined
  private timer = 0

  constructor(
    private readonly room: string,
    private readonly me: Member,
    private readonly log: MessageLog,
    private readonly on: SendingHandlers,
  ) {
    this.shelf = new Shelf(`unsent:${room}`)
    this.outbox = new Outbox(
      () => crypto.getRandomValues(new Uint32Array(4)).join('-'),
      (entries) => this.shelf.put(pack(me.id, entries)),
    )
    const history = new Set(log.items().map((item) => item.dataset.client))
    const left = this.outbox.restore(unpack(this.shelf.get(), me.id), (id) => history.has(id), Date.now())
    for (const entry of left) this.show(entry)
  }

  over(connection: Connection): void {
    this.connection = connection
  }

  /** Returns whether there was room for it. */
  say(text: string, aim: Aim): boolean {
    const entry = this.outbox.add(text, Date.now(), aim)
    if (!entry) return false
    this.show(entry)
    this.flush()
    return true
  }

  /** Sends the next one, when the room hears us: now, or when a pause is over. */
  flush(): void {
    clearTimeout(this.timer)
    const pause = this.outbox.pause(Date.now())
    if (pause > 0) this.timer = window.setTimeout(() => this.flush(), pause)
    const connection = this.on.live() ? this.connection : undefined
    const entry = connection && this.outbox.take(Date.now())
    if (!entry) return
    const aim = entry.to ? { to: entry.to.id } : { reply: entry.reply?.seq }
    const command = { room: this.room, chat: entry.text, clientMessageId: entry.id, ...aim }
    const name = entry.to ? 'whisper' : 'chat'
    connection.socket.timeout(ANSWER_MS).emit(name, command, (error: Error | null, reply: Reply<Said>) => {
      if (error) {
        if (this.outbox.find(entry.id)?.state === 'sending') connection.renew()
      } else if (refused(reply)) {
        this.refused(entry.id, reply.error)
      } else {
        // The event may bring it later still; what comes next need not wait for that.
        this.outbox.stored(entry.id)
        this.said(entry.id, reply)
        this.flush()
      }
    })
  }

  private said(id: string, reply: Said): void {
    if ('_id' in reply) return this.on.stored(reply)
    if (reply.whisper) {
      this.on.stored(reply.whisper)
      if (reply.there === false) this.on.waits(reply.whisper)
    } else if ('command' in reply) {
      if (this.shown.delete(id)) this.log.find(id)?.remove()
      this.on.answered(reply)
    }
  }

  /** A message was heard: the item that becomes it, if it was one of these. */
  arrived(message: ChatMessage | Whisper): HTMLElement | undefined {
    const id = message.member === this.me.id ? message.clientMessageId : undefined
    if (!id || !this.shown.delete(id)) return undefined
    this.outbox.stored(id)
    return this.log.find(id) ?? undefined
  }

  /** The page starts anew: what is stored, and will not come any more, leaves it. */
  tidy(): void {
    for (const id of this.shown) {
      if (this.outbox.find(id)) continue
      this.shown.delete(id)
      this.log.find(id)?.remove()
    }
  }

  interrupted(): void {
    this.outbox.interrupted()
  }

  /** The room is gone: what was not sent to it. */
  end(): string[] {
    this.shelf.put('')
    return this.outbox.entries.map((entry) => entry.text)
  }

  /** `retry`, `copy` or `remove` a failed one. */
  act(item: HTMLElement, id: string, what: string): void {
    if (what === 'copy') {
      void copyText(this.outbox.find(id)?.text ?? '', 'room.copied')
    } else if (what === 'retry' && this.outbox.retry(id, Date.now())) {
      showPending(item)
      this.flush()
    } else if (what === 'remove') {
      this.outbox.remove(id)
      this.shown.delete(id)
      this.log.drop(item)
    }
  }

  /** A command is not said to anybody, so it stands nowhere; but one that whispers. */
  private show(entry: Outgoing): void {
    if (!entry.to && isCommand(entry.text) && !isWhisper(entry.text)) return
    const item = pendingView(entry, this.me)
    if (entry.state === 'failed') showFailed(item, entry.reason)
    this.shown.add(entry.id)
    this.log.add(item)
  }

  private refused(id: string, problem: Problem): void {
    this.on.heldBack(problem)
    let failed = [id]
    if (isTemporary(problem)) {
      const over = this.outbox.putOff(id, problem.detail, problem.retryAfter, Date.now(), Math.random())
      failed = over.map((entry) => entry.id)
    } else this.outbox.fail(id, problem.detail)
    for (const one of failed) {
      const item = this.log.find(one)
      const text = this.outbox.find(one)?.text ?? ''
      if (item) showFailed(item, problem.detail)
      else if (this.outbox.remove(one)) this.on.refused(text, problem)
    }
    this.flush()
  }
}
