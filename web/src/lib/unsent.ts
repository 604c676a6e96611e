/**
 * How unsent messages lie in the tab's storage. By room, not by its epoch: what a person wrote belongs to the room that
 * they see, whatever became of its history, and a room's id is never given to another room.
 */

import { isColor } from './looks'
import { MOST_ENTRIES, type Aim, type Outgoing } from './outbox'
import type { Member, Quote } from './wire'

/** `member`: who wrote them. */
export function pack(member: string, entries: readonly Outgoing[]): string {
  if (entries.length === 0) return ''
  const kept = entries.map(({ id, text, at, state, reason = '', reply, to }) => {
    return { id, text, at, failed: state === 'failed', reason, reply, to }
  })
  return JSON.stringify({ member, entries: kept })
}

/**
 * What was on its way is waiting again. What was written under another identity (the cookie is gone) has failed: the
 * server cannot know a second try of it as such, so its writer decides.
 */
export function unpack(packed: string, member: string): Outgoing[] {
  const box = parse(packed)
  const entries = Array.isArray(box.entries) ? box.entries : []
  return entries.slice(0, MOST_ENTRIES).flatMap((one: unknown) => {
    const { id, text, at, failed, reason, reply, to } = record(one)
    if (typeof id !== 'string' || typeof text !== 'string' || typeof at !== 'number') return []
    const goesTo = aim(reply, to)
    // What one person only was to read is never said to all.
    if (to !== undefined && !goesTo.to) return []
    const entry: Outgoing = { ...goesTo, id, text, at, state: failed === true || box.member !== member ? 'failed' : 'waiting' }
    if (entry.state === 'failed' && typeof reason === 'string' && reason) entry.reason = reason
    return [entry]
  })
}

function aim(reply: unknown, to: unknown): Aim {
  if (to !== undefined) return whom(to)
  const { seq, member, name, user, chat } = record(reply)
  const words = [member, name, user].every((one) => typeof one === 'string')
  if (typeof seq === 'number' && words) {
    const quote = { seq, member, name, user } as Quote
    return { reply: typeof chat === 'string' ? { ...quote, chat } : quote }
  }
  return {}
}

function whom(to: unknown): Aim {
  const { id, name, color } = record(to)
  if (typeof id !== 'string' || typeof name !== 'string' || !isColor(String(color))) return {}
  return { to: { id, name, color } as Member }
}

function parse(packed: string): Record<string, unknown> {
  try {
    return record(JSON.parse(packed))
  } catch {
    return {}
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
