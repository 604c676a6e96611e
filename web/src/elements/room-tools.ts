/** The owner's tools: what the room is called, who may come, how fast people speak, who was sent out, and the raid button. */

import { span } from '../lib/remaining'
import { PRESETS, SLOW_STEPS, type RoomState } from '../lib/room-state'
import { length } from '../lib/looks'
import type { Commands } from './commands'
import { el, icon } from './build'
import { outcome } from './commands'
import { get, toast } from './dom'
import { complain, field } from './form'
import { texts } from './page'
import './password-field'
import { raidTools } from './raid-tools'
import { sentOut } from './sent-out'
import { openTool } from './tool'
import './seat-picker'

const MOST_TITLE = 40

export interface Tools {
  commands: Commands
  state: () => RoomState
  /** How many are here. */
  here: () => number
  mostSeats: number
}

/** Returns what to call while it is open: when the room is set anew, and when somebody is sent out or let in again. */
export function openTools(tools: Tools): { dialog: HTMLDialogElement; refresh: (sanctions: boolean) => void } {
  const raid = raidTools(tools.commands, () => tools.state().raid)
  const rules = rulesOf(tools)
  const people = sentOut(tools.commands)
  const dialog = openTool(
    'room-tools',
    texts.text('tools.title'),
    section('tools.basics', basics(tools)),
    section('tools.rules', rules.element),
    section('tools.raid', raid.element),
    section('tools.sent-out', people.element),
  )
  const refresh = (sanctions: boolean) => {
    rules.refresh()
    raid.refresh()
    if (sanctions) people.refresh()
  }
  refresh(true)
  return { dialog, refresh }
}

function section(title: string, content: HTMLElement): HTMLElement {
  const id = title.replace('.', '-')
  return el('section', { 'aria-labelledby': id }, el('h3', { id }, texts.text(title)), content)
}

/** Title, seats and password wait for the button: half a title is none. */
function basics({ commands, state, here, mostSeats }: Tools): HTMLElement {
  const { title, max, password } = state()
  const name = el('input', { id: 'tool-title', value: title, autocomplete: 'off', maxlength: String(MOST_TITLE * 2) })
  const seats = el('input', { id: 'tool-max', value: String(max), inputmode: 'numeric', autocomplete: 'off', 'data-most': String(mostSeats) })
  const secret = el('input', { id: 'tool-password', type: 'password', autocomplete: 'new-password' })
  const save = el('button', { class: 'amber wide' }, texts.text('tools.save'))
  const form = el(
    'form',
    { class: 'fields', novalidate: true },
    field(name, texts.text('form.name'), ''),
    picker(seats, mostSeats, here()),
    field(secret, texts.text('form.password'), texts.text(password ? 'tools.password.on' : 'tools.password.off'), passwordBox(secret)),
    el('label', { class: 'tick', hidden: !password }, el('input', { type: 'checkbox', name: 'open' }), el('span', {}, texts.text('tools.password.remove'))),
    save,
  )
  form.addEventListener('input', (event) => complain(event.target as HTMLElement, ''))
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (!check(name, seats, mostSeats)) return
    const now = state()
    const open = get<HTMLInputElement>(form, '[name=open]').checked
    const change = {
      ...(name.value.trim() !== now.title && { title: name.value.trim() }),
      ...(Number(seats.value) !== now.max && { max: Number(seats.value) }),
      ...(open ? { password: '' } : secret.value && { password: secret.value }),
    }
    if (Object.keys(change).length === 0) return toast(texts.text('tools.saved'))
    save.setAttribute('aria-busy', 'true')
    const { problem } = outcome(await commands.send('settings', change))
    save.removeAttribute('aria-busy')
    if (!problem) {
      secret.value = ''
      return toast(texts.text('tools.saved'))
    }
    const wrong = { title: name, max: seats, password: secret }[problem.field ?? '']
    if (!wrong) return toast(problem.detail || problem.title)
    complain(wrong, problem.detail || problem.title)
    wrong.focus()
  })
  return form
}

