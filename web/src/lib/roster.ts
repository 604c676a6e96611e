/**
 * Who is here, in the order in which the list shows them: the owner, the reader, the others by arrival. Kept in step
 * with what is heard; a snapshot replaces it all.
 */

import type { Member, Present } from './wire'

/** What changes the list, by the name of its event. `whom`: to whom it was done. */
export interface Change {
  member?: Member | string
  whom?: Member
  away?: boolean
  code?: string
}

export class Roster {
  private list: Present[] = []

  constructor(private readonly me: string) {}

  get people(): readonly Present[] {
    const rank = (one: Present) => (one.owner ? 0 : one.id === this.me ? 1 : 2)
    // The sort is stable: equal ones stay in the order of their arrival.
    return [...this.list].sort((a, b) => rank(a) - rank(b))
  }

  get owner(): string | undefined {
    return this.list.find((one) => one.owner)?.id
  }

  get isMine(): boolean {
    return this.owner === this.me
  }

  find(id: string): Present | undefined {
    return this.list.find((one) => one.id === id)
  }

  /** The list as the server has it, owner first and then by arrival. */
  all(people: readonly Present[]): void {
    this.list = people.map((one) => ({ ...one }))
  }

  /** Returns whether the list is another one now. Names of events that it does not know change nothing. */
  heard(event: string, change: Change): boolean {
    const member = typeof change.member === 'object' ? change.member : undefined
    const id = member?.id ?? (change.member as string | undefined)
    switch (event) {
      case 'join':
        return member !== undefined && this.enter(member)
      case 'exit':
        return this.leave(id)
      case 'kick':
      case 'ban':
        return this.leave(change.whom?.id)
      case 'nick':
        return member !== undefined && this.change(member.id, (one) => (one.name = member.name))
      case 'owner':
        return this.crown((change.code === 'owner-handed' ? change.whom : member)?.id)
      case 'away':
        return this.change(id, (one) => mark(one, 'away', change.away === true))
      case 'mute':
      case 'unmute':
        return this.change(change.whom?.id, (one) => mark(one, 'muted', event === 'mute'))
      default:
        return false
    }
  }

  private enter(member: Member): boolean {
    const known = this.find(member.id)
    if (known) Object.assign(known, { name: member.name, color: member.color })
    else this.list.push({ ...member })
    return true
  }

  private leave(id: string | undefined): boolean {
    const stay = this.list.filter((one) => one.id !== id)
    const left = stay.length < this.list.length
    this.list = stay
    return left
  }

  private change(id: string | undefined, how: (one: Present) => void): boolean {
    const person = this.list.find((one) => one.id === id)
    if (person) how(person)
    return person !== undefined
  }

  private crown(id: string | undefined): boolean {
    if (id === undefined) return false
    for (const one of this.list) mark(one, 'owner', one.id === id)
    return true
  }
}

function mark(person: Present, what: 'owner' | 'away' | 'muted', on: boolean): void {
  if (on) person[what] = true
  else delete person[what]
}

/** Chips have so many different shapes. */
export const MOST_SHAPES = 4

/**
 * Two people with one colour stay apart, also for those who look at the chips: the shape of each one's, 0 for who came
 * first with that colour (`people`: by arrival).
 */
export function shapes(people: readonly Member[]): Map<string, number> {
  const seen = new Map<string, number>()
  return new Map(
    people.map(({ id, color }) => {
      const before = seen.get(color) ?? 0
      seen.set(color, before + 1)
      return [id, before % MOST_SHAPES] as const
    }),
  )
}
