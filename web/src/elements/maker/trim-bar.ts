/** A strip of pictures with two handles: each one is a slider, for fingers, mice, keys and screen readers alike. */

import '../../styles/lazy/trim.css'
import type { Footage } from '../../lib/maker/footage'
import { clockOf, moved, type Span } from '../../lib/maker/trim'
import { el } from '../build'
import { texts } from '../page'

const PICTURES = 8
const PICTURE = { width: 80, height: 56 }

export interface Handlers {
  /** An end was moved to this moment. */
  move: (span: Span, at: number) => void
  /** The hand is gone. */
  rest: () => void
}

export class TrimBar {
  readonly element: HTMLElement
  private readonly from: HTMLInputElement
  private readonly to: HTMLInputElement
  private readonly piece = el('span', { class: 'edge' })

  constructor(
    private readonly footage: Footage,
    private span: Span,
    private readonly on: Handlers,
    private readonly signal: AbortSignal,
  ) {
    this.from = this.slider('from')
    this.to = this.slider('to')
    const pictures = el('div', { class: 'pictures', 'aria-hidden': 'true' })
    const bar = el('div', { class: 'bar' }, pictures, el('i', { class: 'kept', 'aria-hidden': 'true' }), el('i', { class: 'head', 'aria-hidden': 'true' }), this.from, this.to)
    const label = el('p', { class: 'over' }, el('b', { id: 'maker-trim' }, texts.text('maker.trim')), this.piece)
    this.element = el('div', { class: 'trim', role: 'group', 'aria-labelledby': 'maker-trim' }, label, bar)
    this.show()
    void this.fill(pictures).catch(() => undefined)
  }

  /** Where the preview is. */
  head(time: number): void {
    this.element.style.setProperty('--head', String(time / this.footage.seconds))
  }

  private slider(end: keyof Span): HTMLInputElement {
    const { seconds } = this.footage
    const input = el('input', { type: 'range', class: end, min: '0', max: String(Math.round(seconds * 1000) / 1000), step: 'any', 'aria-label': texts.text(`maker.${end}`) })
    input.oninput = () => this.move(end, Number(input.value))
    input.onchange = () => this.on.rest()
    // A tenth of a second by the arrows, a whole one by the pages.
    input.onkeydown = (event) => {
      const step = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1 }[event.key]
      if (step === undefined) return
      event.preventDefault()
      this.move(end, this.span[end] + step)
    }
    input.onkeyup = (event) => event.key !== 'Tab' && this.on.rest()
    return input
  }

  private move(end: keyof Span, at: number): void {
    this.span = moved(this.span, end, at, this.footage.seconds)
    this.show()
    this.on.move(this.span, this.span[end])
  }

  private show(): void {
    const { from, to } = this.span
    const { seconds } = this.footage
    this.from.value = String(from)
    this.to.value = String(to)
    this.from.setAttribute('aria-valuetext', clockOf(from))
    this.to.setAttribute('aria-valuetext', clockOf(to))
    this.piece.textContent = texts.text('maker.piece', { from: clockOf(from), to: clockOf(to), n: (to - from).toFixed(1) })
    this.element.style.setProperty('--from', String(from / seconds))
    this.element.style.setProperty('--to', String(to / seconds))
  }

  private async fill(box: HTMLElement): Promise<void> {
    for (let n = 0; n < PICTURES && !this.signal.aborted; n += 1) {
      const canvas = Object.assign(el('canvas'), PICTURE)
      const context = canvas.getContext('2d')
      if (!context) return
      await this.footage.draw(context, ((n + 0.5) / PICTURES) * this.footage.seconds)
      box.append(canvas)
    }
  }
}
