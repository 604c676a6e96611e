/** What everybody should know of how the room is set: calm words below its title. And its title, seats and kind. */

import { span } from '../lib/remaining'
import type { RoomState } from '../lib/room-state'
import { el, icon } from './build'
import { get } from './dom'
import { texts } from './page'

export function showStates(room: HTMLElement, state: RoomState): void {
  if (state.title && room.dataset.title !== state.title) {
    room.dataset.title = state.title
    get(room, 'h1').textContent = state.title
    document.title = `${state.title} · ${texts.text('name')}`
  }
  const kind = get(room, '.meta .kind').firstChild
  if (kind) kind.textContent = `${texts.text(state.password ? 'lobby.private' : 'lobby.public')} · `
  const said = [
    state.raid && (['warn', texts.text('state.raid')] as const),
    state.locked && (['lock', texts.text('state.locked')] as const),
    state.slow > 0 && (['clock', texts.text('state.slow', { time: span(texts, state.slow) })] as const),
  ].filter((one) => one !== false)
  const line = get(room, '.states')
  const now = said.map(([, text]) => text).join()
  if (line.dataset.said === now) return
  line.dataset.said = now
  line.hidden = said.length === 0
  line.replaceChildren(...said.map(([name, text]) => el('span', {}, icon(name), text)))
}
