/** Offers a GIF of the room to the server's library: a few words by which others find it. */

import { addresses, type Picture } from '../../lib/picker/picture'
import { tagsOf } from '../../lib/picker/words'
import { problemOf } from '../../lib/wire'
import { el, icon } from '../build'
import { toast } from '../dom'
import { complain, field } from '../form'
import { texts } from '../page'
import { openTool } from '../tool'
import { tagsLike } from './library'
import '../../styles/lazy/offer.css'

const PAUSE_MS = 250
const MOST_ALT = 500
const MOST_WORDS = 200

export function openOffer(picture: Picture, room: string, seq: number): void {
  const tags = el('input', { id: 'offer-tags', autocomplete: 'off', maxlength: String(MOST_WORDS), enterkeyhint: 'next' })
  const alt = el('input', { id: 'offer-alt', autocomplete: 'off', maxlength: String(MOST_ALT), enterkeyhint: 'send' })
  const ideas = el('div', { class: 'ideas', role: 'group', 'aria-label': texts.text('picker.offer.ideas') })
  const send = el('button', { class: 'amber wide' }, icon('folder'), texts.text('picker.offer.send'))
  const form = el(
    'form',
    { class: 'fields offer', novalidate: true },
    el('div', { class: 'film shown' }, el('img', { src: addresses(picture.gif).poster, alt: '' })),
    el('p', { class: 'hint' }, texts.text('picker.offer.text')),
    field(tags, texts.text('picker.offer.tags'), texts.text('picker.offer.tags.hint')),
    ideas,
    field(alt, texts.text('picker.offer.alt'), texts.text('picker.offer.alt.hint')),
    send,
  )
  alt.value = picture.alt ?? ''
  const dialog = openTool('offer', texts.text('picker.offer'), form)
  tags.focus()
  suggest(tags, ideas)
  form.addEventListener('input', (event) => complain(event.target as HTMLElement, ''))
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const words = tagsOf(tags.value)
    if (words.length === 0) {
      complain(tags, texts.text('picker.offer.tags.none'))
      return tags.focus()
    }
    send.setAttribute('aria-busy', 'true')
    const wrong = await offer({ room, seq, tags: words, ...described(alt.value.trim()) })
    send.removeAttribute('aria-busy')
    if (wrong === undefined) return dialog.close()
    complain(tags, wrong)
    tags.focus()
  })
}

/** What went wrong, as the server said it. */
async function offer(body: object): Promise<string | undefined> {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json' }
  const answer = await fetch('/library/offers', { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => undefined)
  const json: unknown = await answer?.json().catch(() => undefined)
  if (!answer?.ok) return problemOf(json, answer?.status ?? 0).detail || texts.text('picker.offer.failed')
  const { state } = (json ?? {}) as { state?: unknown }
  toast(texts.text(state === 'approved' ? 'picker.offer.approved' : 'picker.offer.done'))
  return undefined
}

/** In the language that the page is in. */
function described(alt: string): object {
  if (alt === '') return {}
  return document.documentElement.lang === 'en' ? { altEn: alt } : { altKo: alt }
}

/** Tags that others have used, for the word that is being written. */
function suggest(tags: HTMLInputElement, ideas: HTMLElement): void {
  let timer = 0
  let turn = 0
  const look = async () => {
    const word = /[^\s,、，#]*$/u.exec(tags.value)?.[0] ?? ''
    turn += 1
    const mine = turn
    const found = word === '' ? [] : await tagsLike(word)
    if (mine !== turn) return
    const known = new Set(tagsOf(tags.value.slice(0, tags.value.length - word.length)))
    ideas.replaceChildren(...found.filter((tag) => !known.has(tag)).map((tag) => idea(tag, word)))
  }
  const idea = (tag: string, word: string) => {
    const button = el('button', { type: 'button', class: 'idea' }, tag)
    button.onclick = () => {
      tags.value = `${tags.value.slice(0, tags.value.length - word.length)}${tag}, `
      ideas.replaceChildren()
      tags.focus()
    }
    return button
  }
  tags.addEventListener('input', () => {
    clearTimeout(timer)
    timer = window.setTimeout(() => void look(), PAUSE_MS)
  })
}
