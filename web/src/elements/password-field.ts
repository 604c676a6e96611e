/** A password that can be looked at while it is written. */

import { get } from './dom'

export class PasswordField extends HTMLElement {
  connectedCallback(): void {
    const input = get<HTMLInputElement>(this, 'input')
    const eye = get<HTMLButtonElement>(this, 'button')
    eye.hidden = false
    eye.onclick = () => {
      const show = input.type === 'password'
      input.type = show ? 'text' : 'password'
      eye.setAttribute('aria-pressed', String(show))
      eye.setAttribute('aria-label', (show ? eye.dataset.hide : eye.dataset.show) ?? '')
      input.focus()
    }
    // Never leave it readable behind.
    input.form?.addEventListener('submit', () => (input.type = 'password'))
  }
}

customElements.define('password-field', PasswordField)
