/** When to try again, to connect or to join: as the server said, else soon and then slower. */

/** Whatever a server says, nobody waits longer. */
const LONGEST_MS = 60_000
const JOIN_AGAIN_MS = 5000

export class Retries {
  /** The server said that it ends, and nothing has been heard of it since. */
  restarting = false
  private tries = 0
  private told: number | undefined

  connected(): void {
    this.tries = 0
    this.told = undefined
    this.restarting = false
  }

  /** The event `shutdown`: `{reconnectionDelay}` in milliseconds, another one for each connection. */
  shutdown(payload: unknown): void {
    this.restarting = true
    const delay = (payload as { reconnectionDelay?: unknown } | null)?.reconnectionDelay
    this.told = typeof delay === 'number' && delay >= 0 ? Math.min(delay, LONGEST_MS) : undefined
  }

  /** Milliseconds before the next try. */
  next(chance: number): number {
    const told = this.told
    this.told = undefined
    return told ?? retryDelay(this.tries++, chance)
  }
}

/** Milliseconds before the n-th try (from 0): soon, then slower, and not everybody at the same moment. */
export function retryDelay(n: number, chance: number): number {
  const base = Math.min(1000 * 1.7 ** n, 15_000)
  return Math.round(base * (0.75 + 0.5 * chance))
}

/** Milliseconds before a refused join is tried again. `retryAfter`: what the server asked for, in seconds. */
export function joinDelay(retryAfter: unknown, chance: number): number {
  if (typeof retryAfter !== 'number' || !(retryAfter >= 0)) return JOIN_AGAIN_MS
  // A second at least, and not for everybody who was refused at the same moment at the same moment.
  return Math.min(Math.round(1000 * (Math.max(1, retryAfter) + chance)), LONGEST_MS)
}
