/**
 * A page that lacks something joins again: one join at a time, and ever less often while that brings nothing, so that
 * a server which never fills a gap is not stormed.
 */

/** What is only on its way in another order comes within this time. */
export const SETTLE_MS = 250
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** So many joins that brought nothing; then the newest page is asked for, which ends any gap. */
const FRUITLESS = 3

export interface Page {
  /** Everything up to here is on it. */
  have: () => number
  /** Whether it is live and lacks something. */
  lacks: () => boolean
  /** `anew`: take the newest page in place of what is missing. */
  join: (anew: boolean) => void
}

export class CatchUp {
  private timer: ReturnType<typeof setTimeout> | undefined
  private fruitless = 0
  private had = -1
  private notBefore = 0

  constructor(private readonly page: Page) {}

  /** To be called whenever something may be lacking. */
  look(now: number): void {
    if (this.timer !== undefined || !this.page.lacks()) return
    if (this.page.have() !== this.had) this.fruitless = 0
    const pause = this.fruitless === 0 ? 0 : this.notBefore - now
    this.timer = setTimeout(() => this.join(now + Math.max(SETTLE_MS, pause)), Math.max(SETTLE_MS, pause))
  }

  private join(now: number): void {
    this.timer = undefined
    if (!this.page.lacks()) return
    this.had = this.page.have()
    this.notBefore = now + Math.min(FIRST_PAUSE_MS * 2 ** this.fruitless, LONGEST_PAUSE_MS)
    this.fruitless += 1
    this.page.join(this.fruitless > FRUITLESS)
  }
}
