/** Who is here: a panel on a desktop, a sheet on a phone; and the holes and the count in the header. */

import type { Member } from '../lib/wire'
import { clone, get, openDialog, paint, template } from './dom'
import { texts } from './page'

/** More seats than this are only counted. */
const MOST_HOLES = 16

export class MemberList extends HTMLElement {
  private members: Member[] = []

  /** `max`: seats; `owner` and `me`: member ids. */
  set(members: readonly Member[], max: number, owner: string, me: string): void {
    const rank = (member: Member) => (member.id === owner ? 0 : member.id === me ? 1 : 2)
    this.members = [...members].sort((a, b) => rank(a) - rank(b))
    get(this, '.people').replaceChildren(...this.members.map((member) => row(member, owner, me)))
    const free = Math.max(0, max - this.members.length)
    const line = get(this, '.free')
    line.hidden = free === 0
    line.dataset.n = String(free)
    get(line, '.free-text').textContent = texts.text('room.free', { n: free })
    get(this, '.count').textContent = `${this.members.length}/${max}`
    this.header(max)
  }

  private header(max: number): void {
    const count = get(document, '.room-head .count')
    count.lastChild?.replaceWith(`${this.members.length}/${max}`)
    if (max > MOST_HOLES) return
    const holes = Array.from({ length: max }, (_, seat) => {
      const hole = document.createElement('i')
      const member = this.members[seat]
      hole.className = member ? 'u taken' : 'u off'
      if (member) paint(hole, member.color)
      return hole
    })
    get(document, '.room-head .seats').replaceChildren(...holes)
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
    drag(sheet, get(this, '.grip'))
  }
}

function row(member: Member, owner: string, me: string): HTMLElement {
  const item = clone(template('person'))
  item.dataset.member = member.id
  paint(item, member.color)
  get(item, '.name').textContent = member.name
  get(item, 'code').textContent = member.color
  get(item, '.tag.owner').hidden = member.id !== owner
  get(item, '.tag.me').hidden = member.id !== me
  return item
}

const FAR_ENOUGH_PX = 80

/** Pulling the handle down closes the sheet. */
function drag(sheet: HTMLDialogElement, grip: HTMLElement): void {
  grip.onpointerdown = (down) => {
    grip.setPointerCapture(down.pointerId)
    grip.onpointermove = (move) => sheet.style.setProperty('translate', `0 ${Math.max(0, move.clientY - down.clientY)}px`)
    grip.onpointerup = (up) => {
      grip.onpointermove = null
      sheet.style.removeProperty('translate')
      if (up.clientY - down.clientY > FAR_ENOUGH_PX) sheet.close()
    }
  }
}

customElements.define('member-list', MemberList)
