/**
 * Which messages the page has, by `seq`. A room numbers all that happens in it from 1 without gaps, and it may reach the
 * page by two ways (the event for all, the answer to the sender), so each is taken once and in order.
 */

/** Messages that came too early wait; more than this many mean that something was lost. */
export const MOST_EARLY = 200

/** Same person within this time: one group. The server has the same rule (`views/message.rs`). */
export const GROUP_MS = 3 * 60 * 1000

export interface Numbered {
  seq: number
}

/** Lists hold whispers, too, which have no `seq`. */
type MaybeNumbered = Numbered | object

export class Timeline<M extends Numbered> {
  private early = new Map<number, M>()
  /** The highest that was offered, also if it was not kept. */
  private newest = 0

  /** `low..=high` are on the page; `high` is the position to resume from. */
  constructor(
    private low: number,
    public high: number,
  ) {}

  get oldest(): number {
    return this.low
  }

  /** Takes a message; returns those that can be shown now, in order. Known ones are dropped. */
  offer(message: M): M[] {
    if (message.seq <= this.high) return []
    this.newest = Math.max(this.newest, message.seq)
    // The one that all others wait for is taken however many they are.
    if (message.seq === this.high + 1 || this.early.size < MOST_EARLY) this.early.set(message.seq, message)
    const ready: M[] = []
    for (;;) {
      const next = this.early.get(this.high + 1)
      if (!next) return ready
      this.early.delete(next.seq)
      this.high = next.seq
      ready.push(next)
    }
  }

  /** A message between is missing: only joining again helps. */
  get hasGap(): boolean {
    return this.newest > this.high
  }

  /**
   * A page of history before `before`, oldest first. It is taken only when the page still begins there: it may have
   * started anew, or have been cut, while this was on its way. Numbers may be missing in it: those of what changed
   * other messages. Returns whether it was taken.
   */
  older(page: readonly MaybeNumbered[], before: number): boolean {
    if (before !== this.low) return false
    this.low = first(page) ?? this.low
    return true
  }

  /** The page starts anew: these are all it has. */
  reset(messages: readonly MaybeNumbered[], seq: number): void {
    this.early.clear()
    this.newest = seq
    this.high = seq
    this.low = first(messages) ?? seq + 1
  }

  /** Everything below `low` left the page again, to keep it short. */
  forget(low: number): void {
    this.low = Math.max(this.low, low)
  }
}

/** Whispers among them have no number. */
function first(page: readonly MaybeNumbered[]): number | undefined {
  for (const one of page) if ('seq' in one) return (one as Numbered).seq
  return undefined
}

/** Whether the second message continues the first one's group. */
export function continues(first: { member: string; at: number }, second: { member: string; at: number }): boolean {
  return first.member === second.member && second.at - first.at < GROUP_MS
}
