/** The reader's own name in this room. The next room offers it. */

import { length } from '../lib/looks'
import type { Present } from '../lib/wire'
import { el } from './build'
import { outcome, type Commands } from './commands'
import { toast } from './dom'
import { complain, field } from './form'
import { texts } from './page'
import { remembered } from './own-name'
import { openTool } from './tool'

const MOST = 20

export function openRename(commands: Commands, current: string): void {
  const input = el('input', { id: 'own-name', name: 'name', autocomplete: 'nickname', value: current, maxlength: String(MOST * 2) })
  const count = el('output', { class: 'edge', for: 'own-name' })
  const save = el('button', { class: 'amber wide' }, texts.text('name.save'))
  const form = el('form', { class: 'fields', novalidate: true }, field(input, texts.text('name.label'), texts.text('name.hint'), el('div', { class: 'box' }, input, count)), save)
  const shown = () => (count.textContent = `${length(input.value.trim())}/${MOST}`)
  input.addEventListener('input', () => {
    complain(input, '')
    shown()
  })
  shown()
  const dialog = openTool('rename', texts.text('name.title'), form)
  input.focus()
  input.select()
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const name = input.value.trim()
    const wrong = length(name) === 0 || length(name) > MOST ? texts.text('name.length', { most: MOST }) : ''
    complain(input, wrong)
    if (wrong) return input.focus()
    if (name === current) return dialog.close()
    save.setAttribute('aria-busy', 'true')
    const { value, problem } = outcome(await commands.send<{ me: Present }>('nick', { name }))
    save.removeAttribute('aria-busy')
    if (problem) {
      complain(input, problem.detail || problem.title)
      return input.focus()
    }
    remembered.put(value.me?.name ?? name)
    dialog.close()
    toast(texts.text('name.done', { name: value.me?.name ?? name }))
  })
}
