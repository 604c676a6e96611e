/**
 * A part of the page that somebody asked for, loaded now. Where it cannot be loaded that is said, with the way to try
 * again: what they chose or wrote waits until then.
 */

import type { Part } from '../lib/texts'
import { lazily, texts } from './page'
import { offer } from './undo'

/** `use` gets the part, if need be later. Resolves when it is done, or when it is known that the part did not come. */
export async function wanted<T extends object>(load: () => Promise<T>, use: (part: T) => unknown, says: Part = 'later', tries = 1): Promise<void> {
  let part: T
  try {
    part = await lazily(load, says)
  } catch {
    // Some browsers remember for as long as the page lives that a script did not come; and a newer server has others.
    if (tries > 1 && (await answers())) return offer(texts.text('part.stuck'), texts.text('part.reload'), () => location.reload(), { stays: true })
    return offer(texts.text('part.failed'), texts.text('part.again'), () => void wanted(load, use, says, tries + 1), { stays: true })
  }
  await use(part)
}

/** Whether the server can be heard. */
async function answers(): Promise<boolean> {
  const answer = await fetch('/favicon.svg', { method: 'HEAD', cache: 'no-store' }).catch(() => undefined)
  return answer?.ok ?? false
}
