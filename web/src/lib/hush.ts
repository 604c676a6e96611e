/** Until when, and why, the reader cannot say anything: what the line above the composer tells. */

import type { Problem } from './wire'

export type Why = 'muted' | 'slow-mode' | 'newcomer'

export class Hush {
  private readonly until = new Map<Why, number>()

  /** For so many seconds from now. A shorter time does not end a longer one. */
  hold(why: Why, seconds: number, now: number): void {
    this.until.set(why, Math.max(this.until.get(why) ?? 0, now + seconds * 1000))
  }

  lift(why: Why): void {
    this.until.delete(why)
  }

  /** A refusal that says how long. Returns whether it was one of these. */
  refused({ code, retryAfter }: Pick<Problem, 'code' | 'retryAfter'>, now: number): boolean {
    if (code !== 'muted' && code !== 'slow-mode' && code !== 'newcomer') return false
    this.hold(code, retryAfter ?? 1, now)
    return true
  }

  /** What lasts longest. */
  now(now: number): { why: Why; until: number } | undefined {
    let longest: { why: Why; until: number } | undefined
    for (const [why, until] of this.until) if (until > now && until > (longest?.until ?? 0)) longest = { why, until }
    return longest
  }
}
