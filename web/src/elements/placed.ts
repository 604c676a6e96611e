/** Which elements of the log have a place in the conversation, and which. */

import type { Place } from '../lib/place'

/** Stored messages, whispers and lines, in order. */
export function inOrder(log: ParentNode): HTMLElement[] {
  return [...log.querySelectorAll<HTMLElement>('.messages > :is([data-seq], [data-number]):not([data-pending])')]
}

export function placeOf({ dataset }: HTMLElement): Place {
  return { seq: Number(dataset.seq ?? dataset.after), number: Number(dataset.number ?? 0) }
}

/** Not of somebody whom the reader has hidden; known once it is in the page. */
export function isShown(item: Element): boolean {
  return getComputedStyle(item).display !== 'none'
}
