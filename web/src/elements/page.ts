/** What every element may need of the page: its sentences. Loaded before any element is defined. */

import { load, type Texts } from '../lib/texts'

export let texts: Texts

export async function ready(): Promise<void> {
  texts = await load(document.documentElement.lang)
}
