/** The way into a room: its password, and in a rush the work that is asked of newcomers. */

import { isChallenge } from '../lib/challenge'
import { problemOf, type Challenge, type Problem, type Work } from '../lib/wire'
import { get } from './dom'
import { lazily, texts } from './page'

/** A challenge may run out while it is worked on; then the server gives another. */
const MOST_ROUNDS = 3

/** The page that only asks for work. */
export async function setUpGate(gate: HTMLElement): Promise<void> {
  const { enter = '', salt = '', bits = '' } = gate.dataset
  const problem = await pass(enter, undefined, gate, { salt, bits: Number(bits) })
  const line = get(gate, '.wrong')
  if (!problem) return location.replace(enter.replace(/\/enter$/, ''))
  line.textContent = problem.detail || problem.title
  line.hidden = false
}

/** The page that asks for the password. */
export function setUpPassword(form: HTMLFormElement): void {
  const input = get<HTMLInputElement>(form, '#password')
  const button = get(form, 'button.wide')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    button.setAttribute('aria-busy', 'true')
    const problem = await pass(form.action, input.value, form)
    button.removeAttribute('aria-busy')
    if (!problem) return location.replace(form.action.replace(/\/enter$/, ''))
    // What is no matter of the password has a page of its own.
    if (problem.code !== 'wrong-password' && problem.code !== 'too-often') return form.submit()
    const error = get(form, '#password-error')
    error.setAttribute('role', 'alert')
    error.textContent = problem.code === 'too-often' ? texts.text('password.too-often', { n: problem.retryAfter ?? 1 }) : texts.text('password.wrong')
    input.setAttribute('aria-invalid', 'true')
    input.select()
  })
}

/** Nothing: the way is free. */
async function pass(address: string, password: string | undefined, place: HTMLElement, first?: Challenge): Promise<Problem | undefined> {
  const silence = (): Problem => ({ ...problemOf(undefined, 0), detail: texts.text('tools.no-answer') })
  let work: Work | undefined
  if (isChallenge(first)) {
    work = await solved(first, place)
    if (!work) return silence()
  }
  let problem: Problem | undefined
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: JSON.stringify({ password, work }),
    }).catch(() => undefined)
    if (answer?.ok) return undefined
    const json: unknown = await answer?.json().catch(() => undefined)
    problem = problemOf(json, answer?.status ?? 0)
    if (!problem.detail) problem.detail = texts.text('tools.no-answer')
    const challenge = (json as { challenge?: unknown } | undefined)?.challenge
    if (problem.code !== 'work-needed' || !isChallenge(challenge)) break
    work = await solved(challenge, place)
    if (!work) return silence()
  }
  return problem
}

/** Nothing when what it needs does not come. */
async function solved(challenge: Challenge, place: HTMLElement): Promise<Work | undefined> {
  const part = await lazily(() => import('./working')).catch(() => undefined)
  return part?.work(challenge, place).catch(() => undefined)
}
