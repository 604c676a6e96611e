/** "… came in", "… left": damped by the server, collapsed here so that a busy door does not push the talk away. */

import type { Member } from '../lib/wire'
import { clone, get, paint, template } from './dom'
import type { MessageLog } from './message-log'
import { texts } from './page'

const MOST_NAMES = 2

export class Lines {
  private names: Member[] = []

  constructor(private readonly log: MessageLog) {}

  add(kind: 'join' | 'exit', member: Member): void {
    const goesOn = this.log.lastLine?.dataset.kind === kind
    this.names = [...(goesOn ? this.names : []).filter((known) => known.id !== member.id), member]
    const line = clone(template('line'))
    line.dataset.kind = kind
    paint(line, member.color)
    const newest = this.names.slice(-MOST_NAMES).reverse()
    const more = this.names.length - newest.length
    get(line, 'b').textContent = newest.map((one) => one.name).join(', ')
    get(line, 'span').textContent = [
      more > 0 ? texts.text('room.others', { n: more }) : '',
      texts.text(kind === 'join' ? 'room.joined' : 'room.left'),
    ]
      .filter(Boolean)
      .join(' ')
    this.log.line(line)
  }
}
