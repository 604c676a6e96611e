/** Tells the owner that many come at once, with the one button. */

import { el } from './build'
import { get } from './dom'
import { texts } from './page'

const LASTS_MS = 60_000

export class RaidBar {
  private timer = 0

  constructor(
    private readonly room: HTMLElement,
    private readonly press: () => void,
  ) {}

  /** `joins`: so many have come lately. */
  show(joins: number): void {
    const bar = get(this.room, '.raid-bar')
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.hide(), LASTS_MS)
    const sentence = el('p', {}, texts.count('raid.watch', joins))
    const yes = el('button', { type: 'button', class: 'on-film' }, texts.text('raid.watch.do'))
    const no = el('button', { type: 'button', class: 'on-film quiet' }, texts.text('raid.watch.not'))
    yes.onclick = this.press
    no.onclick = () => this.hide()
    if (bar.hidden) bar.replaceChildren(sentence, no, yes)
    else bar.querySelector('p')?.replaceWith(sentence)
    bar.hidden = false
  }

  hide(): void {
    clearTimeout(this.timer)
    const bar = get(this.room, '.raid-bar')
    if (bar.contains(document.activeElement)) get(this.room, 'message-log').focus()
    bar.hidden = true
    bar.replaceChildren()
  }
}
