/** Says that the connection is lost, or that the server is restarting, when the next try is, and offers to try now. */

import { get } from './dom'
import { texts } from './page'

export class ConnectionBar extends HTMLElement {
  private from = 0

  /** `retryAt`: when the next try is due; without it one is under way. */
  show(retryAt: number | undefined, now: number, restarting: boolean): void {
    if (this.hidden) this.from = now
    const seconds = retryAt === undefined ? 0 : Math.max(1, Math.ceil((retryAt - now) / 1000))
    const whole = Math.max(1, (retryAt ?? now) - this.from)
    const what = restarting ? 'room.restarting' : 'room.lost'
    this.say(
      seconds > 0 ? texts.text(what, { n: seconds }) : texts.text(`${what}.now`),
      seconds > 0 ? String(seconds) : '',
      retryAt === undefined ? 1 : 1 - Math.max(0, retryAt - now) / whole,
    )
    if (seconds === 0) this.from = now
  }

  /** Something else keeps the reader out. */
  explain(text: string): void {
    this.say(text, '', 1)
  }

  hide(): void {
    this.hidden = true
  }

  /** Only a changed sentence is written: a status is read aloud. */
  private say(text: string, number: string, part: number): void {
    const line = get(this, 'p')
    if (line.textContent !== text) line.textContent = text
    const leader = get(this, '.leader')
    leader.style.setProperty('--part', String(Math.min(1, Math.max(0, part))))
    get(leader, 'b').textContent = number
    this.hidden = false
  }
}

customElements.define('connection-bar', ConnectionBar)
