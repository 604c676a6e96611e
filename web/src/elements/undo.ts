/**
 * Says what was done, and offers to take it back for ten seconds; longer while the pointer or the keyboard is on it.
 * Escape lets it go.
 */

import { el } from './build'
import { texts } from './page'

export const UNDO_MS = 10_000

let current: { box: HTMLElement; timer: number; before: Element | null } | undefined

/** Whoever did it by keyboard is led here. `focus`: in any case, because what was pressed is gone. */
export function offerUndo(text: string, undo: () => void, focus = false): void {
  const byKeyboard = document.activeElement?.matches(':focus-visible:not(input, textarea)') ?? false
  offer(text, texts.text('undo'), undo, { focus: focus || byKeyboard })
}

export interface Manner {
  /** The focus goes there. */
  focus?: boolean
  /** Until it is done or closed. */
  stays?: boolean
}

/** The same for anything else that may be done now, or be left. */
export function offer(text: string, label: string, act: () => void, { focus = false, stays = false }: Manner = {}): void {
  dismiss()
  const button = el('button', { type: 'button' }, label)
  const box = el('div', { class: 'undo', popover: 'manual' }, el('p', { role: 'status' }), button)
  if (stays) box.append(leaving())
  // Above a dialog that is open, its content is all that can be reached.
  const home = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body
  home.append(box)
  box.showPopover()
  // A status is read when its text changes, not when it appears.
  box.firstElementChild!.textContent = text
  const toast = { box, timer: 0, before: document.activeElement }
  current = toast
  const wait = () => {
    clearTimeout(toast.timer)
    toast.timer = window.setTimeout(() => (box.matches(':hover') || box.querySelector(':focus-visible') ? wait() : dismiss()), UNDO_MS)
  }
  if (!stays) wait()
  button.addEventListener('click', () => {
    dismiss()
    act()
  })
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    dismiss()
  })
  if (focus) button.focus()
}

function leaving(): HTMLElement {
  // No icon: where something did not load, that may not come, either.
  const close = el('button', { type: 'button', class: 'leave', 'aria-label': texts.text('close') }, '×')
  close.onclick = dismiss
  return close
}

function dismiss(): void {
  if (!current) return
  const { box, timer, before } = current
  current = undefined
  clearTimeout(timer)
  const had = box.contains(document.activeElement)
  box.remove()
  if (!had) return
  const back = before instanceof HTMLElement && before.isConnected && before !== document.body ? before : document.querySelector<HTMLElement>('message-log')
  back?.focus({ preventScroll: true })
}
