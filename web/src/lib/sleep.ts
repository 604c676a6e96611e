/**
 * Notices that nobody was awake here: the page was hidden or frozen, or the whole machine slept. A timer tells while the
 * page is visible, so that a machine which sleeps with the page open is noticed too.
 */

/** So long away that the connection may be dead although it looks alive. */
export const ASLEEP_MS = 30_000

export class Sleep {
  constructor(private seen: number) {}

  /** The page is visible and running at this moment. Returns whether it was not, for long, before. */
  awake(now: number): boolean {
    const slept = now - this.seen >= ASLEEP_MS
    this.seen = now
    return slept
  }
}
