/** Who is writing, below the conversation. The line keeps its height, so that nothing moves. */

import { Typists } from '../lib/typists'
import type { Typing } from '../lib/wire'
import { get, paint } from './dom'
import { texts } from './page'

const MOST_NAMES = 2

export class TypingLine {
  private readonly typists = new Typists()

  constructor(private readonly line: HTMLElement) {}

  heard(typing: Typing): void {
    this.typists.heard(typing, Date.now())
    this.tick()
  }

  done(member: string): void {
    this.typists.done(member)
    this.tick()
  }

  tick(): void {
    const list = this.typists.at(Date.now())
    const [first] = list
    this.line.classList.toggle('on', first !== undefined)
    if (!first) return get(this.line, '.who').replaceChildren()
    paint(this.line, first.user)
    const bold = document.createElement('b')
    const few = list.length <= MOST_NAMES
    bold.textContent = few ? list.map(({ name }) => name).join(', ') : texts.text('typing.many', { n: list.length })
    const rest = few ? texts.text(list.length === 1 ? 'typing.one' : 'typing.two') : texts.text('typing.more')
    get(this.line, '.who').replaceChildren(bold, ` ${rest}`)
  }
}
