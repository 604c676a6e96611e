/** What a person says, on its way: stands there at once, is confirmed in place, or can be sent again. */

import { Outbox } from '../lib/outbox'
import { refused, type ChatMessage, type Member, type Reply } from '../lib/wire'
import type { Connection } from './connection'
import { copyText } from './invite'
import type { MessageLog } from './message-log'
import { pendingView, showFailed, showPending } from './message-view'

/** Without an answer for this long the connection is given up; the message is sent again on the next one. */
export const ANSWER_MS = 10_000

export class Sending {
  private readonly outbox = new Outbox(() => crypto.getRandomValues(new Uint32Array(4)).join('-'))
  private connection: Connection | undefined

  constructor(
    private readonly room: string,
    private readonly me: Member,
    private readonly log: MessageLog,
    private readonly live: () => boolean,
    private readonly stored: (message: ChatMessage) => void,
  ) {}

  over(connection: Connection): void {
    this.connection = connection
  }

  say(text: string): void {
    const entry = this.outbox.add(text)
    this.log.add(pendingView(entry.id, text, this.me))
    this.flush()
  }

  /** Sends the next one, when the room hears us. */
  flush(): void {
    const connection = this.live() ? this.connection : undefined
    const entry = connection && this.outbox.take()
    if (!entry) return
    const command = { room: this.room, chat: entry.text, clientMessageId: entry.id }
    connection.socket.timeout(ANSWER_MS).emit('chat', command, (error: Error | null, reply: Reply<ChatMessage>) => {
      if (error) {
        if (this.outbox.find(entry.id)?.state === 'sending') connection.renew()
      } else if (refused(reply)) {
        this.failed(entry.id, reply.error.detail)
      } else {
        this.stored(reply)
      }
    })
  }

  /** A message was heard: the item that becomes it, if it was one of these. */
  arrived(message: ChatMessage): HTMLElement | undefined {
    const id = message.member === this.me.id ? message.clientMessageId : undefined
    return (id && this.outbox.remove(id) ? this.log.find(id) : undefined) ?? undefined
  }

  interrupted(): void {
    this.outbox.interrupted()
  }

  get unsent(): string[] {
    return this.outbox.entries.map((entry) => entry.text)
  }

  /** `retry`, `copy` or `remove` a failed one. */
  act(item: HTMLElement, id: string, what: string): void {
    if (what === 'copy') {
      void copyText(this.outbox.find(id)?.text ?? '', 'room.copied')
    } else if (what === 'retry' && this.outbox.retry(id)) {
      showPending(item)
      this.flush()
    } else if (what === 'remove') {
      this.outbox.remove(id)
      this.log.drop(item)
    }
  }

  private failed(id: string, reason: string): void {
    this.outbox.fail(id, reason)
    const item = this.log.find(id)
    if (item) showFailed(item, reason)
    this.flush()
  }
}
