/** The form for a new room: as a dialog over the lobby where there is space, checked before it is sent. */

import { length } from '../lib/looks'
import { problemOf, type Problem } from '../lib/wire'
import { get, openDialog } from './dom'
import { texts } from './page'

const WIDE = matchMedia('(min-width: 800px)')
const LEAST_SEATS = 2

/** Links to the form open the dialog instead. */
export function openMakeRoom(event: MouseEvent): void {
  const dialog = document.querySelector<HTMLDialogElement>('dialog#make')
  if (!dialog || !WIDE.matches || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  openDialog(dialog)
  get<HTMLInputElement>(dialog, 'input[name=title]').focus()
}

export function setUpForm(form: HTMLFormElement): void {
  const title = get<HTMLInputElement>(form, 'input[name=title]')
  const count = () => {
    get(form, 'output').textContent = `${length(title.value.trim())}/${title.dataset.most}`
  }
  title.addEventListener('input', count)
  form.addEventListener('input', (event) => {
    if (event.target instanceof HTMLInputElement) say(event.target, '')
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (check(form)) void send(form)
  })
  count()
}

/** Says what is wrong at the fields; true when nothing is. */
function check(form: HTMLFormElement): boolean {
  const title = get<HTMLInputElement>(form, 'input[name=title]')
  const max = get<HTMLInputElement>(form, 'input[name=max]')
  const most = Number(max.dataset.most)
  const seats = /^\s*\d+\s*$/.test(max.value) ? Number(max.value) : 0
  const long = Number(title.dataset.most)
  const n = length(title.value.trim())
  say(title, n === 0 ? texts.text('form.error.title-empty') : '')
  if (n > long) say(title, texts.text('form.error.title-too-long', { most: long }))
  say(max, seats >= LEAST_SEATS && seats <= most ? '' : texts.text('form.error.limit-invalid', { most }))
  return finish(form, '')
}

async function send(form: HTMLFormElement): Promise<void> {
  const button = get<HTMLButtonElement>(form, 'button.wide')
  button.setAttribute('aria-busy', 'true')
  try {
    const body = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    const json: unknown = await answer.json().catch(() => undefined)
    if (answer.ok) {
      location.assign(`/room/${(json as { _id: string })._id}`)
      return
    }
    refuse(form, problemOf(json, answer.status))
  } catch {
    refuse(form, { code: '', title: '', detail: texts.text('problem.unavailable.detail'), status: 0 })
  }
  button.removeAttribute('aria-busy')
}

function refuse(form: HTMLFormElement, problem: Problem): void {
  const field = problem.field && form.querySelector<HTMLInputElement>(`input[name="${CSS.escape(problem.field)}"]`)
  const detail = problem.detail || problem.title || texts.text('problem.internal.detail')
  if (field) say(field, detail)
  finish(form, field ? '' : detail)
}

function say(input: HTMLInputElement, text: string): void {
  const error = document.getElementById(`${input.id}-error`)
  if (error) error.textContent = text
  if (text) input.setAttribute('aria-invalid', 'true')
  else input.removeAttribute('aria-invalid')
}

/** Focus goes to the first field at fault; a summary stands on top when there are two or more. */
function finish(form: HTMLFormElement, notice: string): boolean {
  const wrong = form.querySelectorAll<HTMLInputElement>('[aria-invalid]')
  const summary = get(form, '.notice')
  summary.textContent = wrong.length > 1 ? texts.text('form.summary', { n: wrong.length }) : notice
  summary.hidden = summary.textContent === ''
  wrong[0]?.focus()
  return wrong.length === 0
}
