/**
 * A part of the page that somebody asked for, loaded now. Where it cannot be loaded that is said, with the way to try
 * again: what they chose or wrote waits until then.
 */

import type { Part } from '../lib/texts'
import { lazily, texts } from './page'
import { offer, withdraw } from './undo'

const ANSWER_MS = 5000
/** Kept where nothing is but the wish, which is easily had again: the notice of one is not there beside that of another. */
const WISH = {}

/**
 * `use` gets the part, if need be later. `keeps`: what would be lost with the notice, and is kept as long as that stays.
 * Resolves when it is done, or when it is known that the part did not come.
 */
export async function wanted<T extends object>(load: () => Promise<T>, use: (part: T) => unknown, says: Part = 'later', keeps: object = WISH, tries = 1): Promise<void> {
  let part: T
  try {
    part = await lazily(load, says)
  } catch {
    // Some browsers remember for as long as the page lives that a script did not come; and a newer server has others.
    if (tries > 1 && (await answers())) return void offer(texts.text('part.stuck'), texts.text('part.reload'), () => location.reload(), { stays: keeps })
    return void offer(texts.text('part.failed'), texts.text('part.again'), () => void wanted(load, use, says, keeps, tries + 1), { stays: keeps })
  }
  withdraw(keeps)
  await use(part)
}

/** Whether the server can be heard. */
export async function answers(): Promise<boolean> {
  const answer = await fetch('/favicon.svg', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined)
  return answer?.ok ?? false
}
