/** The list above the line one writes in: commands after a slash, names after `@`. The focus stays in the line. */

import { complete, type Completion as Found, type Here, type Option } from '../lib/slash'
import { paint } from './dom'

export class Completion {
  private found: Found | undefined
  private at = 0
  /** What Escape has closed stays closed until something else stands there. */
  private refused = ''
  /** Chosen while a syllable was being composed: taken when it is whole. */
  private pick = false

  constructor(
    private readonly field: HTMLTextAreaElement,
    private readonly list: HTMLElement,
    private readonly here: () => Here,
    private readonly changed: () => void,
  ) {
    field.addEventListener('input', () => this.look())
    field.addEventListener('blur', () => this.close())
    field.addEventListener('compositionend', () => {
      if (!this.pick) return
      this.pick = false
      setTimeout(() => {
        this.look()
        this.take()
      })
    })
    list.addEventListener('pointerdown', (event) => event.preventDefault())
    list.addEventListener('click', (event) => {
      const option = (event.target as Element).closest('[role=option]')
      if (!option) return
      this.at = [...list.children].indexOf(option)
      this.take()
    })
  }

  /** Returns whether the key was for the list. */
  keydown(event: KeyboardEvent): boolean {
    if (!this.found) return false
    // On the way back the list is no stop.
    if (event.key === 'Tab' && event.shiftKey) {
      this.close()
      return false
    }
    const { length } = this.found.options
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      this.at = (this.at + (event.key === 'ArrowDown' ? 1 : length - 1)) % length
      this.mark()
    } else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) {
      if (event.isComposing) this.pick = true
      else this.take()
    } else if (event.key === 'Escape') {
      this.refused = this.field.value
      this.close()
    } else return false
    event.preventDefault()
    return true
  }

  look(): void {
    const { value, selectionStart, selectionEnd } = this.field
    if (value !== this.refused) this.refused = ''
    const found = this.refused || selectionStart !== selectionEnd ? undefined : complete(value, selectionEnd, this.here())
    if (!found) return this.close()
    this.found = found
    this.at = 0
    this.list.replaceChildren(...found.options.map(view))
    this.list.hidden = false
    this.mark()
  }

  close(): void {
    this.found = undefined
    this.list.hidden = true
    this.list.replaceChildren()
    this.field.removeAttribute('aria-activedescendant')
  }

  private take(): void {
    const { found, field } = this
    const option = found?.options[this.at]
    if (!found || !option) return
    const rest = field.value.slice(found.to)
    field.setRangeText(option.insert, found.from, found.to + (option.insert.endsWith(' ') && rest.startsWith(' ') ? 1 : 0), 'end')
    field.focus()
    this.changed()
    this.look()
  }

  private mark(): void {
    for (const [at, option] of [...this.list.children].entries()) {
      const active = at === this.at
      option.setAttribute('aria-selected', String(active))
      if (!active) continue
      this.field.setAttribute('aria-activedescendant', option.id)
      option.scrollIntoView({ block: 'nearest' })
    }
  }
}

function view(option: Option, at: number): HTMLElement {
  const item = document.createElement('li')
  item.id = `option-${at}`
  item.setAttribute('role', 'option')
  const label = document.createElement('b')
  label.textContent = option.label
  const hint = document.createElement('span')
  hint.textContent = option.hint
  if (option.color) {
    const chip = document.createElement('i')
    chip.className = 'chip'
    chip.ariaHidden = 'true'
    item.className = 'u'
    label.className = 'name'
    paint(item, option.color)
    item.append(chip)
  }
  item.append(label, hint)
  return item
}