function check(name: HTMLInputElement, seats: HTMLInputElement, mostSeats: number): boolean {
  const n = length(name.value.trim())
  const max = /^\d+$/.test(seats.value.trim()) ? Number(seats.value) : 0
  complain(name, n === 0 ? texts.text('form.error.title-empty') : n > MOST_TITLE ? texts.text('form.error.title-too-long', { most: MOST_TITLE }) : '')
  complain(seats, max < 2 || max > mostSeats ? texts.text('form.error.limit-invalid', { most: mostSeats }) : '')
  const wrong = [name, seats].find((input) => input.hasAttribute('aria-invalid'))
  wrong?.focus()
  return wrong === undefined
}

function picker(seats: HTMLInputElement, most: number, here: number): HTMLElement {
  const step = (by: string, label: string, name: string) =>
    el('button', { type: 'button', class: 'step', 'data-step': by, 'aria-label': texts.text(label) }, icon(name))
  const stepper = el('div', { class: 'stepper' }, step('-1', 'form.seats.fewer', 'minus'), seats, step('1', 'form.seats.more', 'plus'))
  const whole = field(seats, texts.text('form.seats'), texts.text('form.seats.hint', { most }), stepper)
  const element = document.createElement('seat-picker')
  element.className = 'field'
  element.dataset.here = String(here)
  const strip = el('p', { class: 'preview film', 'aria-hidden': 'true' }, el('span', { class: 'seats' }), el('span', { class: 'edge' }))
  element.append(...whole.children)
  get(element, '.stepper').after(strip)
  return element
}

function passwordBox(input: HTMLInputElement): HTMLElement {
  const show = texts.text('form.password.show')
  const eye = el('button', { type: 'button', class: 'round eye', 'data-show': show, 'data-hide': texts.text('form.password.hide'), 'aria-label': show, 'aria-pressed': 'false' }, icon('eye'))
  const box = document.createElement('password-field')
  box.className = 'box'
  box.append(input, eye)
  return box
}

/** These hold at once. */
function rulesOf({ commands, state }: Tools): { element: HTMLElement; refresh: () => void } {
  const lock = el('input', { type: 'checkbox', role: 'switch', id: 'tool-lock' })
  const slow = el('select', { id: 'tool-slow' })
  const presets = PRESETS.map((preset) => el('input', { type: 'radio', name: 'preset', value: preset, id: `tool-${preset}` }))
  const refresh = () => {
    const now = state()
    lock.checked = now.locked
    const steps = [...new Set([...SLOW_STEPS, now.slow])].sort((a, b) => a - b)
    slow.replaceChildren(...steps.map((s) => el('option', { value: String(s) }, s === 0 ? texts.text('tools.slow.off') : texts.text('tools.slow.each', { time: span(texts, s) }))))
    slow.value = String(now.slow)
    for (const preset of presets) preset.checked = preset.value === now.preset
  }
  const set = async (change: object) => {
    const { problem } = outcome(await commands.send('settings', change))
    if (problem) toast(problem.detail || problem.title)
    else toast(texts.text('tools.saved'))
    if (problem) refresh()
  }
  lock.onchange = () => void set({ locked: lock.checked })
  slow.onchange = () => void set({ slow: Number(slow.value) })
  const choices = presets.map((preset) => {
    preset.onchange = () => void set({ preset: preset.value })
    return el('label', { class: 'choice' }, preset, el('span', {}, texts.text(`preset.${preset.value}`), el('small', {}, texts.text(`preset.${preset.value}.text`))))
  })
  const element = el(
    'div',
    { class: 'fields' },
    el('label', { class: 'switch' }, el('span', {}, texts.text('tools.lock'), el('small', {}, texts.text('tools.lock.text'))), lock),
    el('div', { class: 'field' }, el('label', { for: 'tool-slow' }, texts.text('tools.slow')), el('div', { class: 'box' }, slow)),
    el('fieldset', { class: 'presets' }, el('legend', {}, texts.text('tools.preset')), ...choices),
  )
  return { element, refresh }
}
