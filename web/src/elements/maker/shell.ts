/** The dialog in which GIFs are made: a stage for the picture, what can be done with it, and one line that says how it is. */

import { el, icon, type Child } from '../build'
import { texts } from '../page'
import type { Kind } from './open'

export class Shell {
  readonly dialog: HTMLDialogElement
  readonly stage = el('div', { class: 'stage' })
  /** Below the stage. */
  readonly below = el('div', { class: 'below' })
  readonly side = el('div', { class: 'side' })
  private readonly line = el('p', { class: 'edge guess', role: 'status' })
  private readonly wrong = el('p', { class: 'hint wrong', role: 'alert' })
  private readonly note = el('p', { class: 'hint note' })
  private readonly buttons = el('p', { class: 'choices' })
  private readonly over = new AbortController()

  constructor(kind: Kind) {
    const title = texts.text(`maker.${kind}.title`)
    const close = el('button', { type: 'button', class: 'round', 'aria-label': texts.text('close') }, icon('close'))
    this.dialog = el(
      'dialog',
      { id: 'maker', class: `maker film of-${kind}`, 'aria-labelledby': 'maker-title' },
      el('header', {}, el('h2', { id: 'maker-title' }, title), close),
      this.stage,
      this.below,
      this.side,
      el('footer', {}, this.wrong, this.note, this.line, this.buttons),
    )
    close.onclick = () => this.dialog.close()
    document.body.append(this.dialog)
    // Neither a slip beside it nor a swipe loses what was recorded: only the button and Escape close it.
    this.dialog.showModal()
    this.dialog.addEventListener('close', () => {
      this.over.abort()
      // The focus is given back only after this event.
      setTimeout(() => this.dialog.remove())
    })
  }

  /** Aborted when the dialog is closed. */
  get signal(): AbortSignal {
    return this.over.signal
  }

  /** Another step: its stage, and what stands beside and below it. */
  show({ stage, below = [], side = [], buttons = [] }: { stage: Child[]; below?: Child[]; side?: Child[]; buttons?: Child[] }): void {
    this.dialog.classList.toggle('bare', side.length === 0)
    put(this.stage, stage)
    put(this.below, below)
    put(this.side, side)
    put(this.buttons, buttons)
    this.say('')
    this.hint('')
    this.complain('')
  }

  /** Read aloud when it changes. `seen`: elsewhere it is shown already. */
  say(text: string, seen = false): void {
    this.line.classList.toggle('vh', seen)
    if (this.line.textContent !== text) this.line.textContent = text
  }

  /** Good to know, above that line. */
  hint(text: string): void {
    this.note.textContent = text
  }

  complain(text: string): void {
    this.wrong.textContent = text
  }
}

/** A stage without a picture: what it waits for. */
export function waiting(name: string, text: string, ...more: Child[]): HTMLElement {
  return el('div', { class: 'wait' }, icon(name), el('p', {}, text), ...more)
}

function put(box: HTMLElement, content: readonly Child[]): void {
  box.replaceChildren(...content.filter((child): child is Node | string => !!child))
  box.hidden = box.childNodes.length === 0
}
