/** To a message in the conversation: its older pages are loaded as needed, but not the whole history of a long room. */

import type { Told } from '../lib/wire'
import { get } from './dom'
import type { Older } from './older'

/** So many pages at most are loaded to reach a message. */
const MOST_PAGES = 8
/** Messages before and after one that is too far away. */
const BEFORE = 20
const AFTER = 10

export class Jump {
  constructor(
    private readonly room: HTMLElement,
    private readonly older: Older,
    private readonly view: (messages: readonly Told[]) => HTMLElement[],
  ) {}

  async to(seq: number): Promise<boolean> {
    for (let page = 0; page < MOST_PAGES && !this.find(seq); page += 1) if (!(await this.older.load())) break
    const item = this.find(seq)
    if (!item) return false
    // A dialog that closes gives the focus back, and would scroll.
    setTimeout(() => {
      item.scrollIntoView({ block: 'center' })
      item.tabIndex = -1
      item.focus({ preventScroll: true })
      item.classList.add('found')
      setTimeout(() => item.classList.remove('found'), 2000)
    }, 50)
    return true
  }

  async around(seq: number): Promise<HTMLElement[]> {
    const address = `/room/${this.room.dataset.room}/messages?before=${seq + AFTER + 1}&limit=${BEFORE + AFTER + 1}`
    const answer = await fetch(address).catch(() => undefined)
    if (!answer?.ok) return []
    return this.view((await answer.json()) as Told[])
  }

  private find(seq: number): HTMLElement | null {
    return get(this.room, 'message-log').querySelector<HTMLElement>(`.msg[data-seq="${seq}"]`)
  }
}
