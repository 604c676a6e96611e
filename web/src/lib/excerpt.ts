/** What a search result shows of a message: the part around what was looked for, and where that stands in it. */

export interface Part {
  text: string
  /** It is what was looked for. */
  hit: boolean
}

/** Characters of a message that a result shows. */
export const MOST_SHOWN = 120
const BEFORE = 30

/** Finds every word of the query, whatever its case; a text without any of them is shown from its beginning. */
export function excerpt(text: string, query: string): Part[] {
  const whole = text.replace(/\s+/g, ' ').trim()
  const hits = find(whole, query)
  const from = start(whole, hits[0]?.[0] ?? 0)
  const to = Math.min(whole.length, from + MOST_SHOWN)
  const parts: Part[] = []
  const push = (part: string, hit: boolean) => part && parts.push({ text: part, hit })
  push(from > 0 ? '…' : '', false)
  let at = from
  for (const [begin, end] of hits) {
    if (begin < at || end > to) continue
    push(whole.slice(at, begin), false)
    push(whole.slice(begin, end), true)
    at = end
  }
  push(whole.slice(at, to), false)
  push(to < whole.length ? '…' : '', false)
  return parts
}

/** Never in the middle of a character of two units. */
function start(text: string, hit: number): number {
  const from = hit > BEFORE * 2 ? hit - BEFORE : 0
  return from > 0 && /[\udc00-\udfff]/.test(text[from] ?? '') ? from + 1 : from
}

function find(text: string, query: string): [number, number][] {
  const words = query.split(/\s+/).filter(Boolean).sort((a, b) => b.length - a.length)
  if (words.length === 0) return []
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'giu')
  return [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length])
}
