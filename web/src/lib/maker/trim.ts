/** The two ends of a cut. */

import { LEAST_SECONDS, MOST_SECONDS } from './plan'

export interface Span {
  from: number
  to: number
}

/** What is cut at first: the beginning. */
export function whole(seconds: number): Span {
  return { from: 0, to: Math.min(seconds, MOST_SECONDS) }
}

/** One end is moved to `at`; the other one follows where the piece would be too short or too long. */
export function moved(span: Span, end: keyof Span, at: number, seconds: number): Span {
  const least = Math.min(LEAST_SECONDS, seconds)
  if (end === 'from') {
    const from = clamp(at, 0, seconds - least)
    return { from, to: clamp(span.to, from + least, Math.min(seconds, from + MOST_SECONDS)) }
  }
  const to = clamp(at, least, seconds)
  return { from: clamp(span.from, Math.max(0, to - MOST_SECONDS), to - least), to }
}

/** As people read it: `0:07.5`. */
export function clockOf(seconds: number): string {
  const tenths = Math.round(seconds * 10)
  const rest = tenths % 600
  return `${Math.floor(tenths / 600)}:${String(Math.floor(rest / 10)).padStart(2, '0')}.${rest % 10}`
}

function clamp(n: number, least: number, most: number): number {
  return Math.round(Math.max(least, Math.min(most, n)) * 1000) / 1000
}
