/** Pictures of a room, which are loaded when the first of them comes: what plays them, what sends them, and their words. */

import type { ChatMessage, Member, Whisper } from '../lib/wire'
import type { Deeds } from './deeds'
import { get } from './dom'
import type { GifFrames } from './gif-frames'
import type { MessageLog } from './message-log'
import { lazily, texts } from './page'
import type { More, Uploads } from './uploads'
import { withdraw } from './undo'
import { wanted } from './wanted'

export interface PictureHandlers {
  live: () => boolean
  deeds: () => Deeds
  complain: (text: string) => void
  /** Something good to know. */
  remark: (text: string) => void
  /** Words for what is on its way in another manner. Returns whether this id was one of those. */
  describe: (id: string, alt: string) => boolean
  stored: (message: ChatMessage) => void
}

export class Pictures {
  private frames: Promise<GifFrames> | undefined
  private uploads: Uploads | undefined
  private readonly held: [readonly File[], More][] = []
  /** What is held does not survive the page: its sender is asked before leaving. */
  private readonly ask = (event: BeforeUnloadEvent): void => event.preventDefault()

  constructor(
    private readonly room: HTMLElement,
    private readonly me: Member,
    private readonly log: MessageLog,
    private readonly on: PictureHandlers,
  ) {
    log.onpicture = () => void this.moving()
    this.begin()
    // What it says of the GIFs is known there.
    get(room, '#menu').addEventListener('beforetoggle', () => void this.moving())
  }

  /** Plays what is there. To be called again when the connection is back: without it nothing can be loaded. */
  begin(): void {
    if (this.log.querySelector('.frame.gif')) void this.moving()
    if (this.held.length > 0) this.fetch()
    this.uploads?.flush()
  }

  /** The room is gone. */
  end(): void {
    this.held.length = 0
    removeEventListener('beforeunload', this.ask)
    withdraw(this.held)
    this.uploads?.end()
  }

  /** Loads what plays and what sends them, before the connection may be gone. */
  prepare(): void {
    void this.moving()
    void this.sending().catch(() => undefined)
  }

  /** Sends files. Returns why some of them were refused, or nothing: they were taken over. */
  async send(files: readonly File[], more: More = {}): Promise<string> {
    const uploads = await this.sending().catch(() => undefined)
    if (uploads) return uploads.add(files, more)
    // What it needs could not be loaded: it goes when that has come.
    this.held.push([files, more])
    addEventListener('beforeunload', this.ask)
    if (this.on.live()) this.fetch()
    else this.on.remark(texts.text('composer.waits'))
    return ''
  }

  /** Loads what sends them; where that does not come, it is said. */
  private fetch(): void {
    void wanted(() => this.sending(), () => undefined, 'gif', this.held)
  }

  /** What sends them. It takes over what was held. */
  private async sending(): Promise<Uploads> {
    const { Uploads } = await lazily(() => import('./uploads'), 'gif')
    const uploads = (this.uploads ??= new Uploads(this.room, this.me, this.log, {
      live: this.on.live,
      stored: this.on.stored,
      described: ({ seq }, alt) => void this.on.deeds().alt(seq, alt).then(this.on.complain),
    }))
    for (const [files, more] of this.held.splice(0)) void uploads.add(files, more).then((wrong) => wrong && this.on.complain(wrong))
    removeEventListener('beforeunload', this.ask)
    withdraw(this.held)
    return uploads
  }

  /** A message of mine was heard: the item that became it, if it was a picture on its way. */
  arrived(message: ChatMessage | Whisper): HTMLElement | undefined {
    return this.uploads?.arrived(message)
  }

  tidy(): void {
    this.uploads?.tidy()
  }

  /** What its writer wants with one that is on its way. Returns whether this id was one of those. */
  decide(id: string, what: string): boolean {
    return this.uploads?.act(id, what) ?? false
  }

  /** Words for a picture of the reader's own. */
  describe(item: HTMLElement): void {
    void wanted(() => this.playing(), (frames) => frames.describe(item), 'gif')
  }

  /** Returns whether this button of the room's menu is one of ours. */
  act(what = ''): boolean {
    if (!what.startsWith('gif-')) return false
    void wanted(() => this.playing(), (frames) => {
      frames.act(what)
      void this.uploads?.rest()
    }, 'gif')
    return true
  }

  /** Nothing happens when it cannot be loaded just now: the next picture asks again. */
  private async moving(): Promise<void> {
    await lazily(() => this.playing(), 'gif').catch(() => undefined)
  }

  private playing(): Promise<GifFrames> {
    const load = async () => {
      const { GifFrames } = await lazily(() => import('./gif-frames'), 'gif')
      return new GifFrames(this.room, this.log, (item, alt) => this.keep(item, alt), this.on.complain)
    }
    this.frames ??= load().catch((error: unknown) => {
      this.frames = undefined
      throw error
    })
    return this.frames
  }

  private async keep(item: HTMLElement, alt: string): Promise<string> {
    const { pending = '', seq } = item.dataset
    return this.uploads?.describe(pending, alt) || this.on.describe(pending, alt) ? '' : this.on.deeds().alt(Number(seq), alt)
  }
}
