/** Search in the room's history by text and sender; a result leads to its place in the conversation. */

import '../styles/lazy/search.css'
import { excerpt } from '../lib/excerpt'
import { clock } from '../lib/texts'
import type { ChatMessage, Found, Member } from '../lib/wire'
import { el, icon } from './build'
import { outcome, type Commands } from './commands'
import { paint } from './dom'
import { texts } from './page'
import { openTool } from './tool'

const PAUSE_MS = 300

export interface Place {
  /** Shows the message in the conversation. Returns whether it could. */
  jump: (seq: number) => Promise<boolean>
  /** What was said around it, as it stands in the conversation, when it is too far away for that. */
  around: (seq: number) => Promise<HTMLElement[]>
}

export class Search {
  private readonly query = el('input', { id: 'search-q', type: 'search', autocomplete: 'off', enterkeyhint: 'search', 'aria-label': texts.text('search.label'), placeholder: texts.text('search.label') })
  private readonly from = el('select', { id: 'search-from', 'aria-label': texts.text('search.from') })
  private readonly status = el('p', { class: 'hint', role: 'status' })
  private readonly results = el('ul', { class: 'results' })
  private readonly more = el('button', { type: 'button', class: 'plain wide', hidden: true }, texts.text('search.more'))
  private readonly context = el('div', { class: 'around', tabindex: '-1', hidden: true })
  private readonly dialog: HTMLDialogElement
  private turn = 0
  private timer = 0
  private oldest = 0

  constructor(
    private readonly commands: Commands,
    members: readonly Member[],
    private readonly place: Place,
  ) {
    this.from.append(el('option', { value: '' }, texts.text('search.anybody')), ...members.map((one) => el('option', { value: one.id }, one.name)))
    const form = el('form', { class: 'search-form', role: 'search' }, el('div', { class: 'box' }, icon('search'), this.query), el('div', { class: 'box' }, this.from))
    this.dialog = openTool('search', texts.text('search.title'), form, this.status, this.results, this.more, this.context)
    this.query.focus()
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.look()
    })
    this.query.addEventListener('input', () => {
      clearTimeout(this.timer)
      this.timer = window.setTimeout(() => void this.look(), PAUSE_MS)
    })
    this.from.addEventListener('change', () => void this.look())
    this.more.addEventListener('click', () => void this.look(this.oldest))
    this.results.addEventListener('keydown', (event) => this.keyed(event))
    this.query.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowDown' || event.isComposing) return
      event.preventDefault()
      this.results.querySelector('button')?.focus()
    })
  }

  /** `before`: more of the same. */
  private async look(before?: number): Promise<void> {
    clearTimeout(this.timer)
    this.turn += 1
    const { turn } = this
    const q = this.query.value.trim()
    const from = this.from.value
    if (q === '' && from === '') return this.show([], '', false, false)
    const { value, problem } = outcome(await this.commands.send<Found>('search', { q, ...(from && { from }), ...(before !== undefined && { before }) }))
    if (turn !== this.turn) return
    if (problem) {
      this.show([], q, false, before !== undefined)
      this.status.textContent = problem.detail || problem.title
    } else this.show(value.messages, q, value.more, before !== undefined)
  }

  private show(messages: readonly ChatMessage[], q: string, more: boolean, added: boolean): void {
    const rows = messages.map((message) => this.row(message, q))
    if (added) this.results.append(...rows)
    else this.results.replaceChildren(...rows)
    if (added) rows[0]?.querySelector('button')?.focus()
    this.context.hidden = true
    this.oldest = messages.at(-1)?.seq ?? this.oldest
    this.more.hidden = !more
    const n = this.results.childElementCount
    const asked = q !== '' || this.from.value !== ''
    this.status.textContent = !asked ? '' : n === 0 ? texts.text('search.none') : more ? texts.text('search.many', { n }) : texts.count('search.found', n)
  }

  private row(message: ChatMessage, q: string): HTMLElement {
    const at = new Date(message.createdAt)
    const day = at.toDateString() === new Date().toDateString() ? '' : `${texts.day(at)} `
    const words = message.chat ?? message.alt
    const parts = words === undefined ? [texts.text('room.gif')] : excerpt(words, q).map(({ text, hit }) => (hit ? el('mark', {}, text) : text))
    const button = el(
      'button',
      { type: 'button' },
      el('span', { class: 'by' }, el('i', { class: 'chip', 'aria-hidden': 'true' }), el('b', { class: 'name' }, message.name), el('time', { datetime: message.createdAt }, day + clock(at))),
      el('span', { class: 'passage' }, ...parts),
    )
    button.addEventListener('click', () => void this.go(message.seq))
    const item = el('li', { class: 'u' }, button)
    paint(item, message.user)
    return item
  }

  private async go(seq: number): Promise<void> {
    this.status.textContent = texts.text('search.going')
    if (await this.place.jump(seq)) return this.dialog.close()
    const items = await this.place.around(seq)
    this.status.textContent = texts.text(items.length > 0 ? 'search.around' : 'search.gone')
    this.context.replaceChildren(...items)
    this.context.hidden = items.length === 0
    if (items.length === 0) return
    this.context.focus()
    this.context.querySelector(`[data-seq="${seq}"]`)?.scrollIntoView({ block: 'center' })
  }

  private keyed(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const all = [...this.results.querySelectorAll('button')]
    const to = all.indexOf(document.activeElement as HTMLButtonElement) + step
    if (to < 0) this.query.focus()
    else all[to]?.focus()
  }
}
