/** A field in which Enter ends the writing, and Shift and Enter break the line: also in the middle of a Hangul syllable. */

import { EnterKey } from '../lib/enter-key'

export function onEnter(field: HTMLElement, done: () => void): void {
  const enter = new EnterKey(false)
  field.addEventListener('compositionstart', (event) => enter.compose(event.data))
  field.addEventListener('compositionupdate', (event) => enter.compose(event.data))
  field.addEventListener('compositionend', (event) => {
    // The field has the whole syllable only after this event.
    if (enter.composeEnd(event.data)) setTimeout(done)
  })
  field.addEventListener('keydown', (event) => {
    const answer = enter.keydown(event)
    if (answer !== 'default') event.preventDefault()
    if (answer === 'send') done()
  })
  field.addEventListener('keyup', (event) => enter.keyup(event))
  field.addEventListener('blur', () => enter.release())
}
