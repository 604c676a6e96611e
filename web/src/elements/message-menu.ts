/** What can be done with a message: buttons beside it for a mouse, a menu by keyboard, the same as a sheet by a long press. */

import { emojiOf } from '../lib/reactions'
import type { Deed, Deeds } from './deeds'
import { get } from './dom'
import type { Jump } from './jump'
import type { MessageLog } from './message-log'
import { reactionsOf } from './message-parts'
import { texts } from './page'

const LONG_PRESS_MS = 450
/** A finger that moves this far scrolls. */
const STILL_PX = 10
const BESIDE_PX = 8
const HOVER = matchMedia('(hover: hover) and (pointer: fine)')
const NARROW = matchMedia('(max-width: 799.9px)')

export class MessageMenu {
  private readonly tools: HTMLElement
  private readonly popover: HTMLElement
  private hovered: HTMLElement | undefined
  private item: HTMLElement | undefined

  constructor(
    room: HTMLElement,
    private readonly log: MessageLog,
    private readonly deeds: Deeds,
    private readonly jump: Jump,
  ) {
    this.tools = get(room, '#tools')
    this.popover = get(room, '#message-menu')
    log.addEventListener('click', (event) => this.clicked(event))
    log.addEventListener('pointerover', (event) => this.hover((event.target as Element).closest<HTMLElement>('.msg, #tools')))
    log.addEventListener('pointerleave', () => this.hover(null))
    this.press()
    this.menu()
  }

  /** `menu` or `react`: where the focus goes. */
  open(item: HTMLElement, to: 'menu' | 'react'): void {
    const can = this.deeds.possible(item)
    if (can.size === 0) return
    this.item = item
    for (const button of this.popover.querySelectorAll<HTMLElement>('[data-deed]')) {
      button.hidden = !can.has(button.dataset.deed as Deed)
    }
    const mine = reactionsOf(item).filter((one) => one.mine)
    for (const button of this.popover.querySelectorAll<HTMLElement>('[data-emoji]')) {
      button.setAttribute('aria-pressed', String(mine.some(({ emoji }) => emoji === button.dataset.emoji)))
    }
    get(this.popover, '.quick').hidden = !can.has('react')
    get<HTMLInputElement>(this.popover, 'input').value = ''
    if (can.has('star')) void this.mark(item)
    this.wrong('')
    this.popover.showPopover()
    this.place(item)
    this.stops(to === 'react')[0]?.focus({ preventScroll: true })
  }

  private stops(all: boolean): HTMLElement[] {
    const stops = [...this.popover.querySelectorAll<HTMLElement>('button, input')].filter((one) => one.checkVisibility())
    return all ? stops : stops.filter((one) => one.matches('[role^=menuitem]'))
  }

  /** Whether its GIF is a favourite is known a moment later. */
  private async mark(item: HTMLElement): Promise<void> {
    const part = await import('./picker/deeds').catch(() => undefined)
    if (this.item === item) await part?.markStar(item, get(this.popover, '[data-deed=star]'))
  }

  private menu(): void {
    const { popover } = this
    popover.addEventListener('click', (event) => {
      const button = (event.target as Element).closest<HTMLElement>('button')
      const { emoji, deed } = button?.dataset ?? {}
      if (emoji) this.done((item) => this.deeds.react(item, emoji))
      else if (deed) this.done((item) => this.deeds.do(deed as Deed, item))
    })
    get<HTMLFormElement>(popover, 'form').addEventListener('submit', (event) => {
      event.preventDefault()
      this.typed(true)
    })
    get<HTMLInputElement>(popover, 'input').addEventListener('input', (event) => !(event as InputEvent).isComposing && this.typed(false))
    popover.addEventListener('keydown', (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
      const typing = (event.target as Element).matches('input') && event.key.startsWith('Arrow') && /Left|Right/.test(event.key)
      if (step === undefined || event.isComposing || typing) return
      const all = this.stops(true)
      const at = all.indexOf(document.activeElement as HTMLElement)
      all[(at + step + all.length) % all.length]?.focus()
      event.preventDefault()
    })
    popover.addEventListener('toggle', (event) => {
      if ((event as ToggleEvent).newState === 'open') return
      const { activeElement } = document
      if (activeElement === document.body || popover.contains(activeElement)) this.item?.focus({ preventScroll: true })
    })
  }

