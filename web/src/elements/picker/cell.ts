/** One picture of the picker: a still that moves while it is looked at, sent by one press, with a star. */

import { looksOf, nameOf, type Picture } from '../../lib/picker/picture'
import type { Files } from '../../lib/picker/vault'
import { el, icon } from '../build'
import { texts } from '../page'

/** Something that can be shown: where its bytes are, if this browser has them. */
export interface Item {
  readonly picture: Picture
  readonly starred: boolean
  readonly files?: () => Promise<Files | undefined>
}

export class Cell {
  readonly element: HTMLLIElement
  readonly send: HTMLButtonElement
  readonly star: HTMLButtonElement
  private readonly still = el('img', { alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' })
  private moving: HTMLImageElement | undefined
  private ended = false

  constructor(readonly item: Item) {
    const { picture, starred } = item
    const name = nameOf(picture) || texts.text('picker.unnamed')
    this.send = el('button', { type: 'button', class: 'pick', tabindex: '-1', 'aria-label': picture.flashes ? `${name} (${texts.text('picker.flashes')})` : name })
    this.send.append(this.still)
    if (picture.flashes) this.send.append(el('span', { class: 'badge' }, icon('warn')))
    this.star = el('button', { type: 'button', class: 'star', tabindex: '-1', 'aria-pressed': String(starred), 'aria-label': texts.text('picker.star.of', { name }) }, icon('star'))
    // What is elsewhere can be kept once it is here.
    this.element = el('li', { class: 'cell' }, this.send, ...(picture.remote ? [] : [this.star]))
    if (picture.color) this.element.style.setProperty('--color', picture.color)
    this.still.onerror = () => this.lost(name)
    void this.show()
  }

  get starred(): boolean {
    return this.star.getAttribute('aria-pressed') === 'true'
  }

  set starred(on: boolean) {
    this.star.setAttribute('aria-pressed', String(on))
  }

  /** What flashes is never played here. */
  async play(on: boolean): Promise<void> {
    this.rest()
    if (!on || this.ended || this.item.picture.flashes || this.element.classList.contains('lost')) return
    const moving = el('img', { class: 'moving', alt: '', draggable: 'false' })
    this.moving = moving
    const files = await this.item.files?.()
    if (this.moving !== moving) return
    moving.src = files ? URL.createObjectURL(files.gif) : looksOf(this.item.picture).moving
    this.send.append(moving)
  }

  /** Lets go of what it holds of this browser's memory. */
  end(): void {
    this.ended = true
    this.rest()
    letGo(this.still)
  }

  private rest(): void {
    this.moving?.remove()
    if (this.moving) letGo(this.moving)
    this.moving = undefined
  }

  private async show(): Promise<void> {
    const files = await this.item.files?.()
    if (this.ended) return
    this.still.src = files ? URL.createObjectURL(files.poster) : looksOf(this.item.picture).poster
  }

  /** Its name stands where it would be. */
  private lost(name: string): void {
    this.element.classList.add('lost')
    this.still.replaceWith(el('span', { class: 'words' }, name))
  }
}

function letGo({ src }: HTMLImageElement): void {
  if (src.startsWith('blob:')) URL.revokeObjectURL(src)
}
