/** A dialog of tools: a card on a desktop, a sheet on a phone. It leaves the page when it is closed. */

import '../styles/lazy/tools.css'
import { el, icon, type Child } from './build'
import { openDialog } from './dom'
import { texts } from './page'
import { drag } from './sheet'

export function openTool(id: string, title: string, ...content: Child[]): HTMLDialogElement {
  const grip = el('div', { class: 'grip', 'aria-hidden': 'true' })
  const close = el('button', { type: 'button', class: 'round', 'data-close': true, 'aria-label': texts.text('close') }, icon('close'))
  const head = el('header', {}, el('h2', { id: `${id}-title` }, title), close)
  const dialog = el('dialog', { id, class: 'card tool', 'aria-labelledby': `${id}-title` }, grip, head, ...content)
  document.body.append(dialog)
  openDialog(dialog)
  drag(dialog, grip, () => dialog.close())
  // The focus is given back only after this event.
  dialog.addEventListener('close', () => setTimeout(() => dialog.remove()))
  return dialog
}
