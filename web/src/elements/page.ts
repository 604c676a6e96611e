/** What every element may need of the page: its sentences, and the names of its people. */

import { Names } from '../lib/names'
import { load, more, type Part, type Texts } from '../lib/texts'
import { missingStyles, watchStyles } from './late-styles'

/** Loaded before any element is defined. */
export let texts: Texts

export const names = new Names()

export async function ready(): Promise<void> {
  watchStyles()
  texts = await load(document.documentElement.lang)
}

const words = new Map<Part, Promise<void>>()

/** Parts that have their styles. One that is missing now belongs to another. */
const whole = new WeakSet<object>()

/** A part of the page that is loaded when it is needed, with its sentences: of GIFs, or of anything else. */
export async function lazily<T extends object>(load: () => Promise<T>, says: Part = 'later'): Promise<T> {
  const [part] = await Promise.all([load(), learn(says)])
  const parts: readonly object[] = Array.isArray(part) ? part : [part]
  if (!parts.every((one) => whole.has(one))) await missingStyles()
  parts.forEach(plain)
  return part
}

/** This part waits for no styles: it has them, or none of its own. */
export function plain<T extends object>(part: T): T {
  whole.add(part)
  return part
}

/** Without a connection it fails; the next one who asks tries again. */
function learn(part: Part): Promise<void> {
  const known = words.get(part) ?? more(document.documentElement.lang, part).then((sentences) => texts.learn(sentences))
  words.set(part, known)
  known.catch(() => words.delete(part))
  return known
}
