/** The conversation: history above, what is said now below (announced to a screen reader), always in order. */

import { behind } from '../lib/place'
import { clone, get, leave, template } from './dom'
import { nameDay, regroup } from './groups'
import { fold } from './lines'
import { showAlt } from './message-parts'
import { localize } from './message-view'
import { names, texts } from './page'
import { inOrder, isShown, placeOf } from './placed'

/** A reader this near to the end follows it. */
const NEAR_PX = 100
/** Items on the page; older ones leave it and can be loaded again. */
const MOST_ITEMS = 400

export class MessageLog extends HTMLElement {
  /** Asked for when the reader comes near the top. */
  onolder: (() => void) | undefined
  /** The lowest `seq` that is still on the page, after older items left it. */
  ontrim: ((low: number) => void) | undefined
  /** A message with a picture stands here, or has become one, or its picture has other words. */
  onpicture: ((item: HTMLElement) => void) | undefined
  /** How many messages of others the reader has not seen. */
  onunseen: ((count: number) => void) | undefined
  private unseen = 0
  private following = true
  private jump = get<HTMLButtonElement>(document, '.jump')

  connectedCallback(): void {
    for (const item of this.items()) {
      localize(item)
      if (item.classList.contains('other')) names.learn(item.dataset.member ?? '', get(item, '.name').textContent)
    }
    this.days()
    for (const line of this.querySelectorAll('.line[data-seq]')) fold(line)
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

  /** The first `seq` on the page. */
  get first(): number | undefined {
    const seq = this.querySelector<HTMLElement>('[data-seq]')?.dataset.seq
    return seq === undefined ? undefined : Number(seq)
  }

  message(seq: number): HTMLElement | null {
    return this.querySelector(`.msg[data-seq="${seq}"]`)
  }

  hasWhisper(number: number): boolean {
    return this.querySelector(`[data-number="${number}"]`) !== null
  }

  /** Adds what is new: stored things in their place, what is on its way at the end. */
  add(item: HTMLElement): void {
    const mine = item.classList.contains('mine')
    item.classList.add('fresh')
    const [parent, next] = this.spot(item)
    parent.insertBefore(item, next)
    if (item.classList.contains('other') && isShown(item)) this.see(parent, item)
    this.arranged(item)
    this.follow(mine)
  }

  /** A pending item was confirmed: it goes to its place, unless it stands there. */
  settle(item: HTMLElement): void {
    const from = item.nextElementSibling
    const [parent, next] = this.spot(item)
    if (next !== item && next !== from) {
      parent.insertBefore(item, next)
      if (from) this.arranged(from as HTMLElement)
    }
    this.arranged(item)
    this.follow(false)
  }

  drop(item: HTMLElement): void {
    const next = this.sibling(item, 1)
    if (item.contains(document.activeElement)) (next ?? this.sibling(item, -1) ?? this).focus({ preventScroll: true })
    void leave(item).then(() => next && this.regroup(next))
  }

  /** It stands here twice: this one goes at once, without a motion that would draw the eye to it. */
  merge(item: HTMLElement): void {
    const next = this.sibling(item, 1)
    item.remove()
    if (next) this.regroup(next)
  }

  /** Older ones, oldest first; the reader's place stays. */
  addOlder(items: HTMLElement[]): void {
    const before = this.scrollHeight - this.scrollTop
    this.history.prepend(...items)
    for (const item of items) this.arranged(item)
    this.scrollTop = this.scrollHeight - before
  }

  /** Starts anew with these, except for what is still on its way. */
  reset(items: HTMLElement[]): void {
    for (const item of this.items()) if (!item.dataset.pending) item.remove()
    for (const other of this.live.querySelectorAll('.line, .splice')) other.remove()
    this.history.replaceChildren(...items)
    for (const item of items) this.arranged(item)
    this.unseen = 0
    this.following = true
    this.toEnd()
  }

  /** Takes away what fits and stood here before this `seq`. */
  clear(selector: string, seq: number): void {
    for (const one of inOrder(this)) {
      if (!one.matches(selector) || placeOf(one).seq >= seq) continue
      const { previousElementSibling: before, nextElementSibling: after } = one
      one.remove()
      fold(before)
      fold(after)
      if (after?.matches('.msg')) this.regroup(after as HTMLElement)
    }
  }

  describe(item: HTMLElement, alt: string): void {
    showAlt(item, alt)
    this.onpicture?.(item)
  }

  find(pending: string): HTMLElement | null {
    return this.live.querySelector(`[data-pending="${CSS.escape(pending)}"]`)
  }

  /** Something for this reader alone, for now: the answer to a command. */
  answer(line: HTMLElement): void {
    this.live.querySelector('.answer')?.remove()
    const [parent, next] = this.spot(undefined)
    parent.insertBefore(line, next)
    this.follow(true)
  }

  toEnd(byHand = false): void {
    this.scrollTop = this.scrollHeight
    this.following = true
    if (byHand) this.focus({ preventScroll: true })
    this.seen()
  }

  /** Where it belongs: behind what it comes after, and before what is still on its way. */
  private spot(item: HTMLElement | undefined): [Element, Element | null] {
    const waiting = this.live.querySelector('.msg.pending, .msg.broken')
    if (item?.dataset.pending) return [this.live, null]
    const all = inOrder(this).filter((one) => one !== item)
    const place = item ? placeOf(item) : { seq: Infinity, number: 0 }
    const last = all[behind(all.map(placeOf), place)]
    if (!last) return this.history.firstElementChild ? [this.history, this.history.firstElementChild] : [this.live, this.live.firstElementChild]
    let next = last.nextElementSibling
    while (next?.matches('.splice, .answer')) next = next.nextElementSibling
    // What follows history is said now.
    if (next === null && last.parentElement === this.history) next = this.live.firstElementChild
    while (next?.matches('.splice, .answer')) next = next.nextElementSibling
    return next ? [next.parentElement ?? this.live, next] : [this.live, waiting]
  }

  /** Something of others came: counted and marked with a splice when the reader is elsewhere. */
  private see(parent: Element, before: Element): void {
    if (this.following && document.visibilityState === 'visible') return
    this.unseen += 1
    let splice = this.querySelector('.splice')
    if (splice && this.unseen === 1) {
      splice.remove()
      splice = null
    }
    if (!splice) {
      splice = clone(template('splice'))
      parent.insertBefore(splice, before)
    }
    get(splice, 'span').textContent = texts.text('room.new', { n: this.unseen })
    this.onunseen?.(this.unseen)
  }

  private follow(mine: boolean): void {
    if (mine || this.following) this.toEnd()
    else this.showJump()
    if (this.following) this.trim()
  }

  private scrolled(): void {
    const { scrollTop } = this
    const following = this.scrollHeight - scrollTop - this.clientHeight <= NEAR_PX
    // Once for each frame of a scroll: what has not changed is not written, or the page is laid out again.
    if (following !== this.following || (following && this.unseen > 0)) {
      this.following = following
      if (following) this.seen()
      else this.showJump()
    }
    if (scrollTop < 200) this.onolder?.()
  }

  private seen(): void {
    if (document.visibilityState !== 'visible') return
    this.unseen = 0
    this.onunseen?.(0)
    this.showJump()
  }

  /** The splice stays until the next time the reader is elsewhere. */
  private showJump(): void {
    this.jump.hidden = this.following
    get(this.jump, 'span').textContent = this.unseen > 0 ? texts.text('room.new', { n: this.unseen }) : texts.text('room.jump')
  }

  private trim(): void {
    const all = inOrder(this)
    if (all.length <= MOST_ITEMS) return
    for (const one of all.slice(0, all.length - MOST_ITEMS)) one.remove()
    const [first] = this.items()
    if (first) this.regroup(first)
    const line = this.querySelector('.run')
    if (line) fold(line.nextElementSibling)
    this.ontrim?.(this.first ?? 0)
  }

  private sibling(item: HTMLElement, step: 1 | -1): HTMLElement | undefined {
    const items = this.items()
    return items[items.indexOf(item) + step]
  }

  /** What its neighbours and it take from each other. */
  private arranged(item: HTMLElement): void {
    if (item.classList.contains('msg')) {
      if (item.querySelector('.frame.gif')) this.onpicture?.(item)
      this.regroup(item)
      for (const neighbour of [item.previousElementSibling, item.nextElementSibling]) fold(neighbour)
    } else {
      fold(item)
      const after = this.items().find((one) => item.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)
      if (after) this.regroup(after)
    }
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
