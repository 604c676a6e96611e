/** What a person says, on its way: stands there at once, is confirmed in place, or can be sent again. */

import { Outbox, type Outgoing } from '../lib/outbox'
import { Shelf } from '../lib/shelf'
import { pack, unpack } from '../lib/unsent'
import { isTemporary, refused, type ChatMessage, type Member, type Problem, type Reply } from '../lib/wire'
import type { Connection } from './connection'
import { copyText } from './invite'
import type { MessageLog } from './message-log'
import { pendingView, showFailed, showPending } from './message-view'

/** Without an answer for this long the connection is given up; the message is sent again on the next one. */
export const ANSWER_MS = 10_000

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
    private readonly live: () => boolean,
    private readonly stored: (message: ChatMessage) => void,
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
  say(text: string): boolean {
    const entry = this.outbox.add(text, Date.now())
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
    const connection = this.live() ? this.connection : undefined
    const entry = connection && this.outbox.take(Date.now())
    if (!entry) return
    const command = { room: this.room, chat: entry.text, clientMessageId: entry.id }
    connection.socket.timeout(ANSWER_MS).emit('chat', command, (error: Error | null, reply: Reply<ChatMessage>) => {
      if (error) {
        if (this.outbox.find(entry.id)?.state === 'sending') connection.renew()
      } else if (refused(reply)) {
        this.refused(entry.id, reply.error)
      } else {
        // The event may bring it later still; what comes next need not wait for that.
        this.outbox.stored(entry.id)
        this.stored(reply)
        this.flush()
      }
    })
  }

  /** A message was heard: the item that becomes it, if it was one of these. */
  arrived(message: ChatMessage): HTMLElement | undefined {
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

  private show(entry: Outgoing): void {
    const item = pendingView(entry.id, entry.text, this.me, new Date(entry.at))
    if (entry.state === 'failed') showFailed(item, entry.reason)
    this.shown.add(entry.id)
    this.log.add(item)
  }

  private refused(id: string, problem: Problem): void {
    let failed = [id]
    if (isTemporary(problem)) {
      const over = this.outbox.putOff(id, problem.detail, problem.retryAfter, Date.now(), Math.random())
      failed = over.map((entry) => entry.id)
    } else this.outbox.fail(id, problem.detail)
    for (const one of failed) {
      const item = this.log.find(one)
      if (item) showFailed(item, problem.detail)
    }
    this.flush()
  }
}
