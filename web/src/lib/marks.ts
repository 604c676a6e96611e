/** Splits a text at its links and at the people it calls by `@name`. */

import { pieces } from './links'

export interface Mark {
  text: string
  kind: 'text' | 'link' | 'mention'
}

const BEFORE_A_NAME = /[\p{L}\p{N}]$/u

/** `names`: of the people whom the server found in it; the longest that fits is meant. */
export function marks(text: string, names: readonly string[] = []): Mark[] {
  const longest = [...names].filter(Boolean).sort((a, b) => b.length - a.length)
  return pieces(text).flatMap(({ text: piece, link }): Mark[] =>
    link ? [{ text: piece, kind: 'link' }] : mentions(piece, longest),
  )
}

function mentions(text: string, names: readonly string[]): Mark[] {
  const found: Mark[] = []
  const push = (part: string, kind: Mark['kind']) => {
    if (part) found.push({ text: part, kind })
  }
  let from = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const name = BEFORE_A_NAME.test(text.slice(0, at)) ? undefined : names.find((one) => starts(text, at + 1, one))
    if (!name) continue
    push(text.slice(from, at), 'text')
    push(text.slice(at, at + 1 + name.length), 'mention')
    from = at + 1 + name.length
    at = from - 1
  }
  push(text.slice(from), 'text')
  return found
}

function starts(text: string, at: number, name: string): boolean {
  return text.slice(at, at + name.length).toLowerCase() === name.toLowerCase()
}
