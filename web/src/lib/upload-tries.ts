/** When a GIF whose way to the server came to nothing is sent again. */

import { retryDelay } from './retries'
import { isTemporary, type Problem } from './wire'

const MOST_TRIES = 5
const LONGEST_PAUSE_MS = 8000
/** Who is told to wait longer decides for themselves. */
const PATIENCE_MS = 60_000

/**
 * Milliseconds before the try after so many (from 1); nothing: it has failed. `problem`: what the server said, where it
 * was heard.
 */
export function pauseAfter(tries: number, problem: Problem | undefined, chance: number): number | undefined {
  if (tries >= MOST_TRIES || (problem && !isTemporary(problem))) return undefined
  const told = problem?.retryAfter
  if (told === undefined) return Math.min(retryDelay(tries - 1, chance), LONGEST_PAUSE_MS)
  // Not everybody who was refused at the same moment comes back at the same moment.
  return 1000 * told > PATIENCE_MS ? undefined : Math.ceil(1000 * (told + chance))
}
