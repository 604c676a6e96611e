/** What every element may need of the page: its sentences, and the names of its people. */

import { Names } from '../lib/names'
import { load, type Texts } from '../lib/texts'

/** Loaded before any element is defined. */
export let texts: Texts

export const names = new Names()

export async function ready(): Promise<void> {
  texts = await load(document.documentElement.lang)
}
