/** The one script of all pages: what a page needs more of is loaded when it is there. */

import './styles/main.css'
import { ready } from './elements/page'

async function start(): Promise<void> {
  await ready()
  await Promise.all([import('./elements/theme-switch'), import('./elements/password-field'), import('./elements/seat-picker')])
  const form = document.querySelector<HTMLFormElement>('form.make')
  if (form) {
    const { openMakeRoom, setUpForm } = await import('./elements/make-room')
    setUpForm(form)
    document.querySelector<HTMLElement>('[data-make]')?.addEventListener('click', openMakeRoom)
  }
  const gate = document.querySelector<HTMLElement>('main.gate')
  const password = document.querySelector<HTMLFormElement>('form[action$="/enter"]')
  if (gate || password) {
    const { setUpGate, setUpPassword } = await import('./elements/gate')
    if (gate) void setUpGate(gate)
    if (password) setUpPassword(password)
  }
  if (document.querySelector('.once')) history.replaceState(null, '', location.pathname)
  if (document.querySelector('room-list')) await import('./elements/room-list')
  if (document.querySelector('chat-room')) await import('./elements/room')
}

void start()
