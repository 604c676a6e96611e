/**
 * Says what was done, and offers to take it back for ten seconds; longer while the pointer or the keyboard is on it.
 * Escape lets it go. One notice stands there at a time; one that stays is there again after those that came over it.
 */

import { el } from './build'
import { texts } from './page'

export const UNDO_MS = 10_000
const MOST_BEHIND = 5

interface Notice {
  box: HTMLElement
  text: string
  stays: object | undefined
  timer: number
  /** What had the focus when it came. */
  before: Element | null
  gone: (() => void) | undefined
}

let current: Notice | undefined
/** Those that stay, the newest last. */
let behind: readonly Notice[] = []

/** Whoever did it by keyboard is led here. `focus`: in any case, because what was pressed is gone. */
export function offerUndo(text: string, undo: () => void, focus = false): void {
  offer(text, texts.text('undo'), undo, { focus: focus || byKeyboard() })
}

/** Whether the keyboard moves the focus, and nobody writes. */
export function byKeyboard(): boolean {
  return document.activeElement?.matches(':focus-visible:not(input, textarea)') ?? false
}

export interface Manner {
  /** The focus goes there. */
  focus?: boolean
  /** Until it is done, closed or withdrawn. What it is about: of two about the same only the newer one is left. */
  stays?: object
  /** Hears that a notice that does not stay is gone, and that it was not done. */
  gone?: () => void
}

/** The same for anything else that may be done now, or be left. Returns what takes the notice back. */
export function offer(text: string, label: string, act: () => void, { focus = false, stays, gone }: Manner = {}): () => void {
  if (current?.stays && current.stays !== stays) behind = [...behind, current].slice(-MOST_BEHIND)
  if (stays) behind = behind.filter((one) => one.stays !== stays)
  clear()
  const button = el('button', { type: 'button' }, label)
  const box = el('div', { class: 'undo', popover: 'manual' }, el('p', { role: 'status' }), button)
  if (stays) box.append(leaving())
  const notice: Notice = { box, text, stays, timer: 0, before: null, gone }
  button.addEventListener('click', () => {
    notice.gone = undefined
    dismiss()
    act()
  })
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    dismiss()
  })
  show(notice)
  if (focus) button.focus()
  return () => current === notice && dismiss()
}

/** What a notice that stays was about has come meanwhile. */
export function withdraw(about: object): void {
  behind = behind.filter((one) => one.stays !== about)
  if (current?.stays === about) dismiss()
}

function show(notice: Notice): void {
  const { box, text, stays } = notice
  notice.before = document.activeElement
  current = notice
  // Above a dialog that is open, its content is all that can be reached.
  const dialog = [...document.querySelectorAll('dialog:modal')].at(-1)
  const home = dialog ?? document.body
  box.firstElementChild!.textContent = ''
  home.append(box)
  box.showPopover()
  // A status is read when its text changes, not when it appears.
  box.firstElementChild!.textContent = text
  if (!stays) return wait(notice)
  // It does not go with the dialog.
  dialog?.addEventListener('close', () => current === notice && dialog.contains(box) && show(notice), { once: true })
}

function wait(notice: Notice): void {
  const { box } = notice
  clearTimeout(notice.timer)
  notice.timer = window.setTimeout(() => (box.matches(':hover') || box.querySelector(':focus-visible') ? wait(notice) : dismiss()), UNDO_MS)
}

function leaving(): HTMLElement {
  // No icon: where something did not load, that may not come, either.
  const close = el('button', { type: 'button', class: 'leave', 'aria-label': texts.text('close') }, '×')
  close.onclick = dismiss
  return close
}

/** It is done with; the one behind it is there again. */
function dismiss(): void {
  clear()
  const next = behind.at(-1)
  behind = behind.slice(0, -1)
  if (next) show(next)
}

/** Takes the one that stands there from the page. */
function clear(): void {
  if (!current) return
  const { box, timer, before, gone } = current
  current = undefined
  clearTimeout(timer)
  const had = box.contains(document.activeElement)
  box.remove()
  gone?.()
  if (!had) return
  const back = before instanceof HTMLElement && before.isConnected && before !== document.body ? before : document.querySelector<HTMLElement>('message-log')
  back?.focus({ preventScroll: true })
}
