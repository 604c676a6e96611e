/** The picker: what was sent lately, favourites, and the server's library, with a search in each. */

import '../../styles/lazy/picker.css'
import { favourites, isFavourite, recents } from '../../lib/picker/kept'
import type { Picture } from '../../lib/picker/picture'
import { matches } from '../../lib/picker/words'
import { filesOf, kept } from '../../lib/picker/vault'
import type { Problem } from '../../lib/wire'
import { el, icon } from '../build'
import { toast } from '../dom'
import { onEnter } from '../on-enter'
import { texts } from '../page'
import type { Cell, Item } from './cell'
import { footer, type Making } from './footer'
import { Grid } from './grid'
import { star } from './keep'
import { Library } from './library'
import { openShell, type Shell } from './shell'
import { Tabs, type Tab } from './tabs'

const PAUSE_MS = 250
const MOST_CELLS = 600
const MOST_PATIENCE_S = 5
const TOUCH = matchMedia('(hover: none) and (pointer: coarse)')

export interface PickerHandlers extends Making {
  send: (picture: Picture) => void
  /** Only one person reads what is written just now; a GIF goes to all. */
  isWhispering: boolean
  closed: () => void
}

/** What is not of this browser alone. */
type Shared = 'library' | 'elsewhere'

let last: Tab | undefined

