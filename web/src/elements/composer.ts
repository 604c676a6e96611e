/** The line people write in: Enter, drafts, answers, whispers, corrections, completion. */

import { EnterKey } from '../lib/enter-key'
import { length } from '../lib/looks'
import type { Aim as Goes } from '../lib/outbox'
import { Shelf } from '../lib/shelf'
import { isCommand, type Here } from '../lib/slash'
import { SAID_MS } from '../lib/typists'
import type { Member, Quote } from '../lib/wire'
import { Aim, type Mode } from './aim'
import { Completion } from './completion'
import { get } from './dom'
import { takeFiles } from './files'
import { texts } from './page'

export interface ComposerHandlers {
  /** Returns whether it was taken; if not, it stays in the field. */
  text: (text: string, aim: Goes) => boolean
  /** Another text for a message; answers whether it was taken. */
  edit: (seq: number, text: string) => Promise<boolean>
  /** The last message of the reader is to be corrected. */
  last: () => void
  files: (files: File[]) => void
  typing: () => void
  here: () => Omit<Here, 'texts'>
}

export class Composer {
  private readonly form: HTMLFormElement
  private readonly field: HTMLTextAreaElement
  private readonly input: HTMLInputElement
  private readonly most: number
  private readonly draft: Shelf
  private readonly aim: Aim
  private readonly completion: Completion
  private typed = 0
  private readonly pointer = matchMedia('(hover: none) and (pointer: coarse)')

