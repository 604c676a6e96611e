/** The line people write in: Enter, drafts, pasting and dropping pictures. */

import { EnterKey } from '../lib/enter-key'
import { length } from '../lib/looks'
import { Shelf } from '../lib/shelf'
import { get } from './dom'
import { texts } from './page'

export interface ComposerHandlers {
  /** Returns whether it was taken; if not, it stays in the field. */
  text: (text: string) => boolean
  files: (files: File[]) => void
}

export class Composer {
  private readonly field: HTMLTextAreaElement
  private readonly input: HTMLInputElement
  private readonly most: number
  private readonly draft: Shelf

  constructor(
    private readonly form: HTMLFormElement,
    draftKey: string,
    private readonly on: ComposerHandlers,
  ) {
    this.field = get(form, '#chat')
    this.input = get(form, '#gif')
    this.most = Number(this.field.dataset.most)
    this.draft = new Shelf(draftKey)
    this.field.value ||= this.draft.get()
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.send()
    })
    this.field.addEventListener('input', () => this.changed())
    this.input.addEventListener('change', () => {
      this.on.files([...(this.input.files ?? [])])
      this.input.value = ''
    })
    this.keys()
    this.paste()
    this.drop()
  }

  get text(): string {
    return this.field.value
  }

  chooseFile(): void {
    this.input.click()
  }

  complain(text: string): void {
    const line = get(this.form, '.wrong')
    line.textContent = text
    line.hidden = text === ''
  }

  private send(): void {
    const text = this.field.value.trim()
    if (text === '') return
    if (length(text) > this.most) {
      this.complain(texts.text('composer.too-long', { most: this.most }))
      return
    }
    if (!this.on.text(text)) {
      this.complain(texts.text('composer.full'))
      return
    }
    this.field.value = ''
    this.changed()
    this.field.focus()
  }

  private changed(): void {
    this.complain('')
    this.draft.put(this.field.value)
    grow(this.field)
  }

  private keys(): void {
    const pointer = matchMedia('(hover: none) and (pointer: coarse)')
    const enter = new EnterKey(pointer.matches)
    const adapt = () => {
      enter.touch = pointer.matches
      this.field.enterKeyHint = pointer.matches ? 'enter' : 'send'
    }
    pointer.addEventListener('change', adapt)
    adapt()
    this.field.addEventListener('compositionstart', (event) => enter.compose(event.data))
    this.field.addEventListener('compositionupdate', (event) => enter.compose(event.data))
    this.field.addEventListener('compositionend', (event) => {
      // The field has the whole syllable only after this event.
      if (enter.composeEnd(event.data)) setTimeout(() => this.send())
    })
    this.field.addEventListener('keydown', (event) => {
      const answer = enter.keydown(event)
      if (answer !== 'default') event.preventDefault()
      if (answer === 'send') this.send()
    })
    this.field.addEventListener('keyup', (event) => enter.keyup(event))
    this.field.addEventListener('blur', () => enter.release())
  }

  private paste(): void {
    document.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      this.on.files(files)
    })
  }

  private drop(): void {
    const sign = get(document, '.drop')
    let depth = 0
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const show = (change: number) => {
      depth = Math.max(0, depth + change)
      sign.hidden = depth === 0
    }
    document.addEventListener('dragenter', (event) => hasFiles(event) && show(1))
    document.addEventListener('dragleave', (event) => hasFiles(event) && show(-1))
    document.addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault())
    document.addEventListener('drop', (event) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      show(-depth)
      this.on.files([...(event.dataTransfer?.files ?? [])])
    })
  }
}

/** For browsers that cannot size a field by its content. */
function grow(field: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight}px`
}
