/** What may call a reader back to the page: the count in its title, a sound, a notice of the system. All but the first are asked for. */

import { Shelf } from './shelf'

export type Notify = 'off' | 'mine' | 'all'

export interface Wishes {
  sound: boolean
  /** `mine`: only what calls the reader by name, or is whispered to them. */
  notify: Notify
}

const STEPS: Readonly<Record<Notify, Notify>> = { off: 'mine', mine: 'all', all: 'off' }

export class Attention {
  private readonly shelf: Shelf
  wishes: Wishes

  /** Kept on the device, for all rooms. */
  constructor(storage: ConstructorParameters<typeof Shelf>[1] = () => localStorage) {
    this.shelf = new Shelf('attention', storage)
    const [sound, notify] = this.shelf.get().split(' ')
    this.wishes = { sound: sound === 'sound', notify: notify === 'mine' || notify === 'all' ? notify : 'off' }
  }

  switchSound(): void {
    this.set({ ...this.wishes, sound: !this.wishes.sound })
  }

  /** Off, what is for me, all, off. */
  next(): Notify {
    return STEPS[this.wishes.notify]
  }

  setNotify(notify: Notify): void {
    this.set({ ...this.wishes, notify })
  }

  /** What to do about something that somebody else said. `looking`: the reader sees it anyway. */
  about(forMe: boolean, looking: boolean): { sound: boolean; notice: boolean } {
    const { sound, notify } = this.wishes
    return { sound: sound && !looking, notice: !looking && (notify === 'all' || (notify === 'mine' && forMe)) }
  }

  private set(wishes: Wishes): void {
    this.wishes = wishes
    this.shelf.put(`${wishes.sound ? 'sound' : 'silent'} ${wishes.notify}`)
  }
}

/** The page's title with the number of unread messages. */
export function titled(title: string, unread: number): string {
  return unread > 0 ? `(${unread > 99 ? '99+' : unread}) ${title}` : title
}
