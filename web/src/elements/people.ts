/** Keeps the list of people in step with what is heard; asks the server when the count says otherwise. */

import { Hidden, HIDDEN_CHANGED } from '../lib/hidden'
import { Roster, type Change } from '../lib/roster'
import type { Member, Present } from '../lib/wire'
import type { MemberList } from './member-list'

export class People {
  readonly roster: Roster
  readonly hidden: Hidden
  private readonly sheet = new CSSStyleSheet()
  private max: number

  constructor(
    private readonly room: HTMLElement,
    private readonly list: MemberList,
    private readonly me: Member,
  ) {
    this.max = Number(room.dataset.max)
    this.roster = new Roster(me.id)
    this.hidden = new Hidden(room.dataset.room ?? '')
    document.adoptedStyleSheets.push(this.sheet)
    this.conceal()
  }

  get seats(): number {
    return this.max
  }

  /** A snapshot. */
  all(members: readonly Present[], max: number): void {
    this.max = max
    this.roster.all(members.some((one) => one.id === this.me.id) ? members : [...members, this.me])
    this.show()
  }

  /** An event by its name: a notice of the room, or `away`. */
  changed(event: string, change: Change & { members?: number }): void {
    const { members } = change
    if (this.roster.heard(event, change)) this.show()
    if (members !== undefined && this.roster.people.length !== members) void this.ask()
  }

  resize(max: number): void {
    this.max = max
    this.show()
  }

  /** Only here, and only for this reader. */
  hide(id: string, hidden: boolean): void {
    this.hidden.set(id, hidden)
    this.conceal()
    this.show()
  }

  private async ask(): Promise<void> {
    const answer = await fetch(`/room/${this.room.dataset.room}/members`).catch(() => undefined)
    if (!answer?.ok) return
    this.all((await answer.json()) as Present[], this.max)
  }

  private show(): void {
    const { people, owner } = this.roster
    if (people.length > 1) this.room.classList.remove('alone')
    if (owner) this.room.dataset.owner = owner
    this.room.classList.toggle('owner', this.roster.isMine)
    this.list.set({ people, max: this.max, me: this.me.id, isHidden: (id) => this.hidden.has(id) })
  }

  /** What they said leaves the sight at once, and whatever is added later is not seen either. */
  private conceal(): void {
    const { ids } = this.hidden
    const rules = ids.map((id) => `.msg[data-member="${CSS.escape(id)}"]`).join()
    this.sheet.replaceSync(rules && `@layer pages{${rules}{display:none}}`)
    this.room.dispatchEvent(new CustomEvent<readonly string[]>(HIDDEN_CHANGED, { detail: ids }))
  }
}
