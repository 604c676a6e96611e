/** The name that the reader chose last, in whichever room: offered in the next one, never forced. */

import { Shelf } from '../lib/shelf'
import type { Present } from '../lib/wire'
import { outcome, type Commands } from './commands'
import { toast } from './dom'
import { texts } from './page'
import { offer } from './undo'

export const remembered = new Shelf('name', () => localStorage)

/** Once in each room and tab. */
export function offerName(room: string, current: string, commands: Commands): void {
  const asked = new Shelf(`name-asked:${room}`)
  const name = remembered.get()
  if (!name || name === current || asked.get()) return
  asked.put('yes')
  offer(texts.text('name.offer', { name }), texts.text('name.offer.take'), () => {
    void commands.send<{ me: Present }>('nick', { name }).then((reply) => {
      const { problem } = outcome(reply)
      toast(problem ? problem.detail || problem.title : texts.text('name.done', { name }))
    })
  })
}
