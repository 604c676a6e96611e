/** What the owner does with a member: asked once more, told, and taken back as long as it is offered. */

import { span } from '../lib/remaining'
import type { BanAck, Member, Notice, Reply, UntilAck } from '../lib/wire'
import { ask, oneOf, tick } from './ask'
import { outcome, type Commands } from './commands'
import { toast } from './dom'
import { texts } from './page'
import { offerUndo } from './undo'

const MUTE_S = 600
const BAN_S = [600, 3600] as const

type Values = Readonly<Record<string, string | number>>

/** Returns whether it was done; else its reader has been told why not. */
async function done<T extends object>(reply: Promise<Reply<T>>): Promise<T | undefined> {
  const { value, problem } = outcome(await reply)
  if (problem) toast(problem.detail || problem.title)
  return value
}

function takeBack(commands: Commands, command: 'unban' | 'unmute', member: Member, said: string): () => void {
  return () => {
    void done(commands.send(command, { member: member.id })).then((ok) => ok && toast(texts.text(said, { name: member.name })))
  }
}

export async function mute(commands: Commands, member: Member): Promise<void> {
  if (!(await done<UntilAck>(commands.send('mute', { member: member.id, seconds: MUTE_S })))) return
  const values: Values = { name: member.name, time: span(texts, MUTE_S) }
  offerUndo(texts.text('mute.done', values), takeBack(commands, 'unmute', member, 'unmute.done'))
}

export async function unmute(commands: Commands, member: Member): Promise<void> {
  if (await done(commands.send('unmute', { member: member.id }))) toast(texts.text('unmute.done', { name: member.name }))
}

export async function handOver(commands: Commands, member: Member): Promise<void> {
  const { name } = member
  const answer = await ask({
    title: texts.text('owner.ask', { name }),
    text: texts.text('owner.ask.text'),
    confirm: texts.text('owner.do'),
    icon: 'hand',
  })
  if (answer && (await done<Notice>(commands.send('owner', { member: member.id })))) toast(texts.text('owner.done', { name }))
}

export async function kick(commands: Commands, member: Member): Promise<void> {
  const { name } = member
  const answer = await ask({
    title: texts.text('kick.ask', { name }),
    text: texts.text('kick.ask.text'),
    confirm: texts.text('kick.do'),
    icon: 'out',
  })
  if (!answer || !(await done<UntilAck>(commands.send('kick', { member: member.id })))) return
  offerUndo(texts.text('kick.done', { name }), takeBack(commands, 'unban', member, 'unban.done'), true)
}

export async function ban(commands: Commands, member: Member): Promise<void> {
  const { name } = member
  const times = [...BAN_S.map((seconds) => [String(seconds), span(texts, seconds)] as const), ['', texts.text('ban.life')] as const]
  const answer = await ask({
    title: texts.text('ban.ask', { name }),
    text: texts.text('ban.ask.text'),
    choices: [oneOf('seconds', texts.text('ban.time'), times, String(BAN_S[0])), tick('purge', texts.text('ban.purge'), texts.text('ban.purge.hint'))],
    confirm: texts.text('ban.do'),
    icon: 'lock',
  })
  if (!answer) return
  const seconds = Number(answer.get('seconds'))
  const payload = { member: member.id, ...(seconds > 0 && { seconds }), purge: answer.has('purge') }
  const ack = await done<BanAck>(commands.send('ban', payload))
  if (!ack) return
  const removed = ack.removed > 0 ? ` ${texts.count('ban.removed', ack.removed)}` : ''
  offerUndo(texts.text('ban.done', { name }) + removed, takeBack(commands, 'unban', member, 'unban.done'), true)
}
