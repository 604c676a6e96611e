/** Lines about what happened. Those of a busy door in a row become one, which unfolds. */

import { doorSentence, sumUp, type Passage } from '../lib/doors'
import { sentence, subject } from '../lib/notices'
import type { Notice } from '../lib/wire'
import { clone, get, paint, template } from './dom'
import { names, texts } from './page'

export function lineView(notice: Notice): HTMLElement {
  const line = clone(template('line'))
  line.dataset.seq = String(notice.seq)
  line.dataset.kind = notice.kind
  if (isDoor(line)) Object.assign(line.dataset, { member: notice.member.id, name: notice.member.name })
  for (const one of [notice.member, notice.whom]) if (one) names.learn(one.id, one.name)
  const whose = subject(notice) as Notice['member'] | undefined
  if (whose) paint(line, whose.color)
  else get(line, '.chip').remove()
  get(line, 'span').replaceChildren(
    ...sentence(notice, texts).map(({ text, name }) => {
      if (!name) return document.createTextNode(text)
      const bold = document.createElement('b')
      bold.textContent = text
      return bold
    }),
  )
  return line
}

function isDoor(element: Element | null): element is HTMLElement {
  const kind = element instanceof HTMLElement ? element.dataset.kind : undefined
  return kind === 'join' || kind === 'exit'
}

function isOwn(line: HTMLElement): boolean {
  return line.dataset.member === line.closest<HTMLElement>('chat-room')?.dataset.me
}

function inRun(element: Element | null): boolean {
  return isDoor(element) || (element?.classList.contains('run') ?? false)
}

/** Sums up the run of lines that this one stands in, if it is one about the door. */
export function fold(line: Element | null): void {
  if (!isDoor(line)) return
  const run: Element[] = [line]
  for (let one = line.previousElementSibling; one && inRun(one); one = one.previousElementSibling) run.unshift(one)
  for (let one = line.nextElementSibling; one && inRun(one); one = one.nextElementSibling) run.push(one)
  const old = run.filter((one) => !isDoor(one))
  const isOpen = old.some((one) => one.getAttribute('aria-expanded') === 'true')
  const had = old.includes(document.activeElement ?? document.body)
  for (const one of old) one.remove()
  const all = run.filter(isDoor)
  // Readers know of themselves that they came.
  const lines = all.filter((one) => !isOwn(one))
  for (const one of all) if (isOwn(one)) show(one, false)
  const sum = sumUp(lines.map(passage))
  const folded = lines.length > 1
  for (const one of lines) show(one, !folded || isOpen)
  const said = folded ? doorSentence(sum, texts) : ''
  if (said === '') return
  const button = clone<HTMLButtonElement>(template('run'))
  get(button, 'span').textContent = said
  button.setAttribute('aria-expanded', String(isOpen))
  button.onclick = () => {
    const open = button.getAttribute('aria-expanded') !== 'true'
    button.setAttribute('aria-expanded', String(open))
    for (let one = button.nextElementSibling; isDoor(one); one = one.nextElementSibling) show(one, open && !isOwn(one))
  }
  lines[0]?.before(button)
  if (had) button.focus()
}

/** What is folded is no line of its own any more, for readers and for whoever looks for `.system`. */
function show(line: HTMLElement, shown: boolean): void {
  line.hidden = !shown
  line.classList.toggle('system', shown)
}

function passage({ dataset }: HTMLElement): Passage {
  return { id: dataset.member ?? '', name: dataset.name ?? '', kind: dataset.kind === 'exit' ? 'exit' : 'join' }
}
