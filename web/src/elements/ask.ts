/** Asks once more, in a small dialog, before something that others feel. Cancel comes first: Enter alone does nothing. */

import '../styles/lazy/tools.css'
import { el, icon, type Child } from './build'
import { openDialog } from './dom'
import { texts } from './page'

export interface Question {
  title: string
  text: string
  /** More to choose, in the form. */
  choices?: Child[]
  confirm: string
  icon: string
}

/** What was chosen in the form; nothing when it was cancelled. The focus is back where it was. */
export function ask({ title, text, choices = [], confirm, icon: name }: Question): Promise<FormData | undefined> {
  const form = el(
    'form',
    { method: 'dialog' },
    ...choices,
    el(
      'p',
      { class: 'choices' },
      el('button', { type: 'button', class: 'plain', 'data-close': true, autofocus: true }, texts.text('cancel')),
      el('button', { class: 'plain danger', value: 'yes' }, icon(name), confirm),
    ),
  )
  const dialog = el(
    'dialog',
    { class: 'card ask', role: 'alertdialog', 'aria-labelledby': 'ask-title', 'aria-describedby': 'ask-text' },
    el('header', {}, el('h2', { id: 'ask-title' }, title)),
    el('p', { class: 'body', id: 'ask-text' }, text),
    form,
  )
  document.body.append(dialog)
  openDialog(dialog)
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      const answer = dialog.returnValue === 'yes' ? new FormData(form) : undefined
      // The focus is given back only after this event.
      setTimeout(() => {
        dialog.remove()
        resolve(answer)
      })
    })
  })
}

/** One of several, as a row of buttons. */
export function oneOf(name: string, legend: string, options: readonly (readonly [value: string, text: string])[], chosen: string): HTMLElement {
  return el(
    'fieldset',
    { class: 'one-of' },
    el('legend', {}, legend),
    ...options.map(([value, text]) =>
      el('label', {}, el('input', { type: 'radio', name, value, checked: value === chosen }), el('span', {}, text)),
    ),
  )
}

export function tick(name: string, text: string, hint?: string): HTMLElement {
  const words = el('span', {}, text, hint !== undefined && el('small', {}, hint))
  return el('label', { class: 'tick' }, el('input', { type: 'checkbox', name, value: 'yes' }), words)
}
