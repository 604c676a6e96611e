/** Refusals that keep a reader out of a room for good, or for a while: the page turns into one that says so. */

const CODES = ['kicked', 'banned', 'room-locked'] as const

export type ShutOut = (typeof CODES)[number]

export function isShutOut(code: string): code is ShutOut {
  return (CODES as readonly string[]).includes(code)
}
