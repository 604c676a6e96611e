/** What a command that was written answers to its writer alone, below what was said. The rest is told to all as lines. */

import type { CommandAck } from '../lib/wire'
import type { Composer } from './composer'
import { clone, get, template } from './dom'
import type { MessageLog } from './message-log'

export class Answers {
  constructor(
    private readonly log: MessageLog,
    private readonly composer: Composer,
  ) {}

  show({ commands }: CommandAck): void {
    if (!commands) return
    const card = clone(template('answer'))
    get(card, 'dl').append(
      ...commands.flatMap(({ usage, text }) => {
        const term = document.createElement('dt')
        const means = document.createElement('dd')
        term.textContent = usage
        means.textContent = text
        return [term, means]
      }),
    )
    get(card, 'button').onclick = () => {
      card.remove()
      this.composer.focus()
    }
    this.log.answer(card)
  }
}
