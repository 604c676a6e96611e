/** The lobby's list, live. Rows come and go with motion; nothing moves under a pointer or the focus. */

import { seats } from '../lib/looks'
import type { LobbyRoom } from '../lib/wire'
import { Connection } from './connection'
import { clone, get, leave, paint } from './dom'
import { texts } from './page'

const AGES_EVERY_MS = 20_000
/** The list on the page; the server sends no more either. */
const MOST_ROWS = 1000

export class RoomList extends HTMLElement {
  private connection: Connection | undefined

  connectedCallback(): void {
    this.connection ??= this.connect()
    this.connection.now()
    setInterval(() => this.ages(), AGES_EVERY_MS)
    this.addEventListener('pointerleave', () => this.sweep())
    this.addEventListener('focusout', () => setTimeout(() => this.sweep()))
  }

  private connect(): Connection {
    const connection = new Connection('/room', {
      // Something may have happened since the page was made, or while the connection was away.
      changed: (up) => up && void this.refresh(),
      // A page that slept is right at once; should its connection be dead, the heartbeat finds that out.
      check: () => void this.refresh(),
    })
    connection.socket.on('newRoom', (room: LobbyRoom) => this.put(room))
    connection.socket.on('updateRoom', (room: LobbyRoom) => this.put(room))
    connection.socket.on('removeRoom', (id: string) => this.drop(id))
    return connection
  }

  private get inUse(): boolean {
    return this.matches(':hover') || this.body.matches(':focus-within')
  }

  private get body(): HTMLElement {
    return get(this, 'tbody')
  }

  private row(id: string): HTMLTableRowElement | null {
    return this.body.querySelector(`tr[data-id="${CSS.escape(id)}"]:not([data-gone])`)
  }

  private put(room: LobbyRoom): void {
    let row = this.row(room._id)
    if (!row) {
      if (this.body.children.length >= MOST_ROWS) return
      row = clone<HTMLTableRowElement>(get(this, 'template'))
      row.classList.add('fresh')
      // The newest stands first, unless that would move what somebody is about to press.
      if (this.inUse) this.body.append(row)
      else this.body.prepend(row)
      void this.nameOwner(row, room._id)
    }
    this.fill(row, room)
    this.count()
  }

  private fill(row: HTMLTableRowElement, room: LobbyRoom): void {
    const link = get<HTMLAnchorElement>(row, '.title a')
    const button = get<HTMLButtonElement>(row, '.join-btn')
    row.dataset.id = room._id
    row.dataset.created = room.createdAt
    row.dataset.members = String(room.members)
    row.toggleAttribute('data-private', room.password)
    row.toggleAttribute('data-full', room.members >= room.max)
    paint(row, room.owner)
    link.href = get<HTMLFormElement>(row, 'form').action = `/room/${room._id}`
    get(link, 'span').textContent = room.title
    button.dataset.id = room._id
    button.dataset.password = String(room.password)
    get(row, '.max').dataset.max = String(room.max)
    get(row, '.max .vh').textContent = texts.text('lobby.seats', { n: room.members, max: room.max })
    get(row, '.max .edge').textContent = `${room.members}/${room.max}`
    get(row, '.seats').replaceChildren(
      ...seats(room.members, room.max).map((seat) => Object.assign(document.createElement('i'), { className: seat })),
    )
    get<HTMLTimeElement>(row, 'time').dateTime = room.createdAt
    get(row, '.owner .vh').textContent = ` ${room.owner}`
    this.age(row)
  }

  /** The event does not carry the name; the room's own address does. */
  private async nameOwner(row: HTMLElement, id: string): Promise<void> {
    const name = get(row, '.owner .name')
    try {
      const answer = await fetch(`/room/${id}`, { headers: { Accept: 'application/json' } })
      const room = (await answer.json()) as Partial<LobbyRoom>
      name.textContent = room.ownerName ?? room.owner ?? ''
    } catch {
      name.textContent = get(row, '.owner .vh').textContent.trim()
    }
  }

  private drop(id: string): void {
    const row = this.row(id)
    if (!row) return
    row.dataset.gone = ''
    row.classList.add('leaving')
    this.count()
    this.sweep()
  }

  /** Takes rows that ended off the page, when nobody is about to press one. */
  private sweep(): void {
    if (this.inUse) return
    for (const row of this.body.querySelectorAll<HTMLElement>('tr[data-gone]')) void leave(row)
  }

  private count(): void {
    const rows = [...this.body.querySelectorAll<HTMLElement>('tr:not([data-gone])')]
    const people = rows.reduce((sum, row) => sum + Number(row.dataset.members), 0)
    const rooms = texts.count('lobby.count.rooms', rows.length)
    get(document, '.live .count').textContent =
      rows.length > 0 ? `${rooms} · ${texts.count('lobby.count.people', people)}` : rooms
    get(this, '.empty').hidden = rows.length > 0
  }

  private age(row: HTMLElement): void {
    const since = Date.parse(row.dataset.created ?? '')
    if (!Number.isNaN(since)) get(row, 'time').textContent = texts.age(since, Date.now())
  }

  private ages(): void {
    for (const row of this.body.querySelectorAll<HTMLElement>('tr')) this.age(row)
  }

  /** After a lost connection the server's own page is the truth. */
  private async refresh(): Promise<void> {
    const answer = await fetch('/', { headers: { Accept: 'text/html' } }).catch(() => undefined)
    if (!answer?.ok) return
    // Its colours are in a style that only its own page may apply; here they are painted.
    const html = (await answer.text()).replace(/<style[^>]*>[^<]*<\/style>/, '')
    const page = new DOMParser().parseFromString(html, 'text/html')
    const rows = [...page.querySelectorAll<HTMLTableRowElement>('room-list tbody tr')]
    const ids = new Set(rows.map((row) => row.dataset.id))
    for (const row of this.body.querySelectorAll<HTMLElement>('tr')) if (!ids.has(row.dataset.id)) this.drop(row.dataset.id ?? '')
    for (const row of rows) {
      const known = this.row(row.dataset.id ?? '')
      paint(row, get(row, '.owner .vh').textContent.trim())
      // A row that says the same stays: somebody may be about to press it.
      if (!known) this.body.append(document.adoptNode(row))
      else if (known.textContent !== row.textContent) known.replaceWith(document.adoptNode(row))
    }
    this.count()
  }
}

customElements.define('room-list', RoomList)
