/** What can be done with a member: by everybody, and by the owner. */

import type { Present } from '../lib/wire'
import type { Commands } from './commands'
import { toast } from './dom'
import type { MemberList } from './member-list'
import { openMenu, type Item } from './menu'
import { texts } from './page'
import type { People } from './people'
import { wanted } from './wanted'
import { offerUndo } from './undo'

/** Told to the room's element; whoever owns the line to write in listens. `detail`: `{member}`. */
const WHISPER_TO = 'whisper-to'
const MENTION = 'mention'

export class MemberMenu {
  constructor(
    private readonly room: HTMLElement,
    private readonly list: MemberList,
    private readonly people: People,
    private readonly commands: Commands,
    private readonly me: string,
    private readonly rename: () => void,
  ) {}

  /** `row`: of the list, below which it may unfold. */
  open(id: string, anchor: HTMLElement, row?: HTMLElement): void {
    const known = this.people.roster.find(id)
    const person = known ?? this.gone(id, anchor)
    const label = texts.text('people.menu', { name: person.name })
    const groups = id === this.me ? [[this.own()]] : [this.everybody(person, known !== undefined), this.owners(person, known !== undefined)]
    openMenu(anchor, label, groups, row)
  }

  /** Somebody who said something and is not here any more. */
  private gone(id: string, anchor: HTMLElement): Present {
    const name = anchor.closest('.msg')?.querySelector('.name')?.textContent ?? ''
    return { id, name, color: '' }
  }

  private own(): Item {
    return { icon: 'pen', text: texts.text('name.change'), act: this.rename }
  }

  private everybody(person: Present, here: boolean): Item[] {
    const hidden = this.people.hidden.has(person.id)
    const tell = (what: string) => () => {
      this.list.close()
      this.room.dispatchEvent(new CustomEvent(what, { detail: { member: person } }))
    }
    const items: Item[] = []
    if (here) {
      items.push({ icon: 'whisper', text: texts.text('people.whisper'), act: tell(WHISPER_TO) })
      items.push({ icon: 'at', text: texts.text('people.mention'), act: tell(MENTION) })
    }
    if (hidden) items.push({ icon: 'eye', text: texts.text('people.unhide'), act: () => this.hide(person, false) })
    else items.push({ icon: 'mute', text: texts.text('people.hide'), hint: texts.text('people.hide.hint'), act: () => this.hide(person, true) })
    return items
  }

  private owners(person: Present, here: boolean): Item[] {
    if (!this.people.roster.isMine) return []
    const run = (what: 'handOver' | 'mute' | 'unmute' | 'kick' | 'ban') => () =>
      void wanted(() => import('./member-actions'), (actions) => actions[what](this.commands, person))
    const items: Item[] = []
    if (here) {
      items.push({ icon: 'hand', text: texts.text('owner.do'), act: run('handOver') })
      if (person.muted) items.push({ icon: 'play', text: texts.text('unmute.do'), act: run('unmute') })
      else items.push({ icon: 'pause', text: texts.text('mute.do'), hint: texts.text('mute.hint'), act: run('mute') })
      items.push({ icon: 'out', text: texts.text('kick.do'), hint: texts.text('kick.hint'), danger: true, act: run('kick') })
    }
    items.push({ icon: 'lock', text: texts.text('ban.do'), danger: true, act: run('ban') })
    return items
  }

  private hide(person: Present, hidden: boolean): void {
    this.people.hide(person.id, hidden)
    const { name } = person
    if (hidden) offerUndo(texts.text('people.hidden', { name }), () => this.hide(person, false))
    else toast(texts.text('people.shown', { name }))
  }
}
