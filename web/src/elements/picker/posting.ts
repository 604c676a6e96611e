/**
 * GIFs that the server has already, on their way into the room: each stands there at once, is confirmed in place, or can
 * be sent again. One that is gone from the server is uploaded anew from what this browser keeps of it.
 */

import { addresses, type Picture } from '../../lib/picker/picture'
import { filesOf } from '../../lib/picker/vault'
import { UploadQueue, type Upload } from '../../lib/upload-queue'
import { isTemporary, messageOf, problemOf, refused, type ChatMessage, type Problem, type Quote, type Reply, type Whisper } from '../../lib/wire'
import { get } from '../dom'
import { messageView, size } from '../message-view'
import { showFailed, showPending } from '../pending-view'
import type { Wants } from '../gifs'
import { remember } from './keep'

const MOST_TRIES = 3
const PAUSE_MS = 2000
/** Who is told to wait longer decides for themselves. */
const PATIENCE_MS = 60_000

interface Posted extends Upload {
  picture: Picture
  item: HTMLElement
  reply: Quote | undefined
  tries: number
  /** The try whose answer counts; none while it is being uploaded anew. */
  now?: symbol | undefined
  /** What its sender has written about it meanwhile. */
  words?: string
}

export class Posting {
  private readonly queue = new UploadQueue<Posted>()
  /** Nothing is sent before then, in the page's time: the room asked for a pause. */
  private heldUntil = 0

  constructor(private readonly wants: Wants) {}

  /** What waits does not survive the page: its sender is asked before leaving. */
  private readonly ask = (event: BeforeUnloadEvent): void => event.preventDefault()

  post(picture: Picture, reply: Quote | undefined): void {
    const id = crypto.getRandomValues(new Uint32Array(4)).join('-')
    const item = this.view(picture, reply)
    item.dataset.pending = id
    delete item.dataset.seq
    this.queue.add({ id, picture, item, reply, tries: 0, state: 'waiting' })
    showPending(item)
    this.wants.log.add(item)
    this.flush()
  }

  /** Sends the next one, when the room hears us. */
  flush(): void {
    // Only while it is needed: a page that listens for this may be kept out of the back-forward cache.
    if (this.queue.isUnsent) addEventListener('beforeunload', this.ask)
    else removeEventListener('beforeunload', this.ask)
    if (!this.wants.live() || performance.now() < this.heldUntil) return
    const one = this.queue.take()
    if (one) void this.send(one)
  }

  /** A GIF of mine was heard: the item that became it, if the page was waiting for one. */
  arrived(message: ChatMessage | Whisper): HTMLElement | undefined {
    const one = message.member === this.wants.me.id ? this.queue.find(message.clientMessageId) : undefined
    if (!one) return undefined
    this.queue.remove(one)
    if (one.words !== undefined && message.kind === undefined) this.wants.described(message.seq, one.words)
    this.flush()
    const image = get<HTMLImageElement>(one.item, 'img.picture')
    const { remote, ...here } = one.picture
    if (remote && message.kind === undefined && message.gif) {
      // What came from elsewhere has its name and its size only now.
      const { gif, width = 1, height = 1, color, flashes, alt } = message
      void remember({ ...here, gif, width, height, ...(color && { color }), ...(flashes && { flashes }), ...(alt && { alt }) })
      size(one.item, width, height)
      image.src = addresses(gif).poster
      return one.item
    }
    void remember(here)
    // What could not be loaded while the connection was away is there now.
    if (image.complete && image.naturalWidth === 0) image.src = addresses(here.gif).poster
    return one.item
  }

  /** They follow it. Returns whether this id was one of ours. */
  describe(id: string, alt: string): boolean {
    const one = this.queue.find(id)
    if (one) one.words = alt
    return one !== undefined
  }

  /** Whether this id was one of ours. */
  act(id: string, what: string | undefined): boolean {
    const one = this.queue.find(id)
    if (!one) return false
    if (what === 'retry') {
      one.state = 'waiting'
      one.tries = 0
      showPending(one.item)
      this.flush()
    } else if (what === 'remove') {
      this.queue.remove(one)
      this.wants.log.drop(one.item)
      this.flush()
    }
    return true
  }

