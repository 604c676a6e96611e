/**
 * Keeping a room: its members' menu, the reader's own name, the owner's tools, how the room is set, and being shut out.
 * What is not needed at first is loaded when it is.
 */

import type { Socket } from 'socket.io-client'
import { isChallenge } from '../lib/challenge'
import { stateOf, told, type RoomState } from '../lib/room-state'
import { isShutOut } from '../lib/shut-out'
import type { ChatMessage, Member, Notice, Problem, RaidWatch, Snapshot, Work } from '../lib/wire'
import { Commands } from './commands'
import { get } from './dom'
import { HushLine } from './hush-line'
import type { Jump } from './jump'
import type { MemberList } from './member-list'
import type { MemberMenu } from './member-menu'
import { offerName } from './own-name'
import { lazily, plain } from './page'
import type { People } from './people'
import type { RaidBar } from './raid-bar'
import { showStates } from './room-states'
import { wanted } from './wanted'

/** Told to the room's element by who wants the menu of `{member, anchor}`: a public id, and the element it belongs to. */
const MEMBER_MENU = 'member-menu'
/** Told to the room's element by who was refused something: `detail` is the problem. */
const HELD_BACK = 'held-back'

export interface Stay {
  socket: () => Socket
  /** The stay is over; gets what was not sent. */
  end: (leave: (unsent: string) => void) => void
  jump: Jump
}

export class Keeping {
  private readonly commands: Commands
  private readonly hush: HushLine
  private raidBar: RaidBar | undefined
  private state: RoomState = stateOf({})
  private members: MemberMenu | undefined
  private refresh: ((sanctions: boolean) => void) | undefined

  constructor(
    private readonly room: HTMLElement,
    private readonly me: Member,
    private readonly people: People,
    private readonly stay: Stay,
  ) {
    this.commands = new Commands(this.id, stay.socket)
    this.hush = new HushLine(get(room, '#chat-form'))
    room.addEventListener(MEMBER_MENU, (event) => {
      const { member, anchor } = (event as CustomEvent<{ member: string; anchor: HTMLElement }>).detail
      void this.menu(member, anchor)
    })
    room.addEventListener(HELD_BACK, (event) => this.hush.hush.refused((event as CustomEvent<Problem>).detail, Date.now()))
    room.addEventListener('click', (event) => this.clicked(event))
  }

  private get id(): string {
    return this.room.dataset.room ?? ''
  }

  /** What is told outside of the room's order. */
  over(socket: Socket): void {
    socket.on('raid-watch', ({ room, joins }: RaidWatch) => {
      if (room === this.id && this.people.roster.isMine && !this.state.raid) void this.watch(joins)
    })
  }

  joined({ room, me }: Snapshot): void {
    this.named(me.name)
    this.set(stateOf(room))
    offerName(this.id, me.name, this.commands)
  }

  /** A message or a notice, live. */
  heard(event: ChatMessage | Notice): void {
    if (event.kind === undefined) {
      const slow = event.member === this.me.id && !this.people.roster.isMine ? this.state.slow : 0
      if (slow > 0) this.hush.hush.hold('slow-mode', slow, Date.parse(event.createdAt))
      return
    }
    if (event.kind === 'nick' && event.member.id === this.me.id) this.named(event.member.name)
    if (event.whom?.id === this.me.id) this.done(event)
    const state = told(this.state, event)
    if (state !== this.state) this.set(state)
    if (['kick', 'ban', 'unban', 'mute', 'unmute'].includes(event.kind)) this.refresh?.(true)
  }

  /** A join was refused. Returns whether that is dealt with here; `again` joins with the work done. */
  refused(problem: Problem, again: (work: Work) => void): boolean {
    const { code, challenge } = problem
    if (code === 'work-needed' && isChallenge(challenge)) {
      void wanted(() => import('./working'), ({ work }) => work(challenge, get(this.room, '.talk')).then(again), 'later', this)
      return true
    }
    if (!isShutOut(problem.code)) return false
    this.shutOut(problem)
    return true
  }

  tick(now: number): void {
    this.hush.tick(now)
  }

  /** Something was done to the reader. */
  private done({ kind, until }: Notice): void {
    const seconds = until === undefined ? undefined : Math.max(1, Math.ceil((Date.parse(until) - Date.now()) / 1000))
    if (kind === 'mute') this.hush.hush.hold('muted', seconds ?? 600, Date.now())
    else if (kind === 'unmute') this.hush.hush.lift('muted')
    else if (kind === 'kick' || kind === 'ban') {
      this.shutOut({ code: kind === 'kick' ? 'kicked' : 'banned', ...(seconds !== undefined && { retryAfter: seconds }) })
    }
    this.hush.tick(Date.now())
  }

  private shutOut(problem: Pick<Problem, 'code' | 'retryAfter'>): void {
    // Loaded before the page is let go of: what was not sent is kept until then.
    const load = async () => plain(await import('./shut-out'))
    void wanted(load, ({ showShutOut }) => this.stay.end((unsent) => showShutOut(problem, unsent, this.id)), 'later', this)
  }

  private set(state: RoomState): void {
    if (state.slow === 0) this.hush.hush.lift('slow-mode')
    if (state.max !== this.people.seats) this.people.resize(state.max)
    if (state.raid) this.raidBar?.hide()
    this.state = state
    showStates(this.room, state)
    this.refresh?.(false)
  }

  private named(name: string): void {
    this.me.name = name
    this.room.dataset.meName = name
  }

  private menu(member: string, anchor: HTMLElement, row?: HTMLElement): Promise<void> {
    return wanted(() => import('./member-menu'), ({ MemberMenu }) => {
      const list = get<MemberList>(document, 'member-list')
      this.members ??= new MemberMenu(this.room, list, this.people, this.commands, this.me.id, () => void this.rename())
      this.members.open(member, anchor, row)
    })
  }

  private clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>('[data-member-menu]')
    const row = button?.closest<HTMLElement>('.person')
    if (button && row) return void this.menu(row.dataset.member ?? '', button, row)
    switch ((event.target as Element).closest<HTMLElement>('[data-act]')?.dataset.act) {
      case 'rename':
        return void this.rename()
      case 'search':
        return void this.search()
      case 'tools':
        return void this.tools()
    }
  }

  private rename(): Promise<void> {
    return wanted(() => import('./rename'), ({ openRename }) => openRename(this.commands, this.me.name))
  }

  private search(): Promise<void> {
    const { jump } = this.stay
    const place = { jump: (seq: number) => jump.to(seq), around: (seq: number) => jump.around(seq) }
    return wanted(() => import('./search'), ({ Search }) => new Search(this.commands, this.people.roster.people, place))
  }

  private tools(): Promise<void> {
    return wanted(() => import('./room-tools'), ({ openTools }) => {
      const { dialog, refresh } = openTools({
        commands: this.commands,
        state: () => this.state,
        here: () => this.people.roster.people.length,
        mostSeats: Number(this.room.dataset.mostSeats),
      })
      this.refresh = refresh
      dialog.addEventListener('close', () => (this.refresh = undefined))
    })
  }

  /** Nobody asked for it: the server says it again as long as it is so. */
  private async watch(joins: number): Promise<void> {
    const part = await lazily(() => import('./raid-bar')).catch(() => undefined)
    if (!part) return
    this.raidBar ??= new part.RaidBar(this.room, () => void this.startRaid())
    this.raidBar.show(joins)
  }

  private startRaid(): Promise<void> {
    return wanted(() => import('./raid-tools'), async ({ startRaid }) => {
      if (await startRaid(this.commands)) this.raidBar?.hide()
    })
  }
}
