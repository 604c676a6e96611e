/**
 * One stay in a room across broken connections: joins, resumes from a position, and holds back what is heard
 * between asking to join and the answer, so that nothing is applied to an old page.
 */

import type { Position as Told } from './wire'

/** `whispers`: of one's own mailbox, which is numbered apart from the room. */
type Position = Required<Told>

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
  /** How far the room is, as the server last said it. */
  private head: Position
  private position: Position

  /** `position`: what the page has. */
  constructor(position: Told, now: number) {
    this.lostAt = now
    this.position = { whispers: 0, ...position }
    this.head = { ...this.position }
  }

  /** What to send with `join`: `anew` asks for the newest page instead of what was missed. */
  join(anew = false): { attempt: number; since: Position | undefined } {
    this.state = 'joining'
    this.held = []
    this.attempt += 1
    return { attempt: this.attempt, since: anew ? undefined : { ...this.position } }
  }

  /**
   * The answer came: what was heard meanwhile, to be applied after the snapshot; `undefined` for a stale answer. A page
   * that resumes has what it is told it missed only when it has reached that; one that starts anew has the snapshot.
   */
  joined(attempt: number, snapshot: Told & { recovered: boolean }): E[] | undefined {
    if (!this.isJoining(attempt)) return undefined
    const { epoch, seq, whispers = 0, recovered } = snapshot
    this.state = 'live'
    this.head = { epoch, seq, whispers }
    this.position = { epoch, seq: recovered ? this.position.seq : seq, whispers: recovered ? this.position.whispers : whispers }
    const held = this.held
    this.held = []
    return held
  }

  /** Whether this join is the one whose answer is waited for. */
  isJoining(attempt: number): boolean {
    return this.state === 'joining' && attempt === this.attempt
  }

  /** Whether this event applies now. If not, it is kept for the answer to `join`, or is of no use. */
  hear(event: E): boolean {
    if (this.state === 'joining' && this.held.length < MOST_HELD) this.held.push(event)
    return this.state === 'live'
  }

  /** The page has everything up to here. */
  reached(seq: number, whispers = 0): void {
    this.position.seq = Math.max(this.position.seq, seq)
    this.position.whispers = Math.max(this.position.whispers, whispers)
  }

  /** The server says how far the room is; it does not say how many whispers there are. */
  told(head: Told): void {
    if (this.state === 'live') this.head = { ...this.head, epoch: head.epoch, seq: head.seq }
  }

  /** Whether the room is further than the page, or is another one. */
  get isBehind(): boolean {
    const { epoch, seq, whispers } = this.position
    return this.head.epoch !== epoch || this.head.seq > seq || this.head.whispers > whispers
  }

  lost(now: number): void {
    if (this.state === 'ended' || this.state === 'lost') return
    this.state = 'lost'
    this.lostAt = now
    this.held = []
  }

  /** The page slept: nobody has waited for the connection meanwhile. */
  woke(now: number): void {
    if (this.state === 'lost') this.lostAt = now
  }

  end(): void {
    this.state = 'ended'
  }

  /** Whether the reader should be told that the connection is lost. */
  isOverdue(now: number): boolean {
    return this.state === 'lost' && now - this.lostAt >= PATIENCE_MS
  }
}
