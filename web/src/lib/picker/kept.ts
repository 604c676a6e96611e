/**
 * What a browser keeps of GIFs: those that were sent lately, and favourites, which stay until they are taken out. Their
 * bytes are kept too, so that they survive the room that they came from; there is an end to how many.
 */

import type { Picture } from './picture'

export interface Kept extends Picture {
  /** When it was sent last (`Date.now()`). */
  readonly usedAt?: number
  /** When it became a favourite. */
  readonly starredAt?: number
  /** How much of it lies here: the GIF and its still; 0: nothing but its name. */
  readonly bytes: number
}

export const MOST_RECENT = 50
export const MOST_FAVOURITES = 150
export const MOST_BYTES = 50 * 1024 * 1024

/** The newest first. */
export function recents(list: readonly Kept[]): Kept[] {
  return list.filter((one) => one.usedAt !== undefined).sort((a, b) => (b.usedAt ?? 0) - (a.usedAt ?? 0))
}

/** The newest first. */
export function favourites(list: readonly Kept[]): Kept[] {
  return list.filter((one) => one.starredAt !== undefined).sort((a, b) => (b.starredAt ?? 0) - (a.starredAt ?? 0))
}

export function isFavourite(list: readonly Kept[], gif: string): boolean {
  return list.some((one) => one.gif === gif && one.starredAt !== undefined)
}

/** It was sent. `bytes`: how much of it is kept from now on; without, nothing more than before. */
export function used(list: readonly Kept[], picture: Picture, now: number, bytes?: number): Kept[] {
  return trimmed(put(list, picture, { usedAt: now }, bytes))
}

/** It becomes a favourite; nothing when there is no room for it among the others. */
export function starred(list: readonly Kept[], picture: Picture, now: number, bytes: number): Kept[] | undefined {
  const next = put(list, picture, { starredAt: now }, bytes)
  const all = favourites(next)
  return all.length > MOST_FAVOURITES || sum(all) > MOST_BYTES ? undefined : trimmed(next)
}

/** It is no favourite any more. */
export function unstarred(list: readonly Kept[], gif: string): Kept[] {
  return list.flatMap((one) => {
    if (one.gif !== gif) return [one]
    const { starredAt: _, ...rest } = one
    return rest.usedAt === undefined ? [] : [rest]
  })
}

/** What is told of it last counts, but nobody takes words away. */
function put(list: readonly Kept[], picture: Picture, times: Partial<Kept>, bytes: number | undefined): Kept[] {
  const before = list.find((one) => one.gif === picture.gif)
  const next: Kept = { bytes: 0, ...before, ...picture, ...times, ...(bytes !== undefined && { bytes }) }
  return [...list.filter((one) => one !== before), next]
}

/** Without the oldest of those that were only sent; and without the bytes of those for which there is no room. */
function trimmed(list: readonly Kept[]): Kept[] {
  const stay = new Set(recents(list).slice(0, MOST_RECENT))
  let left = MOST_BYTES - sum(favourites(list))
  const light = new Set<Kept>()
  for (const one of stay) {
    if (one.starredAt !== undefined) continue
    if (one.bytes > left) light.add(one)
    else left -= one.bytes
  }
  return list.flatMap((one) => {
    if (light.has(one)) return [{ ...one, bytes: 0 }]
    if (stay.has(one) || one.usedAt === undefined) return [one]
    const { usedAt: _, ...rest } = one
    return rest.starredAt === undefined ? [] : [rest]
  })
}

function sum(list: readonly Kept[]): number {
  return list.reduce((bytes, one) => bytes + one.bytes, 0)
}
