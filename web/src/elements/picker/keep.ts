/** Keeps GIFs in this browser: what was sent, and what somebody likes. */

import { firstFrame } from '../../lib/first-frame'
import { isFavourite, starred, unstarred, used } from '../../lib/picker/kept'
import { addresses, type Picture } from '../../lib/picker/picture'
import { kept, update, type Files } from '../../lib/picker/vault'

export type Starred = 'on' | 'off' | 'full' | 'gone'

/** It was sent. Never throws: nothing is lost but a place among the recent ones. */
export async function remember(picture: Picture): Promise<void> {
  try {
    const has = (await kept()).some((one) => one.gif === picture.gif && one.bytes > 0)
    const files = has || isSparing() ? undefined : await fetchFiles(picture.gif)
    await update((list) => used(list, picture, Date.now(), files && sizeOf(files)), files && [picture.gif, files])
  } catch {
    // Full, or forbidden.
  }
}

/** What was last wished of each that is being starred. */
const turns = new Map<string, Promise<Starred>>()

/** Makes it a favourite, with its bytes, or no favourite any more: in the order of the wishes. */
export function star(picture: Picture, on: boolean): Promise<Starred> {
  const before = turns.get(picture.gif)
  const turn = before ? before.then(() => keepOrNot(picture, on)) : keepOrNot(picture, on)
  turns.set(picture.gif, turn)
  void turn.then(() => turns.get(picture.gif) === turn && turns.delete(picture.gif))
  return turn
}

/** Never throws. */
async function keepOrNot(picture: Picture, on: boolean): Promise<Starred> {
  try {
    if (!on) {
      await update((list) => unstarred(list, picture.gif))
      return 'off'
    }
    const has = (await kept()).find((one) => one.gif === picture.gif && one.bytes > 0)
    const files = has ? undefined : await fetchFiles(picture.gif)
    if (!has && !files) return 'gone'
    const bytes = files ? sizeOf(files) : (has?.bytes ?? 0)
    const done = await update((list) => starred(list, picture, Date.now(), bytes), files && [picture.gif, files])
    return done ? 'on' : 'full'
  } catch {
    return 'full'
  }
}

export async function isStarred(gif: string): Promise<boolean> {
  return isFavourite(await kept(), gif)
}

function sizeOf({ gif, poster }: Files): number {
  return gif.size + poster.size
}

/** Whoever pays for each byte does not load a GIF a second time only to keep it. */
function isSparing(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true
}

async function fetchFiles(name: string): Promise<Files | undefined> {
  const at = addresses(name)
  const [gif, poster] = await Promise.all([fetchOne(at.gif), fetchOne(at.poster)])
  return gif && { gif, poster: await still(poster ?? gif) }
}

async function fetchOne(address: string): Promise<Blob | undefined> {
  const answer = await fetch(address, { priority: 'low' }).catch(() => undefined)
  return answer?.ok ? answer.blob().catch(() => undefined) : undefined
}

/** The first frame of what moves: a poster that the server does not have yet is the GIF itself. */
async function still(picture: Blob): Promise<Blob> {
  if (picture.type !== 'image/gif') return picture
  return firstFrame(picture).catch(() => picture)
}