  /** The page starts anew: what is stored, and will not come any more, leaves it. */
  tidy(): void {
    for (const one of this.queue.tidy()) one.item.remove()
  }

  /** The room is gone. */
  end(): void {
    this.queue.clear()
    this.flush()
  }

  /** The connection broke: what was on its way over it goes on the next one. */
  interrupted(): void {
    this.queue.interrupted(({ picture, now }) => now !== undefined && !picture.remote)
  }

  private async send(one: Posted): Promise<void> {
    const { picture, reply, id } = one
    const now = Symbol('try')
    one.now = now
    one.tries += 1
    const { gif, alt, library, remote } = picture
    const more = { clientMessageId: id, ...(alt && { alt }), ...(reply && { reply: reply.seq }) }
    const answer: Reply<ChatMessage> = remote ? await this.bring({ remote: gif, ...more }) : await this.wants.command('gif', { gif, ...more, ...(library && { library }) })
    if (one.now !== now || one.state !== 'sending') return
    if (!refused(answer)) {
      this.queue.ended(one, 'stored')
      this.wants.stored(answer)
      this.flush()
    } else await this.refused(one, answer.error)
  }

  /** The server gets it from where it is, which may take a while: not over the connection that others wait for. */
  private async bring(body: object): Promise<Reply<ChatMessage>> {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' }
    const answer = await fetch(`/room/${this.wants.room}/provider`, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => undefined)
    const json: unknown = await answer?.json().catch(() => undefined)
    const message = answer?.ok ? messageOf(json) : undefined
    return message ?? { error: problemOf(json, answer?.status ?? 0) }
  }

  private async refused(one: Posted, problem: Problem): Promise<void> {
    if (problem.code === 'gif-gone' && (await this.anew(one))) return
    // No answer: the room knows by the id what it has already. While the connection is away everything waits.
    const silent = problem.status === 0
    // What is elsewhere has requests of its own: something may stand in their way alone.
    const away = silent && !(one.picture.remote && this.wants.live())
    const soon = (silent || isTemporary(problem)) && one.tries < MOST_TRIES && (problem.retryAfter ?? 0) * 1000 <= PATIENCE_MS
    if (away || soon) {
      one.state = 'waiting'
      const pause = (problem.retryAfter ?? 0) * 1000 || PAUSE_MS
      // On the next connection it goes at once.
      if (!silent || one.picture.remote) this.heldUntil = performance.now() + pause
      setTimeout(() => this.flush(), pause + 50)
      if (!silent) this.wants.heldBack(problem)
      else if (!one.picture.remote && this.wants.live()) this.wants.renew()
      return
    }
    if (this.queue.ended(one, silent || isTemporary(problem) ? 'failed' : 'refused')) showFailed(one.item, problem.detail)
    this.wants.heldBack(problem)
    this.flush()
  }

  /** As it was meant: with its words, and as the answer that it is. Returns whether it is on its way. */
  private async anew(one: Posted): Promise<boolean> {
    const { picture, reply } = one
    one.now = undefined
    const files = await filesOf(picture.gif).catch(() => undefined)
    if (!files) return false
    const wrong = await this.wants.upload(new File([files.gif], picture.gif, { type: 'image/gif' }), one.words ?? picture.alt ?? '', reply)
    if (wrong !== '') return false
    this.queue.remove(one)
    one.item.remove()
    this.flush()
    return true
  }

  /** It stands there as it will, when it is stored. */
  private view({ gif, width, height, color, flashes, alt, remote }: Picture, reply: Quote | undefined): HTMLElement {
    const { id, name, color: user } = this.wants.me
    const looks = { gif, width, height, ...(color && { color }), ...(flashes && { flashes }), ...(alt && { alt }) }
    const message = { ...looks, _id: '', room: '', user, member: id, name, seq: 0, createdAt: new Date().toISOString(), ...(reply && { reply }) }
    const item = messageView(message, id)
    if (remote) {
      get<HTMLImageElement>(item, 'img.picture').src = remote.poster
      delete get(item, '.frame').dataset.gif
    }
    return item
  }
}
