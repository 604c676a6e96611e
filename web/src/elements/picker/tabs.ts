/** The parts of the picker (the pattern "tabs" of the ARIA practices): arrow keys choose. */

import { el, icon } from '../build'
import { texts } from '../page'

export const TABS = ['recent', 'favourites', 'library', 'elsewhere'] as const
export type Tab = (typeof TABS)[number]

const ICONS: Readonly<Record<Tab, string>> = { recent: 'clock', favourites: 'star', library: 'folder', elsewhere: 'globe' }

export class Tabs {
  readonly element: HTMLElement
  private readonly buttons = new Map<Tab, HTMLButtonElement>()

  /** `panel`: the id of what they show. */
  constructor(
    panel: string,
    private readonly chosen: (tab: Tab) => void,
  ) {
    for (const tab of TABS) {
      const button = el('button', { type: 'button', role: 'tab', id: `picker-${tab}`, 'aria-controls': panel }, icon(ICONS[tab]), texts.text(`picker.${tab}`))
      button.onclick = () => this.chosen(tab)
      this.buttons.set(tab, button)
    }
    this.element = el('div', { class: 'tabs', role: 'tablist', 'aria-label': texts.text('picker.title') }, ...this.buttons.values())
    this.element.addEventListener('keydown', (event) => this.keyed(event))
  }

  select(tab: Tab): void {
    for (const [one, button] of this.buttons) {
      button.setAttribute('aria-selected', String(one === tab))
      button.tabIndex = one === tab ? 0 : -1
    }
  }

  /** A server without a library has no such tab. Returns whether the focus was there. */
  hide(tab: Tab): boolean {
    const button = this.buttons.get(tab)
    if (!button) return false
    const had = button === document.activeElement
    button.hidden = true
    return had
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('[aria-selected=true]')?.focus()
  }

  private keyed(event: KeyboardEvent): void {
    const shown = [...this.buttons].filter(([, button]) => !button.hidden)
    const at = shown.findIndex(([, button]) => button === event.target)
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: shown.length - 1 }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    const [tab, button] = shown[(to + shown.length) % shown.length] ?? []
    if (!tab || !button) return
    this.chosen(tab)
    button.focus()
  }
}
