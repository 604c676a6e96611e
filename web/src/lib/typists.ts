/** Who is writing right now. That may get lost on its way, so it holds for a moment only. */

import type { Typing } from './wire'

export const SHOWN_MS = 5000
/** How often a page says that its reader writes. */
export const SAID_MS = 3000
/** More are only counted by nobody. */
const MOST = 50

type Typist = Pick<Typing, 'member' | 'name' | 'user'>

export class Typists {
  private readonly list = new Map<string, { who: Typist; until: number }>()

  heard(who: Typist, now: number): void {
    if (this.list.size >= MOST && !this.list.has(who.member)) return
    this.list.set(who.member, { who, until: now + SHOWN_MS })
  }

  /** They said it, or left. */
  done(member: string): void {
    this.list.delete(member)
  }

  at(now: number): Typist[] {
    for (const [member, { until }] of this.list) if (until <= now) this.list.delete(member)
    return [...this.list.values()].map(({ who }) => who)
  }
}
