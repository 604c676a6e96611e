/** What does not go just now, and the way to try it again. */

import { el, icon } from '../build'
import { texts } from '../page'
import { waiting, type Shell } from './shell'

/** Whether the reader wants to try again; not, when the dialog was closed. */
export function sorry(shell: Shell, why: string, label = texts.text('part.again')): Promise<boolean> {
  const retry = el('button', { type: 'button', class: 'plain' }, icon('retry'), label)
  const stage = waiting('warn', why)
  stage.role = 'alert'
  shell.show({ stage: [stage], buttons: [retry] })
  retry.focus()
  return new Promise((resolve) => {
    retry.onclick = () => resolve(true)
    shell.signal.addEventListener('abort', () => resolve(false))
  })
}
