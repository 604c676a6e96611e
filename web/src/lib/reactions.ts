/** Reactions to a message. The server says how many there are now, so hearing the same twice changes nothing. */

import type { React, Reaction } from './wire'

/** Offered first. */
export const FIRST = ['👍', '❤️', '😂', '😮', '😢', '🔥'] as const

type Change = Pick<React, 'emoji' | 'on' | 'count'>

/** `mine`: the reader did it, so it says whether it is theirs; else that stays. */
export function reacted(list: readonly Reaction[], { emoji, on, count }: Change, mine: boolean): Reaction[] {
  const old = list.find((one) => one.emoji === emoji)
  if (count <= 0) return list.filter((one) => one !== old)
  const entry: Reaction = { emoji, count }
  if (mine ? on : old?.mine) entry.mine = true
  return old ? list.map((one) => (one === old ? entry : one)) : [...list, entry]
}

/** As `tsc` knows no flag `v` for our target; every browser we serve does. */
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v')

/** A single emoji; one that was written without the selector for its coloured form gets it. */
export function emojiOf(text: string): string | undefined {
  const typed = text.trim()
  return [typed, `${typed}\ufe0f`].find((one) => EMOJI.test(one))
}
