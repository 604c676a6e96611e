/** Older messages, a page at a time, when the reader comes near the top. */

import type { Told } from '../lib/wire'
import type { Conversation } from './conversation'
import { get } from './dom'
import type { MessageLog } from './message-log'

const PAGE = 50

export class Older {
  private loading = false

  constructor(
    private readonly room: HTMLElement,
    log: MessageLog,
    private readonly talk: Conversation,
  ) {
    log.onolder = () => void this.load()
    log.ontrim = (low) => {
      talk.timeline.forget(low)
      this.show(true)
    }
  }

  /** Returns whether there is more on the page now. */
  async load(): Promise<boolean> {
    const button = get(this.room, '.older')
    if (this.loading || button.hidden) return false
    this.loading = true
    try {
      const before = this.talk.timeline.oldest
      const answer = await fetch(`/room/${this.room.dataset.room}/messages?before=${before}&limit=${PAGE}`)
      if (!answer.ok) return false
      const page = (await answer.json()) as Told[]
      // What comes too late says nothing about the page as it is now: the button stays as it is.
      if (!this.talk.older(page, before)) return false
      const { oldest } = this.talk.timeline
      this.show(oldest > 1 && oldest < before)
      return true
    } catch {
      // The next scroll or the button tries again.
      return false
    } finally {
      this.loading = false
    }
  }

  /** The page starts anew with what the timeline has. */
  restart(): void {
    this.show(this.talk.timeline.oldest > 1)
  }

  /** Whether there is more. */
  private show(more: boolean): void {
    get(this.room, '.older').hidden = !more
  }
}
