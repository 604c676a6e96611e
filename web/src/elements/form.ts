/** Fields of forms that are built by the script, and their complaints. */

import { el } from './build'

export function field(input: HTMLElement, label: string, hint: string, box: HTMLElement = el('div', { class: 'box' }, input)): HTMLElement {
  input.setAttribute('aria-describedby', `${input.id}-error ${input.id}-hint`)
  return el(
    'div',
    { class: 'field' },
    el('label', { for: input.id }, label),
    box,
    el('p', { class: 'error', id: `${input.id}-error` }),
    el('p', { class: 'hint', id: `${input.id}-hint` }, hint),
  )
}

/** At the field; an empty text takes it back. */
export function complain(input: HTMLElement, text: string): void {
  const line = document.getElementById(`${input.id}-error`)
  if (line) line.textContent = text
  if (text) input.setAttribute('aria-invalid', 'true')
  else input.removeAttribute('aria-invalid')
}
