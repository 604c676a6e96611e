/** Words that find a picture, by the rule of the server's library: every word of the query begins a word of the picture. */

import type { Picture } from './picture'

/** Lower case, in one form, without signs. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
}

/** Whether the query finds it; an empty one finds everything. */
export function matches({ title = '', tags = [], alt = '' }: Picture, query: string): boolean {
  const words = wordsOf([title, ...tags, alt].join(' '))
  return wordsOf(query).every((wanted) => words.some((word) => word.startsWith(wanted)))
}

export const MOST_TAGS = 20

/** Tags as people write them: with commas or spaces between, with or without `#`; each once. */
export function tagsOf(text: string): string[] {
  const tags = text.split(/[\s,、，#]+/u).map((tag) => tag.trim().toLowerCase())
  return [...new Set(tags.filter(Boolean))].slice(0, MOST_TAGS)
}
