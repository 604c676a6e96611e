/** The raid button: one that does it all, and the one that takes it back. */

import type { RaidAck } from '../lib/wire'
import { ask, tick } from './ask'
import { el, icon } from './build'
import { outcome, type Commands } from './commands'
import { toast } from './dom'
import { texts } from './page'

export function raidTools(commands: Commands, isOn: () => boolean): { element: HTMLElement; refresh: () => void } {
  const text = el('p', { class: 'hint' })
  const button = el('button', { type: 'button', class: 'plain wide' })
  const refresh = () => {
    text.textContent = texts.text(isOn() ? 'raid.on.text' : 'raid.off.text')
    button.replaceChildren(icon(isOn() ? 'retry' : 'warn'), texts.text(isOn() ? 'raid.off' : 'raid.on'))
    button.classList.toggle('danger', !isOn())
  }
  button.onclick = () => void (isOn() ? calm(commands) : startRaid(commands))
  return { element: el('div', { class: 'fields' }, text, button), refresh }
}

/** Without a question: it harms nobody who is here, and is taken back with one press. */
export async function startRaid(commands: Commands): Promise<boolean> {
  const { problem } = outcome(await commands.send<RaidAck>('raid', { on: true }))
  toast(problem ? problem.detail || problem.title : texts.text('raid.on.done'))
  return !problem
}

export async function calm(commands: Commands): Promise<void> {
  const answer = await ask({
    title: texts.text('raid.off.ask'),
    text: texts.text('raid.off.ask.text'),
    choices: [tick('clean', texts.text('raid.clean'), texts.text('raid.clean.hint'))],
    confirm: texts.text('raid.off'),
    icon: 'retry',
  })
  if (!answer) return
  const { value, problem } = outcome(await commands.send<RaidAck>('raid', { on: false, clean: answer.has('clean') }))
  if (problem) return toast(problem.detail || problem.title)
  const { banned, removed = 0 } = value
  const cleaned = banned + removed > 0 ? ` ${texts.text('raid.cleaned', { banned, removed })}` : ''
  toast(texts.text('raid.off.done') + cleaned)
}
