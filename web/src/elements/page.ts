/** What every element may need of the page: its sentences, and the names of its people. */

import { Names } from '../lib/names'
import { later, load, type Texts } from '../lib/texts'
import { missingStyles, watchStyles } from './late-styles'

/** Loaded before any element is defined. */
export let texts: Texts

export const names = new Names()

export async function ready(): Promise<void> {
  watchStyles()
  texts = await load(document.documentElement.lang)
}

let words: Promise<void> | undefined

/** A part of the page that is loaded when it is needed, with its sentences. */
export async function lazily<T>(load: () => Promise<T>): Promise<T> {
  words ??= later(document.documentElement.lang).then(
    (more) => texts.learn(more),
    (error: unknown) => {
      // Without a connection; the next one who asks tries again.
      words = undefined
      throw error
    },
  )
  const [part] = await Promise.all([load(), words, missingStyles()])
  return part
}
