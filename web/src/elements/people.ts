/** Keeps the list of people in step with what is heard; asks the server when the count says otherwise. */

import type { Member, Notice } from '../lib/wire'
import type { MemberList } from './member-list'

export class People {
  private members: Member[] = []
  private max: number
  private readonly owner: string

  constructor(
    private readonly room: HTMLElement,
    private readonly list: MemberList,
    private readonly me: Member,
  ) {
    this.max = Number(room.dataset.max)
    this.owner = room.dataset.owner ?? ''
  }

  all(members: readonly Member[], max: number): void {
    this.members = [...members]
    this.max = max
    if (!members.some((member) => member.id === this.me.id)) this.members.push(this.me)
    this.show()
  }

  changed(type: 'join' | 'exit', notice: Notice): void {
    this.members = this.members.filter((member) => member.id !== notice.member.id)
    if (type === 'join') this.members.push(notice.member)
    this.show()
    if (this.members.length !== notice.members) void this.ask()
  }

  private async ask(): Promise<void> {
    const answer = await fetch(`/room/${this.room.dataset.room}/members`).catch(() => undefined)
    if (!answer?.ok) return
    this.all(((await answer.json()) as { members: Member[] }).members, this.max)
  }

  private show(): void {
    if (this.members.length > 1) this.room.classList.remove('alone')
    this.list.set(this.members, this.max, this.owner, this.me.id)
  }
}
