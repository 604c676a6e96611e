/**
 * Whom a reader does not want to see in a room: only here, on this device, and nobody hears of it.
 *
 * Who is interested listens to the room's element for `hidden-changed` (`detail`: the ids) and asks `has`.
 */

import { Shelf } from './shelf'

export const HIDDEN_CHANGED = 'hidden-changed'
/** The oldest are forgotten above this many. */
export const MOST_HIDDEN = 200

export class Hidden {
  private list: string[]
  private readonly shelf: Shelf

  constructor(room: string, storage: ConstructorParameters<typeof Shelf>[1] = () => localStorage) {
    this.shelf = new Shelf(`hidden:${room}`, storage)
    this.list = this.shelf.get().split(' ').filter(Boolean).slice(-MOST_HIDDEN)
  }

  get ids(): readonly string[] {
    return this.list
  }

  has(member: string): boolean {
    return this.list.includes(member)
  }

  set(member: string, hidden: boolean): void {
    this.list = this.list.filter((id) => id !== member)
    if (hidden) this.list.push(member)
    this.list = this.list.slice(-MOST_HIDDEN)
    this.shelf.put(this.list.join(' '))
  }
}
