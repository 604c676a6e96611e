/** Above the composer: why nothing can be said for now, and for how long. The seconds are for the eye only. */

import { Hush } from '../lib/hush'
import { remaining } from '../lib/remaining'
import { el, icon } from './build'
import { texts } from './page'

export class HushLine {
  readonly hush = new Hush()
  private readonly sentence = el('span')
  private readonly clock = el('b', { class: 'edge', 'aria-hidden': 'true' })
  private readonly line = el('p', { class: 'hush', role: 'status', hidden: true }, icon('pause'), this.sentence, this.clock)
  private said = ''

  constructor(form: HTMLElement) {
    form.prepend(this.line)
  }

  tick(now: number): void {
    const held = this.hush.now(now)
    this.line.hidden = held === undefined
    if (!held) {
      this.said = ''
      return
    }
    if (this.said !== `${held.why} ${held.until}`) {
      this.said = `${held.why} ${held.until}`
      const time = el('span', { class: 'vh' }, ` ${remaining(texts, held.until, now)}`)
      this.sentence.replaceChildren(texts.text(`hush.${held.why}`), time)
    }
    const seconds = Math.ceil((held.until - now) / 1000)
    this.clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  }
}
