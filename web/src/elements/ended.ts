/** The room is gone: the page says so in place, and keeps what its reader had not sent. */

import { get, template } from './dom'
import { texts } from './page'

export function showEnded(unsent: string): void {
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  const page = document.importNode(template('ended').content, true)
  const main = get(page, 'main')
  if (unsent) {
    const draft = get(page, '.draft')
    draft.hidden = false
    get<HTMLTextAreaElement>(draft, 'textarea').value = unsent
  }
  get(document, 'chat-room').replaceWith(page)
  document.body.className = 'page-plain'
  document.title = `${texts.text('ended.title')} · ${texts.text('name')}`
  main.focus()
}
