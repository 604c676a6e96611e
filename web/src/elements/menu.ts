/**
 * A menu of commands at a button (the pattern "menu button" of the ARIA practices): arrow keys move, letters jump, Escape
 * closes and gives the focus back, a press elsewhere closes.
 *
 * It floats beside its anchor; where there is little width and the anchor stands in a row, it unfolds below that row.
 */

import { nextItem } from '../lib/menu-keys'
import { el, icon, type Child } from './build'

export interface Item {
  icon: string
  text: string
  hint?: string
  danger?: boolean
  act: () => void
}

const NARROW = matchMedia('(max-width: 799.9px)')
const GAP_PX = 4

let open: { menu: HTMLElement; anchor: HTMLElement } | undefined

/** `groups`: rules stand between them. `row`: below which it may unfold. */
export function openMenu(anchor: HTMLElement, label: string, groups: readonly (readonly Item[])[], row?: HTMLElement | null): void {
  const again = open?.anchor === anchor
  closeMenu()
  if (again) return
  const menu = el('div', { class: 'menu of-member', role: 'menu', 'aria-label': label }, ...lines(groups))
  menu.addEventListener('keydown', (event) => keyed(event, menu))
  open = { menu, anchor }
  expand(anchor, true)
  document.addEventListener('pointerdown', elsewhere, true)
  if (row && NARROW.matches) {
    menu.classList.add('unfolded')
    row.append(menu)
    row.classList.add('open')
    menu.scrollIntoView({ block: 'nearest' })
  } else {
    menu.popover = 'manual'
    // Not in the log, which would read it aloud; not outside of a dialog, where it could not be reached.
    ;(anchor.closest('dialog, member-list, main') ?? document.body).append(menu)
    menu.showPopover()
    place(menu, anchor)
    addEventListener('resize', closeMenu)
    document.addEventListener('scroll', scrolled, true)
  }
  items(menu)[0]?.focus()
}

/** The focus goes back to the button when it was in the menu. */
export function closeMenu(): void {
  if (!open) return
  const { menu, anchor } = open
  open = undefined
  const had = menu.contains(document.activeElement)
  document.removeEventListener('pointerdown', elsewhere, true)
  document.removeEventListener('scroll', scrolled, true)
  removeEventListener('resize', closeMenu)
  menu.closest('.person')?.classList.remove('open')
  expand(anchor, false)
  menu.remove()
  if (had && anchor.isConnected) anchor.focus()
}

/** What is no button, as a message, says nothing about it. */
function expand(anchor: HTMLElement, open: boolean): void {
  if (anchor.hasAttribute('aria-haspopup')) anchor.setAttribute('aria-expanded', String(open))
}

function lines(groups: readonly (readonly Item[])[]): Child[] {
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, at) => [at > 0 && el('hr', { role: 'separator' }), ...group.map(line)])
}

function line(item: Item): HTMLElement {
  const words = el('span', {}, item.text, item.hint !== undefined && el('small', {}, item.hint))
  const button = el('button', { type: 'button', role: 'menuitem', tabindex: '-1' }, icon(item.icon), words)
  if (item.danger) button.classList.add('danger')
  button.addEventListener('click', () => {
    closeMenu()
    item.act()
  })
  return button
}

function items(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')]
}

function keyed(event: KeyboardEvent, menu: HTMLElement): void {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Escape' || event.key === 'Tab') {
    // Tab goes on from the button. Escape closes nothing but the menu.
    if (event.key === 'Escape') event.preventDefault()
    event.stopPropagation()
    closeMenu()
    return
  }
  const all = items(menu)
  const at = all.indexOf(document.activeElement as HTMLElement)
  const to = nextItem(event.key, at, all.map((item) => item.textContent))
  if (to === undefined) return
  event.preventDefault()
  all[to]?.focus()
}

function elsewhere(event: Event): void {
  const target = event.target as Node
  if (open && !open.menu.contains(target) && !open.anchor.contains(target)) closeMenu()
}

function scrolled(event: Event): void {
  if (open && !open.menu.contains(event.target as Node)) closeMenu()
}

/** Below the anchor, or above it where there is no space; never over the edge of the window. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect()
  const { width, height } = menu.getBoundingClientRect()
  const below = at.bottom + GAP_PX
  const top = below + height <= innerHeight - 8 ? below : Math.max(8, at.top - height - GAP_PX)
  const left = Math.min(Math.max(8, at.right - width), innerWidth - width - 8)
  menu.style.setProperty('top', `${top}px`)
  menu.style.setProperty('left', `${left}px`)
}
