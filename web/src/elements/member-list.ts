/** Who is here: a panel on a desktop, a sheet on a phone; and the holes and the count in the header. */

import { shapes } from '../lib/roster'
import type { Present } from '../lib/wire'
import { get, openDialog, paint } from './dom'
import { texts } from './page'
import { fill, newRow } from './person-row'
import { drag } from './sheet'

/** More seats than this are only counted. */
const MOST_HOLES = 16

export interface Here {
  /** Owner first, then the reader, then by arrival. */
  people: readonly Present[]
  /** Seats. */
  max: number
  me: string
  isHidden: (id: string) => boolean
}

export class MemberList extends HTMLElement {
  private readonly rows = new Map<string, HTMLElement>()

  connectedCallback(): void {
    // The rows of the server stand until the first list comes, and go on as these.
    if (this.rows.size > 0) return
    for (const row of this.querySelectorAll<HTMLElement>('.person')) this.rows.set(row.dataset.member ?? '', row)
  }

  /** Rows stay the same elements, so that neither the focus nor an open menu is lost when somebody comes or goes. */
  set({ people, max, me, isHidden }: Here): void {
    const focused = document.activeElement
    const form = shapes(people)
    const list = get(this, '.people')
    for (const [id, row] of this.rows) {
      if (people.some((one) => one.id === id)) continue
      this.rows.delete(id)
      this.let(row)
    }
    for (const [place, person] of people.entries()) {
      const row = this.rows.get(person.id) ?? newRow()
      this.rows.set(person.id, row)
      fill(row, person, { me: person.id === me, hidden: isHidden(person.id), shape: form.get(person.id) ?? 0 })
      if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null)
    }
    if (focused !== document.activeElement && focused instanceof HTMLElement && this.contains(focused)) focused.focus()
    this.seats(people, max)
  }

  /** The button of this person's row. */
  button(id: string): HTMLElement | null | undefined {
    return this.rows.get(id)?.querySelector<HTMLElement>('[data-member-menu]')
  }

  /** Who goes while the focus is on them leaves it to the next one. */
  private let(row: HTMLElement): void {
    const next = row.nextElementSibling ?? row.previousElementSibling
    const had = row.contains(document.activeElement)
    row.remove()
    if (had) (next?.querySelector<HTMLElement>('[data-member-menu]:not([hidden])') ?? get(this, 'h2')).focus()
  }

  private seats(people: readonly Present[], max: number): void {
    const free = Math.max(0, max - people.length)
    const line = get(this, '.free')
    line.hidden = free === 0
    line.dataset.n = String(free)
    get(line, '.free-text').textContent = texts.text('room.free', { n: free })
    get(this, '.count').textContent = `${people.length}/${max}`
    get(document, '.room-head .count').lastChild?.replaceWith(`${people.length}/${max}`)
    const seats = get(document, '.room-head .seats')
    seats.classList.toggle('many', max > 10)
    const holes = Array.from({ length: max > MOST_HOLES ? 0 : max }, (_, seat) => {
      const hole = document.createElement('i')
      const member = people[seat]
      hole.className = member ? 'u taken' : 'u off'
      if (member) paint(hole, member.color)
      return hole
    })
    seats.replaceChildren(...holes)
  }

  /** Opens as a sheet; afterwards the panel is back in its place. */
  open(opener: HTMLElement): void {
    const sheet = get<HTMLDialogElement>(document, 'dialog#people')
    const home = this.parentElement
    const next = this.nextElementSibling
    if (sheet.open || !home) return
    sheet.append(this)
    openDialog(sheet)
    opener.setAttribute('aria-expanded', 'true')
    sheet.addEventListener(
      'close',
      () => {
        home.insertBefore(this, next)
        opener.setAttribute('aria-expanded', 'false')
      },
      { once: true },
    )
    drag(sheet, get(this, '.grip'), () => sheet.close())
  }

  /** The sheet goes, when the list is in it: what was chosen there happens on the page. */
  close(): void {
    this.closest('dialog')?.close()
  }
}

customElements.define('member-list', MemberList)
