/** The countdown leader over the stage: a ring that sweeps clockwise, and a number. */

import { el } from '../build'
import { texts } from '../page'

export class Leader {
  private readonly number = el('b', {}, '0')
  private readonly ring: HTMLElement
  private readonly box: HTMLElement

  /** `progress`: how much is done, in hundredths; else it counts. */
  constructor(stage: HTMLElement, private readonly progress: boolean) {
    this.ring = el('span', { class: `leader big${progress ? '' : ' count'}`, 'aria-hidden': 'true' }, this.number)
    const bar = { role: 'progressbar', 'aria-label': texts.text('maker.making'), 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': '0' }
    this.box = el('div', { class: 'veil', ...(progress && bar) }, this.ring)
    stage.append(this.box)
  }

  /** 0 to 1. */
  sweep(part: number): void {
    this.ring.style.setProperty('--part', String(part))
    if (!this.progress) return
    const done = String(Math.round(part * 100))
    this.label(done)
    this.box.setAttribute('aria-valuenow', done)
  }

  label(text: string): void {
    this.number.textContent = text
  }

  end(): void {
    this.box.remove()
  }
}
