/** A run of "came in" and "left" in a row, summed up: who came and left again within it has not been there. */

import type { Texts } from './texts'

export interface Passage {
  id: string
  name: string
  kind: 'join' | 'exit'
}

export interface Passed {
  /** Newest first. */
  came: string[]
  left: string[]
}

const MOST_NAMES = 2

export function sumUp(passages: readonly Passage[]): Passed {
  const people = new Map<string, { name: string; sum: number }>()
  for (const { id, name, kind } of passages) {
    const sum = (people.get(id)?.sum ?? 0) + (kind === 'join' ? 1 : -1)
    people.delete(id)
    people.set(id, { name, sum })
  }
  const newest = [...people.values()].reverse()
  const names = (is: (sum: number) => boolean) => newest.filter(({ sum }) => is(sum)).map(({ name }) => name)
  return { came: names((sum) => sum > 0), left: names((sum) => sum < 0) }
}

/** Empty when everybody who came has left again. */
export function doorSentence({ came, left }: Passed, texts: Texts): string {
  return [one('joined', came, texts), one('left', left, texts)].filter(Boolean).join(' · ')
}

function one(what: 'joined' | 'left', names: readonly string[], texts: Texts): string {
  if (names.length === 0) return ''
  const n = names.length - MOST_NAMES
  const shown = names.slice(0, MOST_NAMES).join(', ')
  return n > 0 ? texts.text(`door.${what}.more`, { names: shown, n }) : texts.text(`door.${what}`, { names: shown })
}
