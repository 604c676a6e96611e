/** Light or dark, kept for the server (a cookie) so that the next page has it from its first paint. */

import { get } from './dom'

type Theme = 'light' | 'dark'

const YEAR = 31_536_000

function current(): Theme {
  const chosen = document.documentElement.dataset.theme
  if (chosen === 'light' || chosen === 'dark') return chosen
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export function switchTheme(): void {
  const theme: Theme = current() === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset.theme = theme
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `theme=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`
  for (const element of document.querySelectorAll<ThemeSwitch>('theme-switch')) element.label()
}

export class ThemeSwitch extends HTMLElement {
  connectedCallback(): void {
    this.label()
    get<HTMLButtonElement>(this, 'button').onclick = switchTheme
  }

  label(): void {
    const button = get(this, 'button')
    const label = current() === 'dark' ? button.dataset.light : button.dataset.dark
    button.setAttribute('aria-label', label ?? '')
  }
}

customElements.define('theme-switch', ThemeSwitch)
