/** What happened in the room as a sentence of the reader's own language, made from its code and parameters. */

import type { Texts } from './texts'
import type { Notice } from './wire'

/** A run of a sentence; a `name` is a person's, which stands out. */
export interface Part {
  text: string
  name: boolean
}

type Told = Pick<Notice, 'code' | 'chat'> & Partial<Pick<Notice, 'member' | 'whom' | 'value'>>

/** A code that this page does not know is told as the server says it. */
export function sentence(notice: Told, texts: Texts): Part[] {
  const key = `notice.${variant(notice)}`
  const template = texts.text(key)
  if (template === key) return [{ text: notice.chat, name: false }]
  const known = notice.code === 'preset' ? `preset.${notice.value ?? ''}` : ''
  const values: Record<string, Part> = {
    member: { text: notice.member?.name ?? '', name: true },
    whom: { text: notice.whom?.name ?? '', name: true },
    value: { text: known ? texts.text(known) : (notice.value ?? ''), name: notice.code === 'renamed' },
  }
  return template
    .split(/(\{[a-z]+\})/)
    .map((piece) => values[piece.slice(1, -1)] ?? { text: piece, name: false })
    .filter(({ text }) => text !== '')
}

function variant({ code, value }: Told): string {
  return code === 'slow' && value === '0' ? 'slow.off' : code
}

/** Whose colour stands before it: who it was done to, else who did it. */
export function subject(notice: Pick<Notice, 'member' | 'whom' | 'code'>): Notice['member'] {
  return (notice.code === 'owner-handed' || notice.code === 'owner-left' ? undefined : notice.whom) ?? notice.member
}
