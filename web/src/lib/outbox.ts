/**
 * What a person has said and the server has not confirmed: sent one after the other, in order. The same
 * `clientMessageId` goes with every try, so a try that arrived although its answer was lost is not said twice.
 */

export type OutgoingState = 'waiting' | 'sending' | 'failed'

export interface Outgoing {
  readonly id: string
  readonly text: string
  state: OutgoingState
  /** Why it failed, as the server said it. */
  reason?: string
}

export class Outbox {
  private readonly list: Outgoing[] = []

  constructor(private readonly newId: () => string) {}

  get entries(): readonly Outgoing[] {
    return this.list
  }

  find(id: string): Outgoing | undefined {
    return this.list.find((entry) => entry.id === id)
  }

  add(text: string): Outgoing {
    const entry: Outgoing = { id: this.newId(), text, state: 'waiting' }
    this.list.push(entry)
    return entry
  }

  /** The next one to send, now marked as being sent; nothing while another is on its way. */
  take(): Outgoing | undefined {
    if (this.list.some((entry) => entry.state === 'sending')) return undefined
    const next = this.list.find((entry) => entry.state === 'waiting')
    if (next) next.state = 'sending'
    return next
  }

  /** It is stored, or its writer gave it up. Returns whether it was here. */
  remove(id: string): boolean {
    const at = this.list.findIndex((entry) => entry.id === id)
    if (at >= 0) this.list.splice(at, 1)
    return at >= 0
  }

  fail(id: string, reason?: string): void {
    const entry = this.find(id)
    if (!entry) return
    entry.state = 'failed'
    if (reason) entry.reason = reason
  }

  /** Sends it again: after all that wait already, with its own id. */
  retry(id: string): Outgoing | undefined {
    const entry = this.find(id)
    if (entry?.state !== 'failed') return undefined
    this.remove(id)
    entry.state = 'waiting'
    delete entry.reason
    this.list.push(entry)
    return entry
  }

  /** The connection broke: what was on its way waits again, in its old place. */
  interrupted(): void {
    for (const entry of this.list) if (entry.state === 'sending') entry.state = 'waiting'
  }
}
