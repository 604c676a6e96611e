/**
 * Where the picker stands: above its button on a desktop, beside the conversation, which stays in reach; a sheet on a
 * phone. Escape closes it and gives the focus back; a press elsewhere closes it.
 */

import { el, icon, type Child } from '../build'
import { openDialog } from '../dom'
import { texts } from '../page'
import { drag } from '../sheet'

const NARROW = matchMedia('(max-width: 799.9px)')
const WIDTH = 560
const ASIDE_PX = 32
const GAP_PX = 28
const EDGE_PX = 8

export interface Shell {
  readonly isSheet: boolean
  /** `back`: the focus goes to the opener. */
  close: (back: boolean) => void
}

/** `content`: without the button that closes it. `closed` is told once, however that came. */
export function openShell(opener: HTMLElement, head: HTMLElement, content: Child[], closed: () => void): Shell {
  const label = texts.text('picker.title')
  const close = el('button', { type: 'button', class: 'round', 'data-close': true, 'aria-label': texts.text('close') }, icon('close'))
  head.append(close)
  return NARROW.matches ? sheet(label, [head, ...content], closed) : popover(opener, label, [head, ...content], closed)
}

function sheet(label: string, content: Child[], closed: () => void): Shell {
  const grip = el('div', { class: 'grip', 'aria-hidden': 'true' })
  const dialog = el('dialog', { class: 'sheet picker film', id: 'picker', 'aria-label': label }, grip, ...content)
  document.body.append(dialog)
  openDialog(dialog)
  drag(dialog, grip, () => dialog.close())
  const turn = () => dialog.close()
  NARROW.addEventListener('change', turn)
  dialog.addEventListener('close', () => {
    NARROW.removeEventListener('change', turn)
    // The focus is given back only after this event.
    setTimeout(() => dialog.remove())
    closed()
  })
  return { isSheet: true, close: () => dialog.close() }
}

function popover(opener: HTMLElement, label: string, content: Child[], closed: () => void): Shell {
  const box = el('div', { class: 'picker film', id: 'picker', role: 'dialog', popover: 'manual', 'aria-label': label }, ...content)
  // Behind the line one writes in: that is where the Tab key leads to it, and from it.
  ;(opener.closest('form') ?? opener).after(box)
  box.showPopover()
  const move = () => place(box, opener)
  move()
  let open = true
  const shut = (back: boolean) => {
    if (!open) return
    open = false
    document.removeEventListener('pointerdown', elsewhere, true)
    removeEventListener('resize', move)
    NARROW.removeEventListener('change', turn)
    box.remove()
    closed()
    if (back) opener.focus()
  }
  const isOutside = (target: EventTarget | null) => target instanceof Node && !box.contains(target) && !opener.contains(target)
  const elsewhere = (event: Event) => isOutside(event.target) && shut(false)
  const turn = () => shut(false)
  document.addEventListener('pointerdown', elsewhere, true)
  addEventListener('resize', move)
  NARROW.addEventListener('change', turn)
  box.addEventListener('focusout', (event) => isOutside(event.relatedTarget) && shut(false))
  box.addEventListener('click', (event) => (event.target as Element).closest('[data-close]') && shut(true))
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return
    event.preventDefault()
    event.stopPropagation()
    shut(true)
  })
  return { isSheet: false, close: shut }
}

function place(box: HTMLElement, opener: HTMLElement): void {
  const at = opener.getBoundingClientRect()
  const left = Math.max(EDGE_PX, Math.min(at.left + ASIDE_PX, innerWidth - WIDTH - EDGE_PX))
  box.style.setProperty('left', `${left}px`)
  box.style.setProperty('bottom', `${innerHeight - at.top + GAP_PX}px`)
  box.style.setProperty('--room', `${at.top - GAP_PX - EDGE_PX}px`)
}
