/** Commands in a text that begins with a slash, and names after `@`: what can be meant by what stands before the caret. */

import type { Texts } from './texts'

/** `name` of each, in the order in which they are offered. `whom`: the next word is a member's name. */
const COMMANDS = [
  { name: 'w', whom: true },
  { name: 'nick' },
  { name: 'help' },
  { name: 'kick', whom: true, owner: true },
  { name: 'ban', whom: true, owner: true },
  { name: 'unban', whom: true, owner: true },
  { name: 'mute', whom: true, owner: true },
  { name: 'unmute', whom: true, owner: true },
  { name: 'slow', owner: true },
  { name: 'lock', owner: true, whole: true },
  { name: 'unlock', owner: true, whole: true },
] as const satisfies readonly { name: string; whom?: true; owner?: true; whole?: true }[]

/** Other words for them, which the server knows too. */
const ALIASES: Readonly<Record<string, string>> = {
  귓: 'w',
  귓속말: 'w',
  whisper: 'w',
  이름: 'nick',
  강퇴: 'kick',
  차단: 'ban',
  차단해제: 'unban',
  음소거: 'mute',
  음소거해제: 'unmute',
  느리게: 'slow',
  잠금: 'lock',
  잠금해제: 'unlock',
  도움: 'help',
  도움말: 'help',
}

export interface Option {
  /** What takes the place of `from..to`. */
  insert: string
  label: string
  hint: string
  /** Of the person who is meant. */
  color?: string
}

export interface Completion {
  from: number
  to: number
  options: Option[]
}

export interface Here {
  people: readonly { id: string; name: string; color: string }[]
  me: string
  isOwner: boolean
  texts: Texts
}

const MOST_OPTIONS = 12
const LONGEST_NAME = 20
const COMMAND = /^\/([^\s/]*)$/u
const WITH_NAME = /^\/([^\s/]+)\s+(.*)$/su
const CALL = new RegExp(`(?:^|[^\\p{L}\\p{N}@])@([^@\\n]{0,${LONGEST_NAME}})$`, 'u')

/** Whether the server takes it for a command: `//x` says "/x", and a first word with another slash is text. */
export function isCommand(text: string): boolean {
  return /^\/[^\s/]+(\s|$)/u.test(text)
}

/** Whether it is a command that says something to one person. */
export function isWhisper(text: string): boolean {
  const word = /^\/([^\s/]+)\s/u.exec(text)?.[1] ?? ''
  return (ALIASES[word] ?? word.toLowerCase()) === 'w'
}

export function complete(text: string, caret: number, here: Here): Completion | undefined {
  const before = text.slice(0, caret)
  const command = COMMAND.exec(before)
  if (command) return some(0, caret, commands(command[1] ?? '', here))
  const named = WITH_NAME.exec(before)
  const word = named?.[1]?.toLowerCase() ?? ''
  if (named && COMMANDS.some((one) => 'whom' in one && one.name === (ALIASES[word] ?? word))) {
    const partial = named[2] ?? ''
    return some(caret - partial.length, caret, names(partial, here, ''))
  }
  const called = CALL.exec(before)?.[1]
  return called === undefined ? undefined : some(caret - called.length - 1, caret, names(called, here, '@'))
}

function some(from: number, to: number, options: Option[]): Completion | undefined {
  return options.length > 0 ? { from, to, options: options.slice(0, MOST_OPTIONS) } : undefined
}

function commands(word: string, { isOwner, texts }: Here): Option[] {
  const typed = word.toLowerCase()
  const words = (name: string) => [name, ...Object.keys(ALIASES).filter((alias) => ALIASES[alias] === name)]
  return COMMANDS.filter((one) => isOwner || !('owner' in one))
    .filter(({ name }) => words(name).some((one) => one.startsWith(typed)))
    .flatMap((one) => {
      const label = texts.text(`slash.${one.name}.usage`)
      const first = label.split(' ')[0] ?? ''
      const whole = 'whole' in one || one.name === 'help'
      // Nothing is left to add to it: Enter says it.
      if (whole && words(one.name).includes(typed)) return []
      return [{ insert: whole ? first : `${first} `, label, hint: texts.text(`slash.${one.name}.text`) }]
    })
}

function names(partial: string, { people, me, texts }: Here, sign: string): Option[] {
  const typed = partial.toLowerCase()
  return people
    .filter(({ id, name }) => id !== me && name.toLowerCase().startsWith(typed) && name.toLowerCase() !== typed)
    .map(({ name, color }) => ({ insert: `${sign}${name} `, label: name, hint: texts.text('slash.person'), color }))
}
