/** The conversation by keyboard: arrows go from message to message, Enter opens the menu of one, Escape goes back to writing. */

import type { MessageLog } from './message-log'
import type { MessageMenu } from './message-menu'

export class Walk {
  private current: HTMLElement | undefined

  constructor(
    private readonly log: MessageLog,
    private readonly menu: MessageMenu,
    private readonly back: () => void,
  ) {
    log.addEventListener('keydown', (event) => this.keyed(event))
    log.addEventListener('focusin', (event) => this.stand((event.target as Element).closest<HTMLElement>('.msg') ?? undefined))
    log.addEventListener('contextmenu', (event) => {
      // Pressed by keyboard; a mouse has the menu of the browser, where its links are.
      const item = (event.target as Element).closest<HTMLElement>('.msg')
      if (event.button === 2 || !item || document.activeElement !== item) return
      event.preventDefault()
      this.menu.open(item, 'menu')
    })
  }

  private keyed(event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const on = event.target as Element
    const item = on.closest<HTMLElement>('.msg') ?? undefined
    if (event.key === 'Escape') {
      if (on.closest('button')) item?.focus()
      else this.back()
      return event.preventDefault()
    }
    // Buttons and links in a message answer to their own keys.
    const own = on === item || on === this.log || on.matches('.frame')
    if (own && item && (event.key === 'Enter' || event.key === ' ')) this.menu.open(item, 'menu')
    else if (!this.step(event.key, item)) return
    event.preventDefault()
  }

  private step(key: string, item: HTMLElement | undefined): boolean {
    const items = this.log.items().filter((one) => one.checkVisibility())
    const at = item ? items.indexOf(item) : items.length
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: items.length - 1 }[key]
    if (to === undefined || (item === undefined && key === 'ArrowDown')) return false
    items[Math.max(0, Math.min(to, items.length - 1))]?.focus()
    return true
  }

  /** One message at a time is a stop of the Tab key. */
  private stand(item: HTMLElement | undefined): void {
    if (!item || item === this.current) return
    if (this.current) this.current.tabIndex = -1
    item.tabIndex = 0
    this.current = item
  }
}
