/** How long something lasts still, as people say it. */

import type { Texts } from './texts'

/** "9분 30초", "2시간"; whole seconds, rounded up, never less than one. */
export function remaining(texts: Texts, until: number, now: number): string {
  const seconds = Math.max(1, Math.ceil((until - now) / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const part = (key: string, n: number) => (n > 0 ? texts.count(`time.${key}`, n) : '')
  const parts = hours > 0 ? [part('hours', hours), part('minutes', minutes % 60)] : [part('minutes', minutes), part('seconds', seconds % 60)]
  return parts.filter(Boolean).join(' ')
}

/** A length of time in seconds, as a choice is called: "10분". */
export function span(texts: Texts, seconds: number): string {
  return remaining(texts, seconds * 1000, 0)
}
