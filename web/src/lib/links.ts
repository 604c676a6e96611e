/** Splits a text at its links; the server has the same rule (`views/message.rs`). */

export interface Piece {
  text: string
  link: boolean
}

const LINK = /(?<![\p{L}\p{N}])https?:\/\/[^\s<>"'`]+/gu
const ENDS_A_SENTENCE = /[.,!?:;)\]…]+$/

export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  const push = (part: string, link: boolean) => {
    if (part) found.push({ text: part, link })
  }
  let from = 0
  for (const match of text.matchAll(LINK)) {
    const link = match[0].replace(ENDS_A_SENTENCE, '')
    if (/^https?:\/*$/.test(link)) continue
    push(text.slice(from, match.index), false)
    push(link, true)
    from = match.index + link.length
  }
  push(text.slice(from), false)
  return found
}
