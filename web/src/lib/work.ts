/**
 * Proof of work: a newcomer's browser looks for a `nonce`, hexadecimal digits, with which SHA-256 of `salt:nonce` begins
 * with `bits` zero bits. That takes 2^bits tries on average: how far it is nobody can say, only how likely it is to be done.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import type { Challenge, Work } from './wire'

const SLICE = 4096

/** Looks until it is found; `tell` hears, now and then, how many tries there were. */
export function solve({ salt, bits }: Challenge, tell: (tries: number) => void = () => {}): Work {
  const text = new TextEncoder()
  for (let tries = 0; ; tries += 1) {
    const nonce = tries.toString(16)
    if (zeros(sha256(text.encode(`${salt}:${nonce}`))) >= bits) return { salt, nonce }
    if (tries % SLICE === SLICE - 1) tell(tries + 1)
  }
}

/** Zero bits at the beginning. */
export function zeros(hash: Uint8Array): number {
  let count = 0
  for (const byte of hash) {
    if (byte !== 0) return count + Math.clz32(byte) - 24
    count += 8
  }
  return count
}
