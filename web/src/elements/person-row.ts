/** One person in the list of who is here. */

import type { Present } from '../lib/wire'
import { clone, get, paint, template } from './dom'
import { texts } from './page'

export interface About {
  me: boolean
  /** The reader does not want to see what they say. */
  hidden: boolean
  /** Which of the chips of one colour: see `shapes`. */
  shape: number
}

export function newRow(): HTMLElement {
  return clone(template('person'))
}

/** What it shows is said in words, too; nothing is written that stands there already. */
export function fill(row: HTMLElement, person: Present, { me, hidden, shape }: About): void {
  row.dataset.member = person.id
  paint(row, person.color)
  get(row, '.chip').dataset.shape = String(shape)
  write(get(row, '.name'), person.name)
  write(get(row, 'code'), person.color)
  get(row, '.tag.owner').hidden = !person.owner
  get(row, '.tag.me').hidden = !me
  get(row, '.is.away').hidden = !person.away
  get(row, '.is.muted').hidden = !person.muted
  get(row, '.is.hidden-here').hidden = !hidden
  row.classList.toggle('looks-away', person.away === true)
  const button = get(row, '[data-member-menu]')
  button.setAttribute('aria-label', texts.text(me ? 'people.menu.me' : 'people.menu', { name: person.name }))
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
