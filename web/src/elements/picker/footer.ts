/** What is not chosen but made, at the foot of the picker: a file, the camera, a video, letters on a picture. */

import { makeGif, type Wanted } from '../bring'
import { el, icon } from '../build'
import { texts } from '../page'

type Kind = Wanted['kind']

export interface Making {
  /** Somebody wants to choose a file. */
  file: () => void
  /** A GIF was made. Returns why it was refused, or nothing. */
  made: (file: File, alt: string) => Promise<string>
}

const KINDS: readonly (readonly [Kind, icon: string])[] = [
  ['camera', 'camera'],
  ['video', 'video'],
  ['caption', 'letters'],
]

/** `leave` closes what it stands in. */
export function footer({ file, made }: Making, leave: () => void): HTMLElement {
  const button = (name: string, text: string, act: () => void) => {
    const one = el('button', { type: 'button' }, icon(name), el('span', {}, texts.text(text)))
    one.onclick = act
    return one
  }
  const make = (kind: Kind) => {
    leave()
    void makeGif({ kind }, async ([gif], alt = '') => (gif ? made(gif, alt) : ''))
  }
  const making = KINDS.map(([kind, name]) => button(name, `picker.${kind}`, () => make(kind)))
  return el('div', { class: 'making', role: 'group', 'aria-label': texts.text('picker.make') }, button('clip', 'picker.file', file), ...making)
}
