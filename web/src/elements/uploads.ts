/** Pictures on their way: one after the other, with progress and a way back. */

import { refusal, tooWide, type PictureLimits, type Refusal } from '../lib/acceptable'
import { firstFrame } from '../lib/first-frame'
import { UploadQueue, type Upload } from '../lib/upload-queue'
import { pauseAfter } from '../lib/upload-tries'
import { isTemporary, messageOf, problemOf, type ChatMessage, type Member, type Problem, type Quote, type Whisper } from '../lib/wire'
import { get } from './dom'
import type { MessageLog } from './message-log'
import { texts } from './page'
import { showFailed, showPending } from './pending-view'
import { playNow, watchSurroundings } from './surroundings'
import { showProgress, showUpload, uploadView, type Preview } from './upload-view'

const MOST_WAITING = 10
/** The longest side of a preview that does not move: the widest frame, on a screen of two pixels for one. */
const PREVIEW_PX = 560
/** Nothing more has gone, or come back, for so long: the connection has died unnoticed. */
const STALLED_MS = 60_000

interface Picture extends Upload {
  file: File
  item: HTMLElement
  preview: string
  /** The preview, if the file moves. */
  moves: boolean
  alt: string
  /** It was described after it had been chosen. */
  described: boolean
  /** So often it has been sent on this connection. */
  tries: number
  reply: Quote | undefined
  request?: XMLHttpRequest
}

/** What goes with pictures. */
export interface More {
  /** What is to be seen on them, when that is known already. */
  alt?: string
  /** The message that they answer. */
  reply?: Quote | undefined
  /** None of them was taken. */
  unused?: () => void
}

export interface UploadHandlers {
  /** Whether the room hears us. */
  live: () => boolean
  /** The answer holds the message too: whichever way it comes first, it is taken once. */
  stored: (message: ChatMessage) => void
  /** It was described while it was on its way. */
  described: (message: ChatMessage, alt: string) => void
}

export class Uploads {
  private readonly queue = new UploadQueue<Picture>()
  private readonly limits: PictureLimits
  private readonly address: string
  /** Nothing is sent before then, in the page's time. */
  private heldUntil = 0
  private timer = 0

  constructor(
    private readonly room: HTMLElement,
    private readonly me: Member,
    private readonly log: MessageLog,
    private readonly on: UploadHandlers,
  ) {
    const { mostBytes, mostWidth, mostHeight } = get(room, '#gif').dataset
    this.limits = { bytes: Number(mostBytes), width: Number(mostWidth), height: Number(mostHeight) }
    this.address = `/room/${room.dataset.room}/gif`
    watchSurroundings(() => void this.rest())
  }

  /** An upload does not survive the page: its writer is asked before leaving. */
  private readonly ask = (event: BeforeUnloadEvent): void => event.preventDefault()

  /** Returns why some of them were refused, or nothing: all are on their way. */
  async add(files: readonly File[], { alt = '', reply, unused }: More = {}): Promise<string> {
    let wrong = ''
    let taken = 0
    for (const file of files) {
      const preview = await this.look(file)
      if (!('address' in preview)) {
        wrong = texts.text(preview.key, preview.values)
        continue
      }
      const id = crypto.getRandomValues(new Uint32Array(2)).join('-')
      const item = uploadView(id, preview, alt, this.me, reply)
      this.queue.add({ id, file, item, preview: preview.address, moves: preview.moves, alt, described: false, tries: 0, reply, state: 'waiting' })
      this.log.add(item)
      this.flush()
      taken += 1
    }
    if (taken === 0) unused?.()
    return wrong
  }

  /** A picture of mine was heard: the item that became it, if the page was waiting for one. */
  arrived(message: ChatMessage | Whisper): HTMLElement | undefined {
    const upload = this.queue.find(message.clientMessageId)
    if (!upload || message.member !== this.me.id) return undefined
    this.forget(upload)
    // A try whose answer was lost may have taken other words with it.
    if (upload.described && message.kind === undefined && upload.alt !== (message.alt ?? '')) this.on.described(message, upload.alt)
    return upload.item
  }

  /** The page starts anew: what is stored, and will not come any more, leaves it. */
  tidy(): void {
    for (const upload of this.queue.tidy()) {
      upload.item.remove()
      this.forget(upload)
    }
  }

  /** Words for one that is on its way: they go with it, or after it. Returns whether this id was one of ours. */
  describe(id: string, alt: string): boolean {
    const upload = this.queue.find(id)
    if (!upload) return false
    upload.alt = alt
    upload.described = true
    this.log.describe(upload.item, alt)
    return true
  }

  /** Whether this id was one of ours. */
  act(id: string, what: string | undefined): boolean {
    const upload = this.queue.find(id)
    if (!upload) return false
    if (what === 'retry') {
      upload.state = 'waiting'
      upload.tries = 0
      // Whoever asks for it does not wait for a pause.
      this.heldUntil = 0
      showPending(upload.item)
      showUpload(upload.item)
      this.flush()
    } else if (what === 'remove' || what === 'cancel') {
      this.forget(upload)
      upload.request?.abort()
      this.log.drop(upload.item)
    }
    return true
  }

