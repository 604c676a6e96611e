/**
 * GIFs that were chosen and are not on the page as messages yet. One is sent at a time. One whose answer came is stored:
 * those behind it need not wait until the page can show it, which may take until what is missing before it has come.
 */

export interface Upload {
  readonly id: string
  /** `failed`: its writer can send it again. `refused`: the same would be refused again. */
  state: 'waiting' | 'sending' | 'stored' | 'failed' | 'refused'
}

export class UploadQueue<U extends Upload> {
  private list: U[] = []

  get size(): number {
    return this.list.length
  }

  /** Whether one would be lost if its writer left the page now. */
  get isUnsent(): boolean {
    return this.list.some(({ state }) => state === 'waiting' || state === 'sending' || state === 'failed')
  }

  all(): readonly U[] {
    return this.list
  }

  add(upload: U): void {
    this.list.push(upload)
  }

  find(id: string | undefined): U | undefined {
    return this.list.find((one) => one.id === id)
  }

  /** The next one to send, now marked as being sent; nothing while another is on its way. */
  take(): U | undefined {
    if (this.list.some(({ state }) => state === 'sending')) return undefined
    const next = this.list.find(({ state }) => state === 'waiting')
    if (next) next.state = 'sending'
    return next
  }

  /** Its try has ended. Returns whether it is here still: its message may have been heard first, or its writer gave it up. */
  ended(upload: U, state: Exclude<Upload['state'], 'sending'>): boolean {
    if (!this.list.includes(upload)) return false
    upload.state = state
    return true
  }

  /** The connection broke: what was on its way over it waits again, in its old place. */
  interrupted(over: (upload: U) => boolean = () => true): void {
    for (const one of this.list) if (one.state === 'sending' && over(one)) one.state = 'waiting'
  }

  remove(upload: U): void {
    this.list = this.list.filter((one) => one !== upload)
  }

  /** The room is gone, and they with it. */
  clear(): readonly U[] {
    const gone = this.list
    this.list = []
    return gone
  }

  /** The page starts anew: those that are stored, and will not come any more, leave it. */
  tidy(): readonly U[] {
    const gone = this.list.filter(({ state }) => state === 'stored')
    this.list = this.list.filter(({ state }) => state !== 'stored')
    return gone
  }
}
