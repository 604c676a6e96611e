/** Older messages, a page at a time, when the reader comes near the top. */

import type { Timeline } from '../lib/timeline'
import type { ChatMessage } from '../lib/wire'
import { get } from './dom'
import type { MessageLog } from './message-log'
import { messageView } from './message-view'

const PAGE = 50

export class Older {
  private loading = false

  constructor(
    private readonly room: HTMLElement,
    private readonly me: string,
    private readonly log: MessageLog,
    private readonly timeline: Timeline<ChatMessage>,
  ) {
    log.onolder = () => void this.load()
    log.ontrim = (low) => {
      timeline.forget(low)
      this.show(true)
    }
  }

  /** Returns whether there is more on the page now. */
  async load(): Promise<boolean> {
    const button = get(this.room, '.older')
    if (this.loading || button.hidden) return false
    this.loading = true
    try {
      const before = this.timeline.oldest
      const answer = await fetch(`/room/${this.room.dataset.room}/messages?before=${before}&limit=${PAGE}`)
      if (!answer.ok) return false
      const page = (await answer.json()) as ChatMessage[]
      // What comes too late says nothing about the page as it is now: the button stays as it is.
      if (!this.timeline.older(page, before)) return false
      this.log.addOlder(page.map((message) => messageView(message, this.me)))
      this.show((page[0]?.seq ?? 1) > 1)
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
    this.show(this.timeline.oldest > 1)
  }

  /** Whether there is more. */
  private show(more: boolean): void {
    get(this.room, '.older').hidden = !more
  }
}
