/** What a newcomer's browser is asked to work out; the work itself is in `work.ts`. */

import type { Challenge } from './wire'

/** More than this no server of ours asks: a page would not be done within the two minutes. */
export const MOST_BITS = 26

/** Whether this is a challenge that a page can take up. */
export function isChallenge(value: unknown): value is Challenge {
  const { salt, bits } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Challenge>
  return typeof salt === 'string' && /^[0-9a-f]{32}$/.test(salt) && Number.isInteger(bits) && bits! >= 0 && bits! <= MOST_BITS
}

/** How likely it is, from 0 to 1, that as many tries are enough: what the ring shows. */
export function likelihood(tries: number, bits: number): number {
  return 1 - Math.exp(-tries / 2 ** bits)
}
