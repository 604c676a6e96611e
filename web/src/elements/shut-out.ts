/** The reader may not be in this room, or not now: the page says so in place, and keeps what they had not sent. */

import { span } from '../lib/remaining'
import { clock } from '../lib/texts'
import type { Problem } from '../lib/wire'
import { get, template } from './dom'
import { texts } from './page'

/** `retryAfter`: seconds until the way is free again, where that is known. */
export function showShutOut({ code, retryAfter }: Pick<Problem, 'code' | 'retryAfter'>, unsent: string, room: string): void {
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  const page = document.importNode(template('shut-out').content, true)
  const main = get(page, 'main')
  for (const picture of page.querySelectorAll<HTMLElement>('img[data-of]')) {
    if (!picture.dataset.of?.split(' ').includes(code)) picture.remove()
  }
  get(page, 'h1').textContent = texts.text(`shut.${code}.title`)
  get(page, '.why').textContent = until(code, retryAfter)
  const again = get(page, '.again')
  again.hidden = code === 'banned'
  again.setAttribute('href', `/room/${room}`)
  if (unsent) {
    const draft = get(page, '.draft')
    draft.hidden = false
    get<HTMLTextAreaElement>(draft, 'textarea').value = unsent
  }
  get(document, 'chat-room').replaceWith(page)
  document.body.className = 'page-plain'
  document.title = `${texts.text(`shut.${code}.title`)} · ${texts.text('name')}`
  main.focus()
}

function until(code: string, retryAfter: number | undefined): string {
  if ((code !== 'kicked' && code !== 'banned') || retryAfter === undefined) return texts.text(`shut.${code}.text`)
  const at = clock(new Date(Date.now() + retryAfter * 1000))
  return texts.text(`shut.${code}.until`, { time: span(texts, retryAfter), at })
}
