/**
 * GIFs that are chosen: the picker, favourites, and offers to the server's library. All but this is loaded when somebody
 * asks for it.
 */

import type { ChatMessage, Member, Problem, Quote, Reply, Whisper } from '../lib/wire'
import type { MessageLog } from './message-log'
import type { Picker } from './picker/picker'
import type { Posting } from './picker/posting'
import { wanted } from './wanted'

/** Told to the room's element by who wants something with the GIF of a message: `{deed, item}`. */
export const GIF_DEED = 'gif-deed'
export type GifDeed = 'star' | 'offer'

/** What it needs of the room. */
export interface Wants {
  room: string
  me: Member
  log: MessageLog
  live: () => boolean
  command: <T extends object>(name: string, payload: object) => Promise<Reply<T>>
  stored: (message: ChatMessage) => void
  heldBack: (problem: Problem) => void
  /** Words that were written while it was on its way. */
  described: (seq: number, alt: string) => void
  /** Returns why it was refused, or nothing. */
  upload: (file: File, alt: string, reply?: Quote) => Promise<string>
  /** The connection does not answer. */
  renew: () => void
  /** A GIF is about to be shown. */
  prepare: () => void
  chooseFile: () => void
  /** What the next message answers; it does so no more. */
  answering: () => Quote | undefined
  isWhispering: () => boolean
  /** Back to the line one writes in, where that is no trouble. */
  write: () => void
}

export class Gifs {
  private posting: Posting | undefined
  private picker: Picker | undefined
  private opening = false

  constructor(
    private readonly room: HTMLElement,
    private readonly wants: Wants,
  ) {
    room.addEventListener(GIF_DEED, (event) => {
      const { deed, item } = (event as CustomEvent<{ deed: GifDeed; item: HTMLElement }>).detail
      void wanted(() => import('./picker/deeds'), ({ doDeed }) => doDeed(deed, item, this.room.dataset.room ?? ''))
    })
  }

  /** Opens the picker, or closes it. */
  async toggle(button: HTMLElement): Promise<void> {
    if (this.picker) return this.picker.close()
    if (this.opening) return
    this.opening = true
    this.wants.prepare()
    // Also what sends: the connection may be gone when something is chosen.
    const parts = () => Promise.all([import('./picker/picker'), import('./picker/posting')])
    try {
      await wanted(parts, ([{ Picker }, { Posting }]) => this.open(button, Picker, (this.posting ??= new Posting(this.wants))))
    } finally {
      this.opening = false
    }
  }

  private open(button: HTMLElement, Opened: typeof Picker, posting: Posting): void {
    const { wants } = this
    // Who tried again may have pressed the button, too.
    if (this.picker) return
    button.setAttribute('aria-expanded', 'true')
    this.picker = new Opened(button, {
      isWhispering: wants.isWhispering(),
      file: wants.chooseFile,
      made: (file, alt) => wants.upload(file, alt, wants.answering()),
      send: (picture) => {
        this.room.classList.remove('alone')
        posting.post(picture, wants.answering())
        wants.write()
      },
      closed: () => {
        button.setAttribute('aria-expanded', 'false')
        this.picker = undefined
      },
    })
  }

  /** The item that waits to become this message. */
  arrived(message: ChatMessage | Whisper): HTMLElement | undefined {
    return this.posting?.arrived(message)
  }

  /** A GIF was uploaded: `item` became this message. */
  uploaded(item: HTMLElement | undefined, message: ChatMessage | Whisper): HTMLElement | undefined {
    if (item && message.kind === undefined) void import('./picker/deeds').then(({ rememberMessage }) => rememberMessage(message)).catch(() => undefined)
    return item
  }

  act(id: string, what: string | undefined): boolean {
    return this.posting?.act(id, what) ?? false
  }

  /** Words for one of ours that is on its way. */
  describe(id: string, alt: string): boolean {
    return this.posting?.describe(id, alt) ?? false
  }

  flush(): void {
    this.posting?.flush()
  }

  interrupted(): void {
    this.posting?.interrupted()
  }

  tidy(): void {
    this.posting?.tidy()
  }

  end(): void {
    this.posting?.end()
  }
}
