/** How many seats a room will have: two buttons, a number, and the strip as it will be. */

import { seats } from '../lib/looks'
import { texts } from './page'
import { get } from './dom'

const LEAST = 2

export class SeatPicker extends HTMLElement {
  connectedCallback(): void {
    const input = get<HTMLInputElement>(this, 'input')
    for (const button of this.querySelectorAll<HTMLButtonElement>('[data-step]')) {
      button.onclick = () => this.set(this.value() + Number(button.dataset.step))
    }
    input.addEventListener('input', () => this.draw())
    input.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
      if (step === 0) return
      event.preventDefault()
      this.set(this.value() + step)
    })
    this.draw()
  }

  private get most(): number {
    return Number(get(this, 'input').dataset.most)
  }

  private value(): number {
    const value = Math.trunc(Number(get<HTMLInputElement>(this, 'input').value))
    return Number.isFinite(value) ? value : LEAST
  }

  private set(value: number): void {
    const input = get<HTMLInputElement>(this, 'input')
    input.value = String(Math.min(this.most, Math.max(LEAST, value)))
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }

  private draw(): void {
    const max = Math.min(this.most, Math.max(LEAST, this.value()))
    // In a room that is open already, those who are here; else its maker alone.
    const here = Number(this.dataset.here ?? 1)
    const holes = seats(here, max).map((seat) => {
      const hole = document.createElement('i')
      hole.className = seat
      return hole
    })
    get(this, '.seats').replaceChildren(...holes)
    get(this, '.preview .edge').textContent =
      here === 1 ? texts.text('form.seats.strip', { n: max - 1 }) : texts.text('tools.seats.strip', { n: here, free: Math.max(0, max - here) })
  }
}

customElements.define('seat-picker', SeatPicker)
