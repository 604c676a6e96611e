/** The conversation: history above, what is said now below (announced to a screen reader), always in order. */

import { clone, get, leave, template } from './dom'
import { nameDay, regroup } from './groups'
import { localize } from './message-view'
import { texts } from './page'

/** A reader this near to the end follows it. */
const NEAR_PX = 100
/** Items on the page; older ones leave it and can be loaded again. */
const MOST_ITEMS = 400

export class MessageLog extends HTMLElement {
  /** Asked for when the reader comes near the top. */
  onolder: (() => void) | undefined
  /** The lowest `seq` that is still on the page, after older items left it. */
  ontrim: ((low: number) => void) | undefined
  private unseen = 0
  private following = true
  private jump = get<HTMLButtonElement>(document, '.jump')

  connectedCallback(): void {
    for (const item of this.items()) localize(item)
    this.days()
    this.addEventListener('scroll', () => this.scrolled(), { passive: true })
    this.jump.onclick = () => this.toEnd(true)
    // Keeps the end in sight when the window, the keyboard or a picture changes the heights.
    new ResizeObserver(() => this.following && this.toEnd()).observe(this)
    new ResizeObserver(() => this.following && this.toEnd()).observe(get(this, '.log'))
    document.addEventListener('visibilitychange', () => this.following && this.seen())
    this.toEnd()
  }

  private get history(): HTMLElement {
    return get(this, '.history')
  }

  private get live(): HTMLElement {
    return get(this, '#log')
  }

  items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('.msg')]
  }

  /** Adds what is new: stored messages before those that are still on their way. */
  add(item: HTMLElement): void {
    const mine = item.classList.contains('mine')
    item.classList.add('fresh')
    const waiting = item.dataset.pending ? null : this.live.querySelector<HTMLElement>('.msg.pending, .msg.broken')
    if (!mine) this.see(waiting)
    this.live.insertBefore(item, waiting)
    this.regroup(item)
    this.follow(mine)
  }

  /** A pending item was confirmed: it moves before what is still waiting. */
  settle(item: HTMLElement): void {
    const waiting = this.live.querySelector<HTMLElement>('.msg.pending, .msg.broken')
    if (waiting && waiting.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING) {
      const from = item.nextElementSibling
      this.live.insertBefore(item, waiting)
      if (from) this.regroup(from as HTMLElement)
    }
    this.regroup(item)
    this.follow(false)
  }

  drop(item: HTMLElement): void {
    const next = this.sibling(item, 1)
    void leave(item).then(() => next && this.regroup(next))
  }

  /** It stands here twice: this one goes at once, without a motion that would draw the eye to it. */
  merge(item: HTMLElement): void {
    const next = this.sibling(item, 1)
    item.remove()
    if (next) this.regroup(next)
  }

  /** A line about somebody. Lines of one kind in a row become one. */
  line(line: HTMLElement): void {
    const last = this.live.lastElementChild
    if (last?.classList.contains('system') && (last as HTMLElement).dataset.kind === line.dataset.kind) last.replaceWith(line)
    else this.live.append(line)
    this.follow(false)
  }

  get lastLine(): HTMLElement | undefined {
    const last = this.live.lastElementChild
    return last?.classList.contains('system') ? (last as HTMLElement) : undefined
  }

  /** Older messages, oldest first; the reader's place stays. */
  addOlder(items: HTMLElement[]): void {
    const before = this.scrollHeight - this.scrollTop
    this.history.prepend(...items)
    for (const item of items) this.regroup(item)
    this.scrollTop = this.scrollHeight - before
  }

  /** Starts anew with these, except for what is still on its way. */
  reset(items: HTMLElement[]): void {
    for (const item of this.items()) if (!item.dataset.pending) item.remove()
    for (const other of this.live.querySelectorAll('.system, .splice')) other.remove()
    this.history.replaceChildren(...items)
    for (const item of items) this.regroup(item)
    this.unseen = 0
    this.following = true
    this.toEnd()
  }

  find(pending: string): HTMLElement | null {
    return this.live.querySelector(`[data-pending="${CSS.escape(pending)}"]`)
  }

  toEnd(byHand = false): void {
    this.scrollTop = this.scrollHeight
    this.following = true
    if (byHand) this.focus({ preventScroll: true })
    this.seen()
  }

  /** Something of others came: counted and marked with a splice when the reader is elsewhere. */
  private see(before: Element | null): void {
    if (this.following && document.visibilityState === 'visible') return
    this.unseen += 1
    let splice = this.live.querySelector('.splice')
    if (!splice) {
      splice = clone(template('splice'))
      this.live.insertBefore(splice, before)
    }
    get(splice, 'span').textContent = texts.text('room.new', { n: this.unseen })
  }

  private follow(mine: boolean): void {
    if (mine || this.following) this.toEnd()
    else this.showJump()
    if (this.following) this.trim()
  }

  private scrolled(): void {
    this.following = this.scrollHeight - this.scrollTop - this.clientHeight <= NEAR_PX
    if (this.following) this.seen()
    this.showJump()
    if (this.scrollTop < 200) this.onolder?.()
  }

  private seen(): void {
    if (document.visibilityState !== 'visible') return
    this.unseen = 0
    this.showJump()
  }

  private showJump(): void {
    this.jump.hidden = this.following
    get(this.jump, 'span').textContent =
      this.unseen > 0 ? texts.text('room.new', { n: this.unseen }) : texts.text('room.jump')
    // The splice stays until the next time the reader is elsewhere.
    if (this.following && this.unseen === 0 && this.live.lastElementChild?.classList.contains('splice')) this.live.lastElementChild.remove()
  }

  private trim(): void {
    const items = this.items()
    if (items.length <= MOST_ITEMS) return
    for (const item of items.slice(0, items.length - MOST_ITEMS)) item.remove()
    const first = this.items()[0]
    if (first) {
      this.regroup(first)
      this.ontrim?.(Number(first.dataset.seq))
    }
  }

  private sibling(item: HTMLElement, step: 1 | -1): HTMLElement | undefined {
    const items = this.items()
    return items[items.indexOf(item) + step]
  }

  private regroup(item: HTMLElement): void {
    const after = this.sibling(item, 1)
    regroup(this.sibling(item, -1), item)
    if (after) regroup(item, after)
  }

  private days(): void {
    let before: HTMLElement | undefined
    for (const item of this.items()) {
      nameDay(before, item)
      before = item
    }
  }
}

customElements.define('message-log', MessageLog)
