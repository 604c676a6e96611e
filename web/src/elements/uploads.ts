/** GIFs on their way: one after the other, with progress and a way back. */

import { UploadQueue, type Upload } from '../lib/upload-queue'
import { messageOf, problemOf, type ChatMessage, type Member, type Whisper } from '../lib/wire'
import { template } from './dom'
import type { MessageLog } from './message-log'
import { showFailed, showPending, showProgress, uploadView } from './pending-view'
import { texts } from './page'

const MOST_BYTES = 5 * 1024 * 1024
const MOST_WAITING = 10

interface Picture extends Upload {
  file: File
  item: HTMLElement
  preview: string
  request?: XMLHttpRequest
}

export class Uploads {
  private readonly queue = new UploadQueue<Picture>()

  constructor(
    private readonly address: string,
    private readonly me: Member,
    private readonly log: MessageLog,
    private readonly complain: (text: string) => void,
    /** The answer holds the message too: whichever way it comes first, it is taken once. */
    private readonly stored: (message: ChatMessage) => void,
  ) {}

  /** An upload does not survive the page: its writer is asked before leaving. */
  private readonly ask = (event: BeforeUnloadEvent): void => event.preventDefault()

  async add(files: readonly File[]): Promise<void> {
    for (const file of files) {
      const wrong = check(file, this.queue.size)
      if (wrong) {
        this.complain(wrong)
        continue
      }
      const preview = URL.createObjectURL(file)
      const { width, height } = await measure(preview)
      const id = crypto.getRandomValues(new Uint32Array(2)).join('-')
      const item = uploadView(id, preview, width, height, this.me)
      this.queue.add({ id, file, item, preview, state: 'waiting' })
      this.log.add(item)
      this.next()
    }
  }

  /** A picture of mine was heard: the item that became it, if the page was waiting for one. */
  arrived(message: ChatMessage | Whisper): HTMLElement | undefined {
    const upload = this.queue.find(message.clientMessageId)
    if (!upload || message.member !== this.me.id) return undefined
    this.forget(upload)
    return upload.item
  }

  /** The page starts anew: what is stored, and will not come any more, leaves it. */
  tidy(): void {
    for (const upload of this.queue.tidy()) {
      upload.item.remove()
      this.forget(upload)
    }
  }

  /** Whether this id was one of ours. */
  act(id: string, what: string | undefined): boolean {
    const upload = this.queue.find(id)
    if (!upload) return false
    if (what === 'retry') {
      upload.state = 'waiting'
      showPending(upload.item)
      upload.item.querySelector('.frame')?.append(document.importNode(template('upload').content, true))
      upload.item.querySelector('.state')?.remove()
      this.next()
    } else if (what === 'remove' || what === 'cancel') {
      upload.request?.abort()
      this.forget(upload)
      this.log.drop(upload.item)
    }
    return true
  }

  private next(): void {
    // Only while it is needed: a page that listens for this may be kept out of the back-forward cache.
    if (this.queue.isUnsent) addEventListener('beforeunload', this.ask)
    else removeEventListener('beforeunload', this.ask)
    const upload = this.queue.take()
    if (!upload) return
    const request = new XMLHttpRequest()
    const form = new FormData()
    form.append('clientMessageId', upload.id)
    form.append('gif', upload.file, upload.file.name || 'image.gif')
    upload.request = request
    request.open('POST', this.address)
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    request.upload.onprogress = (event) => event.lengthComputable && showProgress(upload.item, event.loaded / event.total)
    request.onload = () => {
      const done = request.status >= 200 && request.status < 300
      const message = done ? messageOf(request.response) : undefined
      if (message) this.succeed(upload, message)
      else this.fail(upload, problemOf(request.response, request.status).detail)
    }
    request.onerror = () => this.fail(upload)
    request.send(form)
  }

  private succeed(upload: Picture, message: ChatMessage): void {
    this.queue.ended(upload, 'stored')
    this.stored(message)
    this.next()
  }

  private fail(upload: Picture, reason?: string): void {
    if (this.queue.ended(upload, 'failed')) showFailed(upload.item, reason)
    this.next()
  }

  private forget(upload: Picture): void {
    this.queue.remove(upload)
    // The picture of the server takes its place first.
    setTimeout(() => URL.revokeObjectURL(upload.preview), 10_000)
    this.next()
  }
}

function check(file: File, waiting: number): string {
  const isGif = file.type === 'image/gif' || (file.type === '' && /\.gif$/i.test(file.name))
  if (!isGif) return texts.text('composer.not-gif')
  if (file.size > MOST_BYTES) return texts.text('composer.too-large')
  return waiting >= MOST_WAITING ? texts.text('composer.busy', { n: MOST_WAITING }) : ''
}

/** The size of a picture of the reader's own; a square when it cannot be read (the server will say so). */
async function measure(url: string): Promise<{ width: number; height: number }> {
  const picture = new Image()
  picture.src = url
  await picture.decode().catch(() => undefined)
  return { width: picture.naturalWidth || 240, height: picture.naturalHeight || 240 }
}
