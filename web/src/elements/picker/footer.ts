/** What is not chosen but made, at the foot of the picker: a file, the camera, a video, letters on a picture. */

import { el, icon } from '../build'
import { texts } from '../page'

type Kind = 'camera' | 'video' | 'caption'

/** How the maker of GIFs is opened. */
type OpenMaker = (kind: Kind, source: undefined, done: (file: File, alt: string) => void) => unknown

export interface Making {
  /** Somebody wants to choose a file. */
  file: () => void
  /** A GIF was made. */
  made: (file: File, alt: string) => void
}

/** Loaded when it is wanted. */
const MAKER = Object.values(import.meta.glob<{ openMaker: OpenMaker }>('../maker/open.ts'))[0]

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
  const making = MAKER ? KINDS.map(([kind, name]) => button(name, `picker.${kind}`, () => void make(kind))) : []
  const make = async (kind: Kind) => {
    leave()
    const maker = await MAKER?.()
    maker?.openMaker(kind, undefined, made)
  }
  return el('div', { class: 'making', role: 'group', 'aria-label': texts.text('picker.make') }, button('clip', 'picker.file', file), ...making)
}
