/** Who was sent out, shut out or silenced, with the way back for each. */

import { remaining } from '../lib/remaining'
import type { Bans } from '../lib/wire'
import { el } from './build'
import { outcome, type Commands } from './commands'
import { paint, toast } from './dom'
import { texts } from './page'

type Sanction = Bans['bans'][number]

export function sentOut(commands: Commands): { element: HTMLElement; refresh: () => void } {
  const list = el('ul', { class: 'people', tabindex: '-1' })
  const empty = el('p', { class: 'hint', role: 'status' })
  const element = el('div', { class: 'sent-out' }, list, empty)
  let asked = 0
  const refresh = async () => {
    asked += 1
    const turn = asked
    const { value, problem } = outcome(await commands.send<Bans>('bans'))
    if (turn !== asked) return
    const had = list.contains(document.activeElement)
    list.replaceChildren(...(value?.bans ?? []).map((one) => row(one, lift)))
    empty.textContent = problem ? problem.detail || problem.title : value?.bans.length ? '' : texts.text('sent-out.none')
    if (had) (list.querySelector('button') ?? list).focus()
  }
  const lift = async ({ kind, member }: Sanction) => {
    const { problem } = outcome(await commands.send(kind === 'mute' ? 'unmute' : 'unban', { member: member.id }))
    toast(problem ? problem.detail || problem.title : texts.text(kind === 'mute' ? 'unmute.done' : 'unban.done', { name: member.name }))
    await refresh()
  }
  return { element, refresh: () => void refresh() }
}

function row(one: Sanction, lift: (one: Sanction) => Promise<void>): HTMLElement {
  const { member, kind, until } = one
  const how = texts.text(`sent-out.${kind}`)
  const rest = until === undefined ? texts.text('sent-out.life') : texts.text('sent-out.left', { time: remaining(texts, Date.parse(until), Date.now()) })
  const button = el('button', { type: 'button', class: 'plain small' }, texts.text(`sent-out.${kind}.undo`), el('span', { class: 'vh' }, ` · ${member.name}`))
  button.onclick = () => void lift(one)
  const item = el(
    'li',
    { class: 'person u' },
    el('i', { class: 'chip', 'aria-hidden': 'true' }),
    el('span', { class: 'who' }, el('b', { class: 'name' }, member.name), el('small', {}, kind === 'shadow' ? how : `${how} · ${rest}`)),
    button,
  )
  paint(item, member.color)
  return item
}