  private done(act: (item: HTMLElement) => void): void {
    const { item } = this
    this.popover.hidePopover()
    item?.focus({ preventScroll: true })
    if (item) act(item)
  }

  /** An emoji of the reader's own choice: the first whole one is taken. */
  private typed(whole: boolean): void {
    const emoji = emojiOf(get<HTMLInputElement>(this.popover, 'input').value)
    if (emoji) this.done((item) => this.deeds.react(item, emoji))
    else this.wrong(whole ? texts.text('message.react.wrong') : '')
  }

  private wrong(text: string): void {
    const line = get(this.popover, '.wrong')
    line.textContent = text
    line.hidden = text === ''
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element
    const tool = target.closest<HTMLElement>('[data-tool]')?.dataset.tool
    if (tool && this.hovered) return this.use(tool, this.hovered)
    const item = target.closest<HTMLElement>('.msg')
    const quote = target.closest<HTMLElement>('[data-quote]')?.dataset.quote
    const button = target.closest<HTMLElement>('[data-react]')
    if (quote) void this.jump.to(Number(quote))
    else if (item && button) {
      if (button.dataset.react) this.deeds.react(item, button.dataset.react)
      else this.open(item, 'react')
    }
  }

  private use(tool: string, item: HTMLElement): void {
    if (tool === 'reply') this.deeds.do('reply', item)
    else this.open(item, tool === 'react' ? 'react' : 'menu')
  }

  /** The buttons stand beside the frame, on its free side; over its edge where there is no space. */
  private hover(item: HTMLElement | null): void {
    if (item === this.tools || !HOVER.matches) return
    const can = item && this.deeds.possible(item)
    if (!item || !can || can.size === 0) {
      if (!item) this.tools.hidden = true
      return
    }
    this.hovered = item
    this.tools.hidden = false
    for (const tool of ['reply', 'react'] as const) get(this.tools, `[data-tool=${tool}]`).hidden = !can.has(tool)
    const frame = get(item, '.frame').getBoundingClientRect()
    const home = get(this.log, '.log').getBoundingClientRect()
    const { width, height } = this.tools.getBoundingClientRect()
    const mine = item.classList.contains('mine')
    const beside = mine ? frame.left - BESIDE_PX - width : frame.right + BESIDE_PX
    const left = Math.max(home.left + 8, Math.min(beside, home.right - 8 - width))
    const top = frame.height > 3 * height ? frame.top + BESIDE_PX : frame.top + (frame.height - height) / 2
    this.tools.style.setProperty('left', `${left - home.left}px`)
    this.tools.style.setProperty('top', `${top - home.top}px`)
  }

  private press(): void {
    let timer = 0
    let from = { x: 0, y: 0 }
    let opened = false
    const stop = () => clearTimeout(timer)
    this.log.addEventListener('pointerdown', (event) => {
      stop()
      opened = false
      const item = (event.target as Element).closest('.frame') ? (event.target as Element).closest<HTMLElement>('.msg') : null
      if (event.pointerType === 'mouse' || !item) return
      from = { x: event.clientX, y: event.clientY }
      timer = window.setTimeout(() => {
        opened = true
        this.open(item, 'menu')
      }, LONG_PRESS_MS)
    })
    this.log.addEventListener('pointermove', (event) => Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL_PX && stop())
    for (const end of ['pointerup', 'pointercancel']) this.log.addEventListener(end, stop)
    // The same press must not follow a link, nor open the browser's own menu.
    this.log.addEventListener('click', (event) => {
      if (opened) event.preventDefault()
      opened = false
    }, true)
    this.log.addEventListener('contextmenu', (event) => {
      const touch = (event as PointerEvent).pointerType === 'touch'
      if (touch && (event.target as Element).closest('.frame')) event.preventDefault()
    })
  }

  private place(item: HTMLElement): void {
    const { style } = this.popover
    for (const side of ['left', 'top']) style.removeProperty(side)
    if (NARROW.matches || !HOVER.matches) return
    const frame = get(item, '.frame').getBoundingClientRect()
    const { width, height } = this.popover.getBoundingClientRect()
    const beside = item.classList.contains('mine') ? frame.left - BESIDE_PX - width : frame.right + BESIDE_PX
    const left = Math.max(8, Math.min(beside, innerWidth - width - 8))
    style.setProperty('left', `${left}px`)
    style.setProperty('top', `${Math.max(8, Math.min(frame.top, innerHeight - height - 8))}px`)
  }
}