  constructor(
    room: HTMLElement,
    private readonly on: ComposerHandlers,
  ) {
    this.form = get(room, '#chat-form')
    this.field = get(this.form, '#chat')
    this.input = get(this.form, '#gif')
    this.most = Number(this.field.dataset.most)
    this.draft = new Shelf(`draft:${room.dataset.room ?? ''}`)
    this.field.value ||= this.draft.get()
    this.aim = new Aim(get(this.form, '.aim'), () => this.leave())
    this.completion = new Completion(this.field, get(this.form, '#completion'), () => ({ ...on.here(), texts }), () => this.changed())
    this.form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.send()
    })
    this.field.addEventListener('input', () => this.changed())
    this.input.addEventListener('change', () => {
      this.bring([...(this.input.files ?? [])])
      this.input.value = ''
    })
    this.keys()
    takeFiles((files) => this.bring(files))
  }

  /** A picture is for everybody: not while one whispers. */
  private bring(files: File[]): void {
    if (this.isWhispering) this.complain(texts.text('composer.no-whisper'))
    else this.on.files(files)
  }

  get text(): string {
    return this.field.value
  }

  focus(): void {
    this.field.focus()
  }

  /** After something was sent that was not written. A touch screen does not get its keyboard back for that. */
  write(): void {
    if (!this.pointer.matches) this.focus()
  }

  get isWhispering(): boolean {
    return this.aim.mode?.kind === 'whisper'
  }

  /** What the next message answers; it is taken. */
  answering(): Quote | undefined {
    const { reply } = this.aim.goes
    if (reply) this.aim.set(undefined)
    return reply
  }

  /** What was taken has come to nothing. */
  answerAgain(quote: Quote | undefined): void {
    if (quote && !this.aim.mode) this.aim.set({ kind: 'reply', quote })
  }

  chooseFile(): void {
    this.input.click()
  }

  complain(text: string): void {
    this.line('.wrong', text)
  }

  /** Something good to know, said kindly. */
  remark(text: string): void {
    this.line('.remark', text)
  }

  reply(quote: Quote): void {
    this.begin({ kind: 'reply', quote })
  }

  whisper(to: Member): void {
    this.begin({ kind: 'whisper', to })
  }

  /** Another text for a message of the reader. What stood in the field comes back afterwards. */
  correct(seq: number, text: string): void {
    const before = this.aim.mode?.kind === 'edit' ? this.aim.mode.before : this.field.value
    this.begin({ kind: 'edit', seq, before })
    this.put(text)
  }

  mention(name: string): void {
    const { selectionEnd, value } = this.field
    const gap = /\S$/.test(value.slice(0, selectionEnd)) ? ' ' : ''
    this.field.setRangeText(`${gap}@${name} `, selectionEnd, selectionEnd, 'end')
    this.changed()
    this.focus()
  }

  /** A command that was refused can be mended. */
  giveBack(text: string): void {
    if (this.field.value === '') this.put(text)
  }

  private begin(mode: Mode): void {
    if (this.aim.mode?.kind === 'edit' && mode.kind !== 'edit') this.put(this.aim.mode.before)
    this.aim.set(mode)
    this.focus()
  }

  /** Back to a plain message. */
  private leave(): void {
    const { mode } = this.aim
    this.aim.set(undefined)
    if (mode?.kind === 'edit') this.put(mode.before)
    this.focus()
  }

  private put(text: string): void {
    this.field.value = text
    this.changed()
    this.field.setSelectionRange(text.length, text.length)
  }

  private send(): void {
    const text = this.field.value.trim()
    const { mode } = this.aim
    if (text === '') return
    if (length(text) > this.most) return this.complain(texts.text('composer.too-long', { most: this.most }))
    if (mode?.kind === 'edit') return void this.correctWith(text, mode)
    if (!this.on.text(text, this.aim.goes)) return this.complain(texts.text('composer.full'))
    // Whoever whispers goes on whispering until they leave it.
    if (mode?.kind === 'reply') this.aim.set(undefined)
    this.put('')
    this.completion.close()
    this.field.focus()
  }

  private async correctWith(text: string, mode: Mode & { kind: 'edit' }): Promise<void> {
    if ((await this.on.edit(mode.seq, text)) && this.aim.mode === mode) this.leave()
  }

  private changed(): void {
    this.complain('')
    this.remark('')
    if (this.aim.mode?.kind !== 'edit') this.draft.put(this.field.value)
    grow(this.field)
  }

  private line(which: string, text: string): void {
    const line = get(this.form, which)
    line.textContent = text
    line.hidden = text === ''
  }

  /** Others are told that somebody writes, unless it is not for them. */
  private tell(): void {
    const { value } = this.field
    const now = Date.now()
    if (value.trim() === '' || isCommand(value) || this.aim.mode || now - this.typed < SAID_MS) return
    this.typed = now
    this.on.typing()
  }

  private keys(): void {
    const { pointer } = this
    const enter = new EnterKey(pointer.matches)
    const adapt = () => {
      enter.touch = pointer.matches
      this.field.enterKeyHint = pointer.matches ? 'enter' : 'send'
    }
    pointer.addEventListener('change', adapt)
    adapt()
    this.field.addEventListener('input', () => this.tell())
    this.field.addEventListener('compositionstart', (event) => enter.compose(event.data))
    this.field.addEventListener('compositionupdate', (event) => enter.compose(event.data))
    this.field.addEventListener('compositionend', (event) => {
      // The field has the whole syllable only after this event.
      if (enter.composeEnd(event.data)) setTimeout(() => this.send())
    })
    this.field.addEventListener('keydown', (event) => {
      if (this.completion.keydown(event)) {
        if (event.key === 'Enter') enter.spend()
        return
      }
      if (this.leads(event)) return event.preventDefault()
      const answer = enter.keydown(event)
      if (answer !== 'default') event.preventDefault()
      if (answer === 'send') this.send()
    })
    this.field.addEventListener('keyup', (event) => enter.keyup(event))
    this.field.addEventListener('blur', () => enter.release())
  }

  /** Escape gives up what the line is for; the arrow up in an empty one corrects what was said last. */
  private leads(event: KeyboardEvent): boolean {
    if (event.isComposing) return false
    if (event.key === 'Escape' && this.aim.mode) this.leave()
    else if (event.key === 'ArrowUp' && this.field.value === '' && !this.aim.mode) this.on.last()
    else return false
    return true
  }
}

/** For browsers that cannot size a field by its content. */
function grow(field: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return
  field.style.height = 'auto'
  field.style.height = `${field.scrollHeight}px`
}
