/** The dialog in which GIFs are made: a stage for the picture, what can be done with it, and one line that says how it is. */

import { el, icon, type Child } from '../build'
import { texts } from '../page'
import { byKeyboard, offer } from '../undo'
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
  /** Takes back the notice that offers to open it again. */
  private takeBack: (() => void) | undefined
  /** There is something in it that would be lost with it. */
  unsaved = false
  /** It was closed, and may be opened again. */
  rests: () => void = () => undefined
  /** It is open again. */
  goesOn: () => void = () => undefined

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
    // Neither a slip beside it nor a swipe closes it: only the button, Escape and the way back of a phone.
    this.dialog.showModal()
    // The focus is given back only after this event.
    this.dialog.addEventListener('close', () => setTimeout(() => this.closed()))
    addEventListener('beforeunload', (event) => this.isKept && event.preventDefault(), { signal: this.signal })
  }

  /** Also one that is closed and could be opened again. */
  end(): void {
    if (this.signal.aborted) return
    this.unsaved = false
    this.over.abort()
    this.takeBack?.()
    this.dialog.close()
    setTimeout(() => this.dialog.remove())
  }

  /** There is a room that it can be sent to. */
  private get isKept(): boolean {
    return this.unsaved && document.querySelector('chat-room') !== null
  }

  /** What was recorded or written is not lost by one press: for a while it can be opened again as it was. */
  private closed(): void {
    if (this.dialog.open || this.signal.aborted) return
    if (!this.isKept) return this.end()
    this.rests()
    this.takeBack = offer(texts.text('maker.closed'), texts.text('maker.reopen'), () => this.reopen(), { focus: byKeyboard(), gone: () => this.end() })
  }

  private reopen(): void {
    if (!this.isKept) return this.end()
    this.dialog.showModal()
    this.goesOn()
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
