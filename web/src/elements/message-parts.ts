/** What a message is made of, and what becomes of it: its text, the quote above it, reactions below it, or nothing any more. */

import { marks } from '../lib/marks'
import type { Member, Quote, Reaction } from '../lib/wire'
import { clone, get, paint, template } from './dom'
import { names, texts } from './page'

/** `mentions`: whom the server found called in it. One that calls the reader stands out. */
export function say(item: HTMLElement, text: string, mentions: readonly string[] = [], me = ''): void {
  item.classList.toggle('to-me', me !== '' && mentions.includes(me))
  get(item, '.text').replaceChildren(
    ...marks(text, names.of(mentions)).map(({ text: run, kind }) => {
      if (kind === 'text') return document.createTextNode(run)
      const element = document.createElement(kind === 'link' ? 'a' : 'mark')
      element.textContent = run
      if (element instanceof HTMLAnchorElement) Object.assign(element, { href: run, target: '_blank', rel: 'noopener noreferrer nofollow' })
      return element
    }),
  )
}

/** `to`: whom the reader said it to; without, it was said to the reader. */
export function showWhisper(item: HTMLElement, to: Member | undefined): void {
  item.classList.add('whisper')
  if (to) item.dataset.to = to.id
  const frame = get(item, '.frame')
  frame.classList.add('film')
  frame.querySelector('.to')?.remove()
  const line = clone(template('whisper'))
  get(line, 'span').textContent = to ? texts.text('whisper.to', { name: to.name }) : texts.text('whisper.to-me')
  frame.prepend(line)
}

export function showQuote(item: HTMLElement, quote: Quote): void {
  const block = clone<HTMLButtonElement>(template('quote'))
  paint(block, quote.user)
  block.dataset.quote = String(quote.seq)
  block.dataset.of = quote.member
  names.learn(quote.member, quote.name)
  get(block, '.name').textContent = quote.name
  get(block, '.quoted').textContent = quoted(quote)
  const picture = get<HTMLImageElement>(block, 'img')
  if (quote.gif && !quote.removed) picture.src = `${stem(quote.gif)}.poster.webp`
  else picture.remove()
  const frame = get(item, '.frame')
  frame.querySelector('.quote')?.remove()
  frame.prepend(block)
}

/** The quoted message has another text, or is gone. */
export function requote(block: HTMLElement, chat: string | undefined): void {
  get(block, '.quoted').textContent = chat === undefined ? texts.text('message.removed') : [...chat].slice(0, 100).join('')
  if (chat === undefined) block.querySelector('img')?.remove()
}

/** One line that stands for a message. */
export function quoted(quote: Pick<Quote, 'chat' | 'gif' | 'removed'>): string {
  if (quote.removed) return texts.text('message.removed')
  return quote.chat ?? texts.text('room.gif')
}

/** Where a GIF (`<hash>.gif`) and its other files are, but for the ending. */
export function stem(gif: string): string {
  return `/gif/${gif.replace(/\.gif$/, '')}`
}

/** The words for a picture, in place of those that only say whose it is. */
export function showAlt(item: HTMLElement, alt: string): void {
  const { dataset } = get(item, '.frame')
  if (alt) dataset.alt = alt
  else delete dataset.alt
  const [name = ''] = names.of([item.dataset.member ?? ''])
  get<HTMLImageElement>(item, 'img.picture').alt = alt || texts.text(dataset.duration === '0' ? 'gif.still.of' : 'room.gif.of', { name })
}

/** A message as another one quotes it. */
export function quoteOf(item: HTMLElement): Quote {
  const { gif } = get(item, '.frame').dataset
  const quote = {
    seq: Number(item.dataset.seq),
    member: item.dataset.member ?? '',
    name: names.of([item.dataset.member ?? ''])[0] ?? get(item, '.name').textContent,
    user: colorOf(item),
  }
  if (gif) return { ...quote, gif: `${gif.replace(/^.*\//, '')}.gif` }
  return { ...quote, chat: [...textOf(item)].slice(0, 100).join('') }
}

/** The address of its GIF, whichever of its renditions is shown. */
export function gifOf(item: HTMLElement): string | undefined {
  const frame = item.querySelector<HTMLElement>('.frame.gif')
  const name = /\/gif\/([0-9a-f]+)/.exec(frame?.dataset.gif ?? frame?.querySelector('img')?.src ?? '')
  return name ? `/gif/${name[1]}.gif` : undefined
}

/** As the server's style block or the script says it. */
export function colorOf(item: Element): string {
  return getComputedStyle(item).getPropertyValue('--u').trim()
}

export function textOf(item: HTMLElement): string {
  return item.querySelector('.text')?.textContent ?? ''
}

export function showEdited(item: HTMLElement): void {
  if (!item.querySelector('.edited')) get(item, '.frame').append(clone(template('edited')))
}

/** Nothing of it is left. */
export function showGone(item: HTMLElement): void {
  item.classList.remove('to-me')
  item.classList.add('gone')
  const frame = get(item, '.frame')
  frame.className = 'frame'
  delete frame.dataset.gif
  frame.replaceChildren(clone(template('gone')))
  item.querySelector('.reactions')?.remove()
}

export function showReactions(item: HTMLElement, reactions: readonly Reaction[]): void {
  const box = item.querySelector<HTMLElement>('.reactions') ?? clone(template('reactions'))
  if (reactions.length === 0) return box.remove()
  const focused = (document.activeElement as HTMLElement | null)?.dataset.react
  const had = box.contains(document.activeElement)
  for (const old of box.querySelectorAll('[data-count]')) old.remove()
  box.prepend(...reactions.map(reactionView))
  if (!box.isConnected) item.append(box)
  if (had) (box.querySelector<HTMLElement>(`[data-react="${CSS.escape(focused ?? '')}"]`) ?? item).focus()
}

/** As they stand below it. */
export function reactionsOf(item: HTMLElement): Reaction[] {
  return [...item.querySelectorAll<HTMLElement>('.reactions [data-count]')].map((button) => {
    const reaction: Reaction = { emoji: button.dataset.react ?? '', count: Number(button.dataset.count) }
    return button.getAttribute('aria-pressed') === 'true' ? { ...reaction, mine: true } : reaction
  })
}

function reactionView({ emoji, count, mine }: Reaction): HTMLElement {
  const button = clone(template('reaction'))
  button.dataset.react = emoji
  button.dataset.count = String(count)
  button.setAttribute('aria-pressed', String(mine === true))
  get(button, '.emoji').textContent = emoji
  get(button, '.n').textContent = String(count)
  return button
}
