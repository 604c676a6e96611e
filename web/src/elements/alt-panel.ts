/** The description of a picture: read by everybody, written by who sent it. Beside the picture; a sheet on a phone. */

import { length } from '../lib/looks'
import { el, icon } from './build'
import { get } from './dom'
import { onEnter } from './on-enter'
import { texts } from './page'
import { drag } from './sheet'

/** As the server: code points. */
export const MOST_ALT = 500
const GAP_PX = 8
const NARROW = matchMedia('(max-width: 799.9px), (hover: none)')

/** Keeps the words for the picture of this message; empty ones take them away. Returns why they were refused, or nothing. */
export type Describe = (item: HTMLElement, alt: string) => Promise<string>

export class AltPanel {
  readonly element = el('div', { id: 'alt-panel', class: 'alt-panel', popover: true, role: 'dialog', 'aria-labelledby': 'alt-title', tabindex: '-1' })
  /** What was written and not sent: it is there still when the panel is opened again. */
  private readonly drafts = new WeakMap<HTMLElement, string>()
  private frame: HTMLElement | undefined

  constructor(
    home: HTMLElement,
    private readonly describe: Describe,
    /** Something was refused, and the panel is not there any more to say it. */
    private readonly complain: (text: string) => void,
  ) {
    home.append(this.element)
    this.element.addEventListener('toggle', (event) => {
      if ((event as ToggleEvent).newState === 'open') this.place()
    })
  }

  /** Whether it is open for another picture. */
  isElsewhere(frame: HTMLElement): boolean {
    return this.frame !== frame && this.element.matches(':popover-open')
  }

  /** Its button opens the panel: this says what is in it. */
  about(frame: HTMLElement): void {
    this.frame = frame
    const { alt } = frame.dataset
    if (alt === undefined) return this.form()
    const mine = frame.closest('.msg.mine') !== null
    const change = el('button', { type: 'button', class: 'plain small' }, icon('pen'), texts.text('gif.alt.edit'))
    change.onclick = () => {
      this.form()
      get(this.element, 'textarea').focus()
      this.place()
    }
    this.fill(el('p', { class: 'words', dir: 'auto' }, alt), ...(mine ? [el('p', { class: 'choices' }, change)] : []))
  }

  /** From the menu of the message. */
  write(frame: HTMLElement): void {
    this.frame = frame
    this.form()
    this.element.showPopover()
  }

  private form(): void {
    const { frame } = this
    if (!frame) return
    let before = frame.dataset.alt ?? ''
    const field = el('textarea', { id: 'alt-text', rows: '3', autofocus: true, dir: 'auto', 'aria-labelledby': 'alt-title', 'aria-describedby': 'alt-hint alt-wrong' })
    field.value = this.drafts.get(frame) ?? before
    const count = el('output', { class: 'edge', for: 'alt-text', 'aria-live': 'off' })
    const wrong = el('p', { class: 'hint wrong', id: 'alt-wrong', role: 'alert', hidden: true })
    const later = el('button', { type: 'button', class: 'plain' }, texts.text('gif.alt.later'))
    const form = el(
      'form',
      {},
      el('p', { class: 'hint', id: 'alt-hint' }, texts.text('gif.alt.hint')),
      el('div', { class: 'box' }, field, count),
      wrong,
      el('p', { class: 'choices' }, later, el('button', { class: 'plain save' }, icon('check'), texts.text('gif.alt.save'))),
    )
    const tell = () => (count.textContent = `${length(field.value)}/${MOST_ALT}`)
    const say = (text: string) => {
      wrong.textContent = text
      wrong.hidden = text === ''
    }
    tell()
    field.oninput = () => {
      tell()
      this.drafts.set(frame, field.value)
    }
    later.onclick = () => this.element.hidePopover()
    onEnter(field, () => form.requestSubmit())
    form.onsubmit = async (event) => {
      event.preventDefault()
      const written = field.value
      const alt = field.value.trim().replace(/\s+/g, ' ')
      if (length(alt) > MOST_ALT) return say(texts.text('gif.alt.too-long', { most: MOST_ALT }))
      say('')
      const item = frame.closest<HTMLElement>('.msg')
      const problem = item && alt !== before ? await this.describe(item, alt) : ''
      const isHere = form.isConnected && this.element.matches(':popover-open')
      if (problem) return isHere ? say(problem) : this.complain(problem)
      before = alt
      // What was written on meanwhile is not kept yet.
      if ((this.drafts.get(frame) ?? written) !== written) return
      this.drafts.delete(frame)
      if (isHere) this.element.hidePopover()
    }
    this.fill(form)
  }

  private fill(...content: Node[]): void {
    const grip = el('div', { class: 'grip', 'aria-hidden': 'true' })
    drag(this.element, grip, () => this.element.hidePopover())
    const close = el('button', { type: 'button', class: 'round', 'aria-label': texts.text('close') }, icon('close'))
    close.onclick = () => this.element.hidePopover()
    // Opening gives the focus to what is to be done here.
    this.element.toggleAttribute('autofocus', !content.some((one) => one instanceof HTMLFormElement))
    this.element.replaceChildren(grip, el('header', {}, el('h2', { id: 'alt-title' }, texts.text('gif.alt.title')), close), ...content)
    if (this.element.matches(':popover-open')) this.place()
  }

  /** Above the lower edge of the picture, on the side where there is space. */
  private place(): void {
    const { style } = this.element
    for (const side of ['left', 'top']) style.removeProperty(side)
    if (NARROW.matches || !this.frame) return
    const frame = this.frame.getBoundingClientRect()
    const { width, height } = this.element.getBoundingClientRect()
    const mine = this.frame.closest('.mine') !== null
    const beside = mine ? frame.left - GAP_PX - width : frame.right + GAP_PX
    style.setProperty('left', `${Math.max(GAP_PX, Math.min(beside, innerWidth - width - GAP_PX))}px`)
    style.setProperty('top', `${Math.max(GAP_PX, Math.min(frame.bottom - height, innerHeight - height - GAP_PX))}px`)
  }
}
