/** The picker's own sentences come with it: the first view of a page does without them. */

import { texts } from '../page'

let loaded: Promise<void> | undefined

export function words(): Promise<void> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<void> {
  const english = document.documentElement.lang === 'en'
  const file = english ? await import('../../locales/en.json?part=picker') : await import('../../locales/ko.json?part=picker')
  texts.learn(file.default)
}
