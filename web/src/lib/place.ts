/**
 * Where something stands in the conversation. What has a number of the room's order stands there; a whisper has none and
 * stands behind the message it came after, whispers among themselves in the order of their own numbers.
 */

export interface Place {
  /** Of the message itself, or of the one that a whisper came after. */
  seq: number
  /** 0, or the whisper's number in the reader's mailbox. */
  number: number
}

export function isAfter(one: Place, other: Place): boolean {
  return one.seq === other.seq ? one.number > other.number : one.seq > other.seq
}

/** Behind which of these, which are in order, it belongs; -1: before all. Looks from the end: most things are new. */
export function behind(places: readonly Place[], place: Place): number {
  return places.findLastIndex((one) => isAfter(place, one))
}
