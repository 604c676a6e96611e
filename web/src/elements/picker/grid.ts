/**
 * The contact sheet: pictures in columns, one stop of the Tab key with its star behind it. Arrow keys move, Enter sends.
 * The one under the pointer or the focus plays, and no other; a finger that rests on one plays it, too.
 */

import { heightOf, lowest, masonry, step, type Cell as Place } from '../../lib/picker/masonry'
import type { Picture } from '../../lib/picker/picture'
import { el } from '../build'
import { playNow } from '../surroundings'
import { Cell, type Item } from './cell'

const HOLD_MS = 350
/** A finger that moves this far scrolls. */
const STILL_PX = 10

export interface GridHandlers {
  send: (picture: Picture) => void
  star: (cell: Cell) => void
  /** Up from the first row, or somebody writes. */
  out: () => void
  /** What had the focus is gone, and nothing has come in its place. */
  lost: () => void
}

export class Grid {
  readonly element = el('ul', { class: 'cells' })
  private cells: Cell[] = []
  private places: Place[] = []
  private current: Cell | undefined
  private playing: Cell | undefined
  private held = false
  /** Nothing moves but what a finger rests on. */
  private calm = true

  constructor(
    private readonly columns: number,
    private readonly on: GridHandlers,
  ) {
    this.element.style.setProperty('--columns', String(columns))
    this.element.addEventListener('click', (event) => this.clicked(event))
    this.element.addEventListener('keydown', (event) => this.keyed(event))
    this.element.addEventListener('focusin', (event) => this.focused(this.of(event)))
    this.element.addEventListener('focusout', () => this.play(undefined))
    this.element.addEventListener('pointerover', (event) => event.pointerType === 'mouse' && this.play(this.of(event)))
    this.element.addEventListener('pointerleave', () => this.play(this.of({ target: document.activeElement })))
    this.hold()
    void playNow().then((play) => (this.calm = play === 'tap'))
  }

  get size(): number {
    return this.cells.length
  }

  /** In place of all that is there. */
  show(items: readonly Item[]): void {
    const had = this.element.contains(document.activeElement)
    this.end()
    this.element.replaceChildren()
    this.cells = []
    this.places = []
    this.add(items)
    if (had && !this.focus()) this.on.lost()
  }

  /** Behind what is there; nothing of that moves. */
  add(items: readonly Item[]): void {
    const known = new Set(this.cells.map(({ item }) => item.picture.gif))
    const fresh = items.filter(({ picture: { gif } }) => !known.has(gif) && known.add(gif))
    const cells = fresh.map((item) => new Cell(item))
    this.cells.push(...cells)
    this.places = masonry(this.cells.map(({ item }) => heightOf(item.picture)), this.columns)
    this.cells.forEach((cell, at) => cells.includes(cell) && stand(cell.element, this.places[at]))
    stand(this.element, lowest(this.places))
    this.element.append(...cells.map(({ element }) => element))
    if (!this.current) this.stop(this.cells[0])
  }

  /** Returns whether there is something to stand on. */
  focus(): boolean {
    const cell = this.current ?? this.cells[0]
    cell?.send.focus()
    return cell !== undefined
  }

  /** The focus will come to the last one. */
  stay(): void {
    this.stop(this.cells.at(-1))
  }

  end(): void {
    this.playing = undefined
    this.current = undefined
    for (const cell of this.cells) cell.end()
  }

  private of({ target }: { target: EventTarget | null }): Cell | undefined {
    const element = target instanceof Element ? target.closest('.cell') : null
    return element ? this.cells.find((cell) => cell.element === element) : undefined
  }

  private clicked(event: MouseEvent): void {
    const cell = this.of(event)
    // Keys and screen readers click without a finger: the one that rested here has nothing to do with that.
    if (!cell || (this.held && event.detail > 0)) return
    if (cell.star.contains(event.target as Node)) this.on.star(cell)
    else if (cell.send.contains(event.target as Node)) this.on.send(cell.item.picture)
  }

  private keyed(event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const cell = this.of(event)
    // A key that is still held down from opening the picker sends nothing.
    if (event.repeat && (event.key === 'Enter' || event.key === ' ')) return event.preventDefault()
    // Whoever writes means the search; the letter goes where the focus is then.
    if (event.key === 'Process' || (event.key !== ' ' && [...event.key].length === 1)) return this.on.out()
    const to = cell && step(this.places, this.cells.indexOf(cell), event.key)
    if (to === undefined) {
      if (event.key.startsWith('Arrow')) event.preventDefault()
      return
    }
    event.preventDefault()
    if (to === 'out') this.on.out()
    else this.cells[to]?.send.focus()
  }

  /** One picture at a time, and its star, are stops of the Tab key. */
  private focused(cell: Cell | undefined): void {
    this.stop(cell)
    this.play(cell)
  }

  private stop(cell: Cell | undefined): void {
    for (const [one, index] of [[this.current, -1], [cell, 0]] as const) {
      if (one) one.send.tabIndex = one.star.tabIndex = index
    }
    this.current = cell
  }

  private play(cell: Cell | undefined, asked = !this.calm): void {
    if (cell === this.playing) return
    void this.playing?.play(false)
    this.playing = asked ? cell : undefined
    void this.playing?.play(true)
  }

  /** A finger that rests on a picture looks at it; what it lets go of is not sent. */
  private hold(): void {
    let timer = 0
    let from = { x: 0, y: 0 }
    const stop = () => clearTimeout(timer)
    this.element.addEventListener('pointerdown', (event) => {
      stop()
      this.held = false
      const cell = this.of(event)
      if (event.pointerType === 'mouse' || !cell || cell.star.contains(event.target as Node)) return
      from = { x: event.clientX, y: event.clientY }
      timer = window.setTimeout(() => {
        this.held = true
        cell.send.focus()
        this.play(cell, true)
      }, HOLD_MS)
    })
    this.element.addEventListener('pointermove', (event) => Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL_PX && stop())
    for (const end of ['pointerup', 'pointercancel']) this.element.addEventListener(end, stop)
    this.element.addEventListener('contextmenu', (event) => (event as PointerEvent).pointerType === 'touch' && event.preventDefault())
  }
}

/** Where it stands; how large the space between is, the styles know. */
function stand({ style }: HTMLElement, place: Place | undefined): void {
  style.setProperty('--column', String(place?.column ?? 0))
  style.setProperty('--above', String(place?.above ?? 0))
  style.setProperty('--count', String(place?.count ?? 0))
  style.setProperty('--height', String(place?.height ?? 0))
}