export class Picker {
  private readonly libraries = { library: new Library(), elsewhere: new Library(true) }
  private readonly tabs = new Tabs('picker-panel', (tab) => void this.turn(tab))
  private readonly query = el('input', { type: 'search', id: 'picker-q', autocomplete: 'off', enterkeyhint: 'search', maxlength: '100' })
  private readonly count = el('span', { class: 'edge', role: 'status' })
  private readonly hint = el('span')
  private readonly hints: (tab: Tab) => string
  private readonly why = el('p', { role: 'status' })
  private readonly none = el('div', { class: 'none' }, this.why)
  private readonly end = el('div', { class: 'more', 'aria-hidden': 'true' })
  private readonly panel = el('div', { class: 'sheet-of-contact', id: 'picker-panel', role: 'tabpanel' })
  private readonly near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && void this.more(), { root: this.panel, rootMargin: '600px' })
  private readonly grid: Grid
  private readonly shell: Shell
  private tab: Tab = 'recent'
  private next: string | undefined
  private asked = new AbortController()
  private timer = 0
  private over = false

  constructor(
    opener: HTMLElement,
    private readonly on: PickerHandlers,
  ) {
    const provider = opener.dataset.provider ?? ''
    if (!provider) this.tabs.hide('elsewhere')
    const columns = matchMedia('(max-width: 799.9px)').matches ? 2 : 3
    this.grid = new Grid(columns, { send: (picture) => this.send(picture), star: (cell) => void this.star(cell), out: () => this.query.focus(), lost: () => this.land() })
    this.panel.append(this.grid.element, this.none, this.end)
    const hint = on.isWhispering ? 'picker.hint.all' : TOUCH.matches ? 'picker.hint.touch' : 'picker.hint'
    const box = el('div', { class: 'box' }, icon('search'), this.query)
    this.hint.className = on.isWhispering ? 'to-all' : ''
    this.hints = (tab) => (tab === 'elsewhere' && !on.isWhispering ? texts.text('picker.hint.elsewhere', { host: provider }) : texts.text(hint))
    const about = el('p', { class: 'about' }, this.count, this.hint)
    const keys = el('p', { class: 'vh', id: 'picker-keys' }, texts.text('picker.keys'))
    this.panel.setAttribute('aria-describedby', keys.id)
    const tools = footer({ file: () => this.leave(on.file), made: on.made }, () => this.shell.close(true))
    const head = el('div', { class: 'head' }, this.tabs.element)
    this.shell = openShell(opener, head, [el('search', {}, box), about, keys, this.panel, tools], () => this.closed())
    this.near.observe(this.end)
    this.listen()
    void this.start()
  }

  close(): void {
    this.shell.close(true)
  }

  private async start(): Promise<void> {
    const list = await kept().catch(() => [])
    const shown = this.turn(last ?? (recents(list).length > 0 ? 'recent' : 'library'))
    // On a touch screen the field would call the keyboard over the pictures.
    if (TOUCH.matches) this.tabs.focus()
    await shown
  }

  private listen(): void {
    if (!TOUCH.matches) this.query.focus()
    this.query.addEventListener('input', () => {
      clearTimeout(this.timer)
      this.timer = window.setTimeout(() => void this.look(), PAUSE_MS)
    })
    this.query.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown' && !event.isComposing && this.grid.focus()) event.preventDefault()
    })
    // Enter does not wait, and leads to what was found.
    onEnter(this.query, () => void this.look().then((done) => done && this.grid.focus()))
  }

  private async turn(tab: Tab): Promise<void> {
    this.tab = last = tab
    this.tabs.select(tab)
    this.panel.setAttribute('aria-labelledby', `picker-${tab}`)
    this.hint.textContent = this.hints(tab)
    this.query.placeholder = texts.text(`picker.search.${tab}`)
    this.query.setAttribute('aria-label', this.query.placeholder)
    await this.look()
  }

  /** Shows what the tab and the query say. Returns whether it does: something else may have been asked meanwhile. */
  private async look(): Promise<boolean> {
    if (this.over) return false
    clearTimeout(this.timer)
    this.asked.abort()
    this.asked = new AbortController()
    const { signal } = this.asked
    const query = this.query.value.trim()
    try {
      if (this.tab === 'library' || this.tab === 'elsewhere') await this.lookThere(this.tab, query, undefined, signal)
      else await this.lookHere(this.tab, query, signal)
    } catch {
      return false
    }
    return !signal.aborted
  }

  private async lookHere(tab: 'recent' | 'favourites', query: string, signal: AbortSignal): Promise<void> {
    const list = await kept().catch(() => [])
    signal.throwIfAborted()
    const mine = tab === 'recent' ? recents(list) : favourites(list)
    this.next = undefined
    this.grid.show(mine.filter((one) => matches(one, query)).map((one) => ({ picture: one, starred: one.starredAt !== undefined, ...(one.bytes > 0 && { files: () => filesOf(one.gif).catch(() => undefined) }) })))
    this.tell(query)
  }

  private async lookThere(tab: Shared, query: string, after: string | undefined, signal: AbortSignal): Promise<void> {
    const [{ page, problem }, list] = await Promise.all([this.libraries[tab].page(query, after, signal), kept().catch(() => [])])
    signal.throwIfAborted()
    if (problem) {
      this.next = after
      return this.failed(tab, problem, after !== undefined)
    }
    const items = page.pictures.map((picture): Item => ({ picture, starred: isFavourite(list, picture.gif) }))
    if (after === undefined) this.grid.show(items)
    else this.grid.add(items)
    this.next = page.next
    this.tell(query)
  }

  /** The next page, when the end of this one comes into sight. */
  private async more(): Promise<void> {
    const { next, tab } = this
    if (next === undefined || tab === 'recent' || tab === 'favourites' || this.grid.size >= MOST_CELLS) return
    this.next = undefined
    await this.lookThere(tab, this.query.value.trim(), next, this.asked.signal).catch(() => undefined)
  }

  private tell(query: string): void {
    const n = this.grid.size
    this.count.textContent = n === 0 ? '' : this.next === undefined ? texts.count('picker.count', n) : texts.text('picker.count.more', { n })
    const why = query === '' ? texts.text(`picker.none.${this.tab}`) : texts.text('picker.none.found', { query })
    this.nothing(n === 0 ? why : '')
    // What came may not have filled the panel.
    this.near.unobserve(this.end)
    this.near.observe(this.end)
    if (n > 0) this.panel.removeAttribute('tabindex')
    else this.panel.tabIndex = 0
  }

  private failed(tab: Shared, problem: Problem, more: boolean): void {
    if (problem.status === 404) {
      const had = this.tabs.hide(tab)
      void this.turn('recent')
      if (had) this.tabs.focus()
    } else if (problem.retryAfter !== undefined && problem.retryAfter <= MOST_PATIENCE_S) {
      // Whoever writes fast asks often: what is there stays until it is their turn.
      this.timer = window.setTimeout(() => void (more ? this.more() : this.look()), problem.retryAfter * 1000)
    } else {
      if (!more) {
        this.grid.show([])
        this.count.textContent = ''
      }
      const again = el('button', { type: 'button', class: 'plain' }, icon('retry'), texts.text('picker.again'))
      again.onclick = () => {
        if (!more) return void this.look()
        this.grid.stay()
        void this.more()
      }
      this.nothing(problem.detail || texts.text(more ? 'picker.failed.more' : 'picker.failed'), again)
    }
  }

  private nothing(why: string, ...more: HTMLElement[]): void {
    const had = this.none.contains(document.activeElement)
    // A status is read when its text changes, not when it appears.
    this.why.textContent = why
    for (const one of [...this.none.children].slice(1)) one.remove()
    this.none.append(...more)
    if (had && !more[0]) this.land()
    else if (had) more[0]?.focus()
  }

  /** What had the focus is gone. */
  private land(): void {
    if (this.grid.focus()) return
    // On a touch screen the field would call the keyboard.
    if (TOUCH.matches) this.tabs.focus()
    else this.query.focus()
  }

  /** The star is lit at once; what could not be kept is told. What was taken out stays in sight until the next look. */
  private async star(cell: Cell): Promise<void> {
    cell.starred = !cell.starred
    const outcome = await star(cell.item.picture, cell.starred)
    if (outcome !== 'full' && outcome !== 'gone') return
    cell.starred = false
    toast(texts.text(`picker.star.${outcome}`))
  }

  private send(picture: Picture): void {
    this.leave(() => this.on.send(picture))
  }

  private leave(then: () => void): void {
    this.shell.close(true)
    then()
  }

  private closed(): void {
    this.over = true
    this.asked.abort()
    this.near.disconnect()
    clearTimeout(this.timer)
    this.grid.end()
    this.on.closed()
  }
}
