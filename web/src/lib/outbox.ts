/**
 * What a person has said and the server has not confirmed: sent one after the other, in order. The same
 * `clientMessageId` goes with every try, also after a reload, so a try that arrived although its answer was lost is not
 * said twice.
 *
 * A refusal that may pass (a full disk, too fast, a server that is ending) fails nobody at once: the message is tried
 * again, and those behind it wait, so that the order stays. Only who would have to wait longer than `PATIENCE_MS` is told
 * and asked. While the connection is away everything waits for as long as that lasts: the page says so already.
 */

import { retryDelay } from './retries'
import type { Member, Quote } from './wire'

export type OutgoingState = 'waiting' | 'sending' | 'failed'

/** What a text goes with. */
export interface Aim {
  /** The message it answers. */
  readonly reply?: Quote
  /** The only one who is to read it. */
  readonly to?: Member
}

export interface Outgoing extends Aim {
  readonly id: string
  readonly text: string
  /** When it was written (`Date.now()`). */
  readonly at: number
  state: OutgoingState
  /** Why it failed, as the server said it. */
  reason?: string
}

/** Texts that wait or failed. */
export const MOST_ENTRIES = 100
/** All their texts together, in UTF-16 units: well within what a browser keeps for a tab. */
export const MOST_LENGTH = 100_000
/** As long as this a message waits for a server that hears us and refuses. */
export const PATIENCE_MS = 30_000
const LONGEST_PAUSE_MS = 8000

interface Queued extends Outgoing {
  /** Its patience counts from here. */
  ready: number
}

export class Outbox {
  private list: Queued[] = []
  /** Refusals in a row, and when the first was. */
  private refusals = 0
  private refusedSince = 0
  private heldUntil = 0
  /** Why, as the server said it. */
  private heldFor = ''

  /** `keep` gets the entries after every change that a reload should know of. */
  constructor(
    private readonly newId: () => string,
    private readonly keep: (entries: readonly Outgoing[]) => void = () => {},
  ) {}

  get entries(): readonly Outgoing[] {
    return this.list
  }

  find(id: string): Outgoing | undefined {
    return this.list.find((entry) => entry.id === id)
  }

  /** `undefined`: too much waits already. It has failed when the server said that it would have to wait too long. */
  add(text: string, now: number, aim: Aim = {}): Outgoing | undefined {
    const length = this.list.reduce((sum, entry) => sum + entry.text.length, text.length)
    if (this.list.length >= MOST_ENTRIES || length > MOST_LENGTH) return undefined
    const entry: Queued = { ...aim, id: this.newId(), text, at: now, ready: now, state: 'waiting' }
    this.list.push(entry)
    if (this.pause(now) > PATIENCE_MS) this.fail(entry.id, this.heldFor)
    else this.keep(this.list)
    return entry
  }

  /** What an earlier page of this tab left, without what is stored by now. Comes before all that is said here. */
  restore(entries: readonly Outgoing[], isStored: (id: string) => boolean, now: number): readonly Outgoing[] {
    const left = entries.filter((entry) => !isStored(entry.id)).map((entry) => ({ ...entry, ready: now }))
    this.list.unshift(...left)
    this.keep(this.list)
    return left
  }

  /** The next one to send, now marked as being sent; nothing while another is on its way or must wait. */
  take(now: number): Outgoing | undefined {
    if (now < this.heldUntil || this.list.some((entry) => entry.state === 'sending')) return undefined
    const next = this.list.find((entry) => entry.state === 'waiting')
    if (next) next.state = 'sending'
    return next
  }

  /** It is stored. Returns whether it was here. */
  stored(id: string): boolean {
    this.heard()
    return this.remove(id)
  }

  /** Its writer gave it up. */
  remove(id: string): boolean {
    const at = this.list.findIndex((entry) => entry.id === id)
    if (at < 0) return false
    this.list.splice(at, 1)
    this.keep(this.list)
    return true
  }

  /** Refused for good. */
  fail(id: string, reason?: string): void {
    const entry = this.find(id)
    if (!entry) return
    entry.state = 'failed'
    if (reason) entry.reason = reason
    this.keep(this.list)
  }

  /**
   * Refused for now. It waits in its old place, those behind it too: until `retryAfter` (seconds) is over, else ever
   * longer. Returns those whose patience would not last until then; they have failed.
   */
  putOff(id: string, reason: string, retryAfter: number | undefined, now: number, chance: number): readonly Outgoing[] {
    const entry = this.find(id)
    if (entry) entry.state = 'waiting'
    if (this.refusals === 0) this.refusedSince = now
    // Not everybody who was refused at the same moment comes back at the same moment.
    const told = retryAfter === undefined ? undefined : 1000 * (retryAfter + chance)
    this.heldUntil = now + Math.ceil(told ?? Math.min(retryDelay(this.refusals, chance), LONGEST_PAUSE_MS))
    this.heldFor = reason
    this.refusals += 1
    const waits = ({ ready }: Queued) => this.heldUntil - Math.max(ready, this.refusedSince)
    const over = this.list.filter((one) => one.state === 'waiting' && waits(one) > PATIENCE_MS)
    for (const one of over) this.fail(one.id, reason)
    return over
  }

  /** Milliseconds until the next one may go. */
  pause(now: number): number {
    return Math.max(0, this.heldUntil - now)
  }

  /** Sends it again: after all that wait already, with its own id. Whoever asks for it does not wait for a pause. */
  retry(id: string, now: number): Outgoing | undefined {
    const entry = this.list.find((one) => one.id === id)
    if (entry?.state !== 'failed') return undefined
    this.list = [...this.list.filter((one) => one !== entry), entry]
    entry.state = 'waiting'
    entry.ready = now
    this.heldUntil = 0
    delete entry.reason
    this.keep(this.list)
    return entry
  }

  /** The connection broke: what was on its way waits again, in its old place; a new connection is a new chance. */
  interrupted(): void {
    this.heard()
    for (const entry of this.list) if (entry.state === 'sending') entry.state = 'waiting'
  }

  private heard(): void {
    this.refusals = 0
    this.heldUntil = 0
  }
}
