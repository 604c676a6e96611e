/**
 * One stay in a room across broken connections: joins, resumes from a position, and holds back what is heard
 * between asking to join and the answer, so that nothing is applied to an old page.
 */

import type { Position } from './wire'

export type State = 'lost' | 'joining' | 'live' | 'ended'

/** Silence before a lost connection is shown. */
export const PATIENCE_MS = 5000
const MOST_HELD = 1000

export class Session<E> {
  state: State = 'lost'
  /** Counts joins, so that a late answer to an earlier one is not taken. */
  private attempt = 0
  private held: E[] = []
  private lostAt: number

  constructor(
    private position: Position,
    now: number,
  ) {
    this.lostAt = now
  }

  /** The connection stands: what to send with `join`. */
  join(): { attempt: number; since: Position } {
    this.state = 'joining'
    this.held = []
    this.attempt += 1
    return { attempt: this.attempt, since: { ...this.position } }
  }

  /** The answer came: what was heard meanwhile, to be applied after the snapshot; `undefined` for a stale answer. */
  joined(attempt: number, position: Position): E[] | undefined {
    if (attempt !== this.attempt || this.state !== 'joining') return undefined
    this.state = 'live'
    this.position = { ...position }
    const held = this.held
    this.held = []
    return held
  }

  /** Whether this event applies now. If not, it is kept for the answer to `join`, or is of no use. */
  hear(event: E): boolean {
    if (this.state === 'joining' && this.held.length < MOST_HELD) this.held.push(event)
    return this.state === 'live'
  }

  /** The page has everything up to here. */
  reached(seq: number): void {
    this.position.seq = Math.max(this.position.seq, seq)
  }

  lost(now: number): void {
    if (this.state === 'ended' || this.state === 'lost') return
    this.state = 'lost'
    this.lostAt = now
    this.held = []
  }

  end(): void {
    this.state = 'ended'
  }

  /** Whether the reader should be told that the connection is lost. */
  isOverdue(now: number): boolean {
    return this.state === 'lost' && now - this.lostAt >= PATIENCE_MS
  }
}

/** Milliseconds before the n-th try (from 0): soon, then slower, and not everybody at the same moment. */
export function retryDelay(n: number, chance: number): number {
  const base = Math.min(1000 * 1.7 ** n, 15_000)
  return Math.round(base * (0.75 + 0.5 * chance))
}