  /** The reader may want otherwise now: previews stop, where GIFs do not move by themselves. */
  async rest(): Promise<void> {
    if ((await playNow()) === 'always') return
    for (const upload of this.queue.all()) {
      const { file, item, preview } = upload
      if (!upload.moves) continue
      upload.moves = false
      const still = await firstFrame(file, PREVIEW_PX).catch(() => undefined)
      const image = get<HTMLImageElement>(item, 'img.picture')
      // Its message, with the server's picture, may be there already.
      if (!still || !this.queue.find(upload.id) || image.src !== preview) continue
      image.src = upload.preview = URL.createObjectURL(still)
      URL.revokeObjectURL(preview)
    }
  }

  /** What the file looks like, or why it cannot be sent. */
  private async look(file: File): Promise<Preview | Refusal> {
    if (this.queue.size >= MOST_WAITING) return { key: 'gif.no.busy', values: { n: MOST_WAITING } }
    const wrong = refusal(file, this.limits)
    if (wrong) return wrong
    const address = URL.createObjectURL(file)
    const { width, height } = await measure(address)
    const large = tooWide(width, height, this.limits)
    const still = large || (await playNow()) === 'always' ? undefined : await firstFrame(file, PREVIEW_PX).catch(() => undefined)
    if (large || still) URL.revokeObjectURL(address)
    if (large) return large
    return { address: still ? URL.createObjectURL(still) : address, moves: !still, width, height }
  }

  /** The room is gone. */
  end(): void {
    for (const { request } of this.queue.clear()) request?.abort()
    this.flush()
  }

  /** Sends the next one: now, or when a pause is over, and as soon as the room hears us. */
  flush(): void {
    // Only while it is needed: a page that listens for this may be kept out of the back-forward cache.
    if (this.queue.isUnsent) addEventListener('beforeunload', this.ask)
    else removeEventListener('beforeunload', this.ask)
    clearTimeout(this.timer)
    const pause = this.heldUntil - performance.now()
    if (pause > 0) this.timer = window.setTimeout(() => this.flush(), pause)
    else if (this.on.live()) {
      const upload = this.queue.take()
      if (upload) this.send(upload)
    }
  }

  private send(upload: Picture): void {
    upload.tries += 1
    const request = new XMLHttpRequest()
    const form = new FormData()
    form.append('clientMessageId', upload.id)
    if (upload.alt) form.append('alt', upload.alt)
    if (upload.reply) form.append('reply', String(upload.reply.seq))
    form.append('gif', upload.file, upload.file.name || 'image.gif')
    upload.request = request
    request.open('POST', this.address)
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    let late = 0
    const alive = () => {
      clearTimeout(late)
      late = window.setTimeout(() => request.abort(), STALLED_MS)
    }
    alive()
    request.onloadend = () => clearTimeout(late)
    request.upload.onprogress = (event) => {
      alive()
      if (event.lengthComputable) showProgress(upload.item, event.loaded / event.total)
    }
    request.onload = () => {
      const done = request.status >= 200 && request.status < 300
      const message = done ? messageOf(request.response) : undefined
      if (message) this.succeed(upload, message)
      else this.fail(upload, problemOf(request.response, request.status))
    }
    request.onerror = request.onabort = () => this.fail(upload)
    request.send(form)
  }

  private succeed(upload: Picture, message: ChatMessage): void {
    this.queue.ended(upload, 'stored')
    this.on.stored(message)
    this.flush()
  }

  /** `problem`: what the server said, where it was heard. */
  private fail(upload: Picture, problem?: Problem): void {
    // Given up, or heard first: nothing waits for it.
    if (!this.queue.find(upload.id)) return this.flush()
    if (problem) this.room.dispatchEvent(new CustomEvent('held-back', { detail: problem }))
    // While the connection is away everything waits: it goes when the room hears us again.
    if (!problem && !this.on.live()) upload.tries = 0
    const pause = pauseAfter(upload.tries, problem, Math.random())
    if (pause !== undefined) {
      if (upload.tries > 0) this.heldUntil = performance.now() + pause
      this.queue.ended(upload, 'waiting')
      showProgress(upload.item, 0)
    } else {
      const final = problem !== undefined && !isTemporary(problem)
      this.queue.ended(upload, final ? 'refused' : 'failed')
      showFailed(upload.item, problem?.detail, final)
    }
    this.flush()
  }

  private forget(upload: Picture): void {
    this.queue.remove(upload)
    // The picture of the server takes its place first.
    setTimeout(() => URL.revokeObjectURL(upload.preview), 10_000)
    this.flush()
  }
}

/** The size of a picture of the reader's own; a square when it cannot be read (the server will say so). */
async function measure(url: string): Promise<{ width: number; height: number }> {
  const picture = new Image()
  picture.src = url
  await picture.decode().catch(() => undefined)
  return { width: picture.naturalWidth || 240, height: picture.naturalHeight || 240 }
}
