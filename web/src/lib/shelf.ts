/**
 * One value in the tab's own storage: it survives a reload, a crash of the page and sleep, and goes with the tab. A
 * copied tab has a copy of it.
 *
 * Storage may be forbidden or full. Then the page goes on without: nothing is worth more than writing on.
 */

export class Shelf {
  /** `storage` is asked each time, because asking throws where storage is forbidden. */
  constructor(
    private readonly key: string,
    private readonly storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = () => sessionStorage,
  ) {}

  /** Empty when there is nothing. */
  get(): string {
    try {
      return this.storage().getItem(this.key) ?? ''
    } catch {
      return ''
    }
  }

  /** An empty text takes it away. */
  put(text: string): void {
    try {
      if (text) this.storage().setItem(this.key, text)
      else this.storage().removeItem(this.key)
    } catch {
      // What stood there before stays: a message of it that was sent meanwhile is known by its id.
    }
  }
}
