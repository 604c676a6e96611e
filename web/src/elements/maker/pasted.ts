/** A copied animation arrives as a still: says why, and offers what can be done. */

import '../../styles/lazy/maker.css'
import '../../styles/lazy/tools.css'
import { originalOf } from '../../lib/maker/original'
import { el, icon } from '../build'
import { texts } from '../page'
import { openTool } from '../tool'

/** `html`: what the clipboard has beside the still. */
export function explain(still: File[], html: string, take: (files: File[]) => void): void {
  const original = originalOf(html, location.origin)
  if (!original) return take(still)
  const sendStill = el('button', { type: 'button', class: 'plain' }, texts.text('maker.pasted.still'))
  const move = original.own
    ? el('button', { type: 'button', class: 'amber' }, icon('send'), texts.text('maker.pasted.moving'))
    : el('a', { class: 'amber', href: original.url, target: '_blank', rel: 'noopener noreferrer', 'aria-describedby': 'pasted-tab' }, icon('link'), texts.text('maker.pasted.open'))
  const dialog = openTool(
    'pasted',
    texts.text('maker.pasted.title'),
    el('p', { class: 'body' }, texts.text(original.own ? 'maker.pasted.own' : 'maker.pasted.text')),
    !original.own && el('p', { class: 'hint', id: 'pasted-tab' }, texts.text('maker.pasted.tab'), ': ', el('code', {}, new URL(original.url).host)),
    el('p', { class: 'choices' }, sendStill, move),
  )
  move.focus()
  // The original itself, as it is asked for here.
  dialog.ondrop = (event) => {
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault()
    dialog.close()
    take(files)
  }
  sendStill.onclick = () => {
    dialog.close()
    take(still)
  }
  move.onclick = () => {
    dialog.close()
    if (original.own) void fetchOwn(original.own).then((file) => take(file ? [file] : still))
  }
}

async function fetchOwn(address: string): Promise<File | undefined> {
  const answer = await fetch(address).catch(() => undefined)
  return answer?.ok ? new File([await answer.blob()], 'copied.gif', { type: 'image/gif' }) : undefined
}
