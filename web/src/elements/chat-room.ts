/** A room: wires the connection, the conversation, the composer and the people together. */

import { CatchUp } from '../lib/catch-up'
import { joinDelay } from '../lib/retries'
import { Session } from '../lib/session'
import { Timeline } from '../lib/timeline'
import {
  NOTICES,
  isTemporary,
  refused,
  type Away,
  type ChatMessage,
  type Head,
  type Member,
  type Notice,
  type NoticeKind,
  type Problem,
  type Reply,
  type Snapshot,
  type Told,
  type Work,
} from '../lib/wire'
import { act } from './actions'
import { Composer } from './composer'
import { Connection } from './connection'
import type { ConnectionBar } from './connection-bar'
import { get } from './dom'
import { showEnded } from './ended'
import { Jump } from './jump'
import { Keeping } from './keeping'
import { Lines } from './lines'
import type { MemberList } from './member-list'
import type { MessageLog } from './message-log'
import { confirm, messageView } from './message-view'
import { Older } from './older'
import { texts } from './page'
import { People } from './people'
import { ANSWER_MS, Sending } from './sending'
import { Uploads } from './uploads'

const TICK_MS = 500
/** A page that slept asks whether its connection still lives; longer than this is no. */
const AWAKE_ANSWER_MS = 5000

type Heard = { type: 'chat'; message: ChatMessage } | { type: NoticeKind; notice: Notice } | { type: 'away'; notice: Away }

const texts_ = (told: readonly Told[]) => told.filter((one): one is ChatMessage => one.kind === undefined)

export class ChatRoom extends HTMLElement {
  private readonly room = this.dataset.room ?? ''
  private readonly me: Member = { id: this.dataset.me ?? '', name: this.dataset.meName ?? '', color: this.dataset.meColor ?? '' }
  private readonly position = { epoch: Number(this.dataset.epoch), seq: Number(this.dataset.seq) }
  private readonly session = new Session<Heard>(this.position, Date.now())
  private readonly catchUp = new CatchUp({
    have: () => this.timeline.high,
    lacks: () => this.session.state === 'live' && (this.timeline.hasGap || this.session.isBehind),
    join: (anew) => this.join(ANSWER_MS, anew),
  })
  private connection!: Connection
  private composer!: Composer
  private uploads!: Uploads
  private sending!: Sending
  private people!: People
  private lines!: Lines
  private log!: MessageLog
  private timeline!: Timeline<ChatMessage>
  private older!: Older
  private keeping!: Keeping
  private excuse = ''
  private again = 0

  connectedCallback(): void {
    this.log = get<MessageLog>(this, 'message-log')
    const oldest = Number(this.log.items()[0]?.dataset.seq ?? this.position.seq + 1)
    this.timeline = new Timeline(oldest, this.position.seq)
    this.lines = new Lines(this.log)
    this.people = new People(this, get<MemberList>(this, 'member-list'), this.me)
    this.uploads = new Uploads(`/room/${this.room}/gif`, this.me, this.log, (text) => this.composer.complain(text), (message) => this.take(message))
    this.composer = new Composer(get(this, '#chat-form'), `draft:${this.room}`, {
      text: (text) => {
        this.classList.remove('alone')
        return this.sending.say(text)
      },
      files: (files) => void this.uploads.add(files).then(() => this.classList.remove('alone')),
    })
    this.sending = new Sending(this.room, this.me, this.log, () => this.session.state === 'live', (message) => this.take(message))
    this.older = new Older(this, this.me.id, this.log, this.timeline)
    const jump = new Jump(this, this.older, (messages) => texts_(messages).map((message) => messageView(message, this.me.id)))
    this.keeping = new Keeping(this, this.me, this.people, { socket: () => this.connection.socket, end: (leave) => this.end(leave), jump })
    this.addEventListener('click', (event) => this.clicked(event))
    this.connect()
    setInterval(() => this.tick(), TICK_MS)
  }

  private connect(): void {
    this.connection = new Connection('/chat', {
      changed: (up) => (up ? this.join(ANSWER_MS) : this.lost()),
      check: () => this.session.state === 'live' && this.join(AWAKE_ANSWER_MS),
      woke: () => this.session.woke(Date.now()),
    })
    const { socket } = this.connection
    socket.on('chat', (message: ChatMessage) => this.hear({ type: 'chat', message }))
    for (const type of NOTICES) socket.on(type, (notice: Notice) => this.hear({ type, notice }))
    socket.on('away', (notice: Away) => this.hear({ type: 'away', notice }))
    this.keeping.over(socket)
    socket.on('head', (head: Head) => this.told(head))
    socket.on('removeRoom', (id: string) => id === this.room && this.end())
    this.sending.over(this.connection)
    this.connection.now()
  }

  /** Also from a live page, to be told what it lacks, or whether its connection still answers. */
  private join(patience: number, anew = false, work?: Work): void {
    clearTimeout(this.again)
    const { attempt, since } = this.session.join(anew)
    const answer = (error: Error | null, reply: Reply<Snapshot>) => {
      if (!this.session.isJoining(attempt)) return
      if (error) this.connection.renew()
      else if (refused(reply)) this.keptOut(reply.error)
      else this.joined(attempt, reply)
    }
    this.connection.socket.timeout(patience).emit('join', { room: this.room, since, ...(work && { work }) }, answer)
  }

