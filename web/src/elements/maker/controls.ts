/** Speed, size, words and description: what a GIF will be like. */

import { LETTERS, MOST_LETTERS, PLACES, type Caption } from '../../lib/maker/caption'
import { SIDES, SPEEDS, type Size } from '../../lib/maker/plan'
import { oneOf } from '../ask'
import { el, type Child } from '../build'
import { field } from '../form'
import { texts } from '../page'
import type { Kind } from './open'

const MOST_ALT = 500

export interface Chosen {
  speed: number
  size: Size
  caption: Caption
  alt: string
}

/** `moves`: there is something to speed up. */
export function controls(kind: Kind, moves: boolean, changed: () => void): { element: HTMLFormElement; words: HTMLInputElement; chosen: () => Chosen } {
  const words = el('input', { id: 'maker-words', autocomplete: 'off', maxlength: String(MOST_LETTERS), enterkeyhint: 'done' })
  const alt = el('input', { id: 'maker-alt', name: 'alt', autocomplete: 'off', maxlength: String(MOST_ALT) })
  const text = field(words, texts.text('maker.words.label'), '')
  const places = row('place', 'maker.words.place', PLACES.map((place) => [place, `maker.words.${place}`]), 'bottom')
  const letters = row('letters', 'maker.words.letters', LETTERS.map((size) => [size, `maker.size.${size}`]), 'medium')
  const lettering: Child[] = [text, el('div', { class: 'pair' }, places, letters)]
  const speed = moves && oneOf('speed', texts.text('maker.speed'), SPEEDS.map((n) => [String(n), texts.text('maker.speed.of', { n })]), '1')
  const size = row('size', 'maker.size', (Object.keys(SIDES) as Size[]).map((one) => [one, `maker.size.${one}`]), kind === 'caption' ? 'large' : 'medium')
  const wording = el('fieldset', { class: 'words' }, el('legend', { class: 'vh' }, texts.text('maker.words')), ...lettering)
  const sizes = el('div', { class: 'pair' }, speed, size)
  const element = el(
    'form',
    { class: 'controls', novalidate: true },
    ...(kind === 'caption' ? [wording, sizes] : [sizes, wording]),
    field(alt, texts.text('maker.alt'), texts.text('maker.alt.hint')),
  )
  for (const label of element.querySelectorAll<HTMLLabelElement>('.field label')) label.append(el('small', {}, texts.text('form.optional')))
  element.addEventListener('input', (event) => event.target !== alt && changed())
  // Enter does not leave the page; nor does it send something half made.
  element.addEventListener('submit', (event) => event.preventDefault())
  const chosen = (): Chosen => {
    const data = new FormData(element)
    return {
      speed: Number(data.get('speed') ?? 1),
      size: data.get('size') as Size,
      caption: { text: words.value, place: data.get('place') as Caption['place'], letters: data.get('letters') as Caption['letters'] },
      alt: alt.value.trim(),
    }
  }
  return { element, words, chosen }
}

function row(name: string, legend: string, options: readonly (readonly [value: string, key: string])[], value: string): HTMLElement {
  return oneOf(name, texts.text(legend), options.map(([one, key]) => [one, texts.text(key)]), value)
}