  private joined(attempt: number, snapshot: Snapshot): void {
    const held = this.session.joined(attempt, snapshot)
    if (!held) return
    this.excuse = ''
    this.bar.hide()
    this.classList.remove('away')
    if (snapshot.recovered) for (const message of texts_(snapshot.messages)) this.take(message)
    else this.restart(snapshot)
    this.people.all(snapshot.members, snapshot.room.max)
    this.keeping.joined(snapshot)
    for (const event of held) this.apply(event)
    this.catchUp.look(Date.now())
    this.sending.flush()
  }

  /** Too much was missed: the newest page replaces what stands here; what waits to be sent stays. */
  private restart(snapshot: Snapshot): void {
    const messages = texts_(snapshot.messages)
    this.timeline.reset(messages, snapshot.seq)
    for (const message of messages) this.waitingFor(message)?.remove()
    this.sending.tidy()
    this.uploads.tidy()
    this.log.reset(messages.map((message) => messageView(message, this.me.id)))
    this.older.restart()
    if (snapshot.messages.length > 0) this.classList.remove('alone')
  }

  private keptOut(problem: Problem): void {
    if (problem.code === 'no-such-room') return this.end()
    if (this.keeping.refused(problem, (work) => this.join(ANSWER_MS, false, work))) return
    if (isTemporary(problem)) this.excuse = problem.detail
    else this.excuse = problem.code === 'room-full' ? texts.text('room.full') : texts.text('room.denied')
    if (problem.code === 'not-admitted') return
    const again = () => this.connection.socket.connected && this.session.state === 'joining' && this.join(ANSWER_MS)
    this.again = window.setTimeout(again, joinDelay(problem.retryAfter, Math.random()))
  }

  private lost(): void {
    this.session.lost(Date.now())
    this.sending.interrupted()
  }

  private hear(event: Heard): void {
    if (this.session.hear(event)) this.apply(event)
  }

  private apply(event: Heard): void {
    if (event.type === 'chat') {
      this.take(event.message)
      this.keeping.heard('chat', event.message)
      this.catchUp.look(Date.now())
      return
    }
    this.people.changed(event.type, event.notice)
    if (event.type === 'away') return
    this.keeping.heard(event.type, event.notice)
    if (event.type === 'join' || event.type === 'exit') this.lines.add(event.type, event.notice.member)
  }

  private told(head: Head): void {
    if (head.room !== this.room) return
    this.session.told(head)
    this.catchUp.look(Date.now())
  }

  private take(message: ChatMessage): void {
    const { high } = this.timeline
    for (const ready of this.timeline.offer(message)) this.show(ready)
    this.session.reached(this.timeline.high)
    if (message.seq > high) return
    // The answer to a further try of what the page has already: it would stand there twice.
    const twice = this.waitingFor(message)
    if (twice) this.log.merge(twice)
  }

  /** The item that waits to become this message. */
  private waitingFor(message: ChatMessage): HTMLElement | undefined {
    return this.sending.arrived(message) ?? this.uploads.arrived(message)
  }

  private show(message: ChatMessage): void {
    this.classList.remove('alone')
    const item = this.waitingFor(message)
    if (item) {
      confirm(item, message)
      this.log.settle(item)
    } else this.log.add(messageView(message, this.me.id))
    if (message.member === this.me.id) this.sending.flush()
  }

  private get bar(): ConnectionBar {
    return get<ConnectionBar>(this, 'connection-bar')
  }

  private tick(): void {
    this.keeping.tick(Date.now())
    const age = texts.age(Date.parse(this.dataset.created ?? ''), Date.now())
    const time = get(this, '.meta time')
    if (time.textContent !== age) time.textContent = age
    const away = this.session.isOverdue(Date.now())
    this.classList.toggle('away', away)
    if (this.excuse) this.bar.explain(this.excuse)
    else if (away) this.bar.show(this.connection.retryAt, Date.now(), this.connection.restarting)
  }

  private end(leave = showEnded): void {
    if (this.session.state === 'ended') return
    this.session.end()
    this.connection.end()
    const unsent = [...this.sending.end(), this.composer.text]
    leave(unsent.filter((text) => text !== '').join('\n'))
  }

  private clicked(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>('[data-act], [data-do], .heading')
    const item = target?.closest<HTMLElement>('[data-pending]')
    if (target?.dataset.do && item) this.decide(item, target.dataset.do)
    else if (target) {
      act(target, this, {
        reconnect: () => (this.excuse ? location.reload() : this.connection.now()),
        older: () => void this.older.load(),
        gif: () => this.composer.chooseFile(),
        ended: () => this.end(),
      })
    }
  }

  /** What its writer wants with a message that was not sent. */
  private decide(item: HTMLElement, what: string): void {
    const id = item.dataset.pending ?? ''
    if (!this.uploads.act(id, what)) this.sending.act(item, id, what)
  }
}

customElements.define('chat-room', ChatRoom)
