/** A room: wires the connection, the conversation, the composer and the people together. */

import { CatchUp } from '../lib/catch-up'
import { joinDelay } from '../lib/retries'
import { Session } from '../lib/session'
import { isTemporary, refused, type Away, type Head, type Member, type Notice, type Problem, type Quote, type Reply, type Snapshot, type Told, type Typing, type Work } from '../lib/wire'
import { act } from './actions'
import { Alerts } from './alerts'
import { Answers } from './answers'
import { bring, makeGif, type Wanted } from './bring'
import { Composer } from './composer'
import { Connection } from './connection'
import type { ConnectionBar } from './connection-bar'
import { Conversation, isChat, isNotice } from './conversation'
import { Deeds } from './deeds'
import { get } from './dom'
import { showEnded } from './ended'
import { Gifs } from './gifs'
import { Jump } from './jump'
import { Keeping } from './keeping'
import type { MemberList } from './member-list'
import type { MessageLog } from './message-log'
import { MessageMenu } from './message-menu'
import { Older } from './older'
import { names, texts } from './page'
import { People } from './people'
import { Pictures } from './pictures'
import { ANSWER_MS, Sending } from './sending'
import { TypingLine } from './typing-line'
import { offerUndo } from './undo'
import { Walk } from './walk'

const TICK_MS = 500
/** A page that slept asks whether its connection still lives; longer than this is no. */
const AWAKE_ANSWER_MS = 5000

export class ChatRoom extends HTMLElement {
  private readonly room = this.dataset.room ?? ''
  private readonly me: Member = { id: this.dataset.me ?? '', name: this.dataset.meName ?? '', color: this.dataset.meColor ?? '' }
  private readonly position = { epoch: Number(this.dataset.epoch), seq: Number(this.dataset.seq), whispers: Number(this.dataset.whispers ?? 0) }
  private readonly session = new Session<Told>(this.position, Date.now())
  private readonly catchUp = new CatchUp({
    have: () => this.talk.reached.seq + this.talk.reached.whispers,
    lacks: () => this.isLive && (this.talk.hasGap || this.session.isBehind),
    join: (anew) => this.join(ANSWER_MS, anew),
  })
  private connection!: Connection
  private composer!: Composer
  private pictures!: Pictures
  private gifs!: Gifs
  private sending!: Sending
  private people!: People
  private log!: MessageLog
  private talk!: Conversation
  private older!: Older
  private alerts!: Alerts
  private typing!: TypingLine
  private keeping!: Keeping
  private replaying = false
  private excuse = ''
  private again = 0

  connectedCallback(): void {
    this.log = get<MessageLog>(this, 'message-log')
    names.learn(this.me.id, this.me.name)
    this.people = new People(this, get<MemberList>(this, 'member-list'), this.me)
    this.talk = new Conversation(this.log, this.me.id, this.position.seq, this.position.whispers, {
      waitingFor: (message) =>
        this.sending.arrived(message) ?? this.gifs.arrived(message) ?? this.gifs.uploaded(this.pictures.arrived(message), message),
      happened: (told) => this.happened(told),
    })
    this.pictures = new Pictures(this, this.me, this.log, {
      live: () => this.isLive,
      deeds: () => deeds,
      describe: (id, alt) => this.gifs.describe(id, alt),
      complain: (text) => this.composer.complain(text),
      remark: (text) => this.composer.remark(text),
      stored: (message) => this.take(message),
    })
    this.older = new Older(this, this.log, this.talk)
    const jump = new Jump(this, this.older, (messages) => this.talk.views(messages))
    const command = <T extends object>(name: string, payload: object) => this.command<T>(name, payload)
    const deeds = new Deeds(this, this.me.id, this.log, command, () => this.composer, (told) => this.take(told), (member) => this.hide(member), (item) => this.pictures.describe(item))
    this.composer = new Composer(this, {
      text: (text, aim) => {
        this.classList.remove('alone')
        return this.sending.say(text, aim)
      },
      edit: (seq, text) => deeds.edit(seq, text),
      last: () => deeds.editLast(),
      files: (files) => {
        this.pictures.prepare()
        bring(files, (pictures, alt) => this.answer(pictures, alt), (wrong) => this.composer.complain(wrong))
      },
      here: () => ({ people: this.people.roster.people, me: this.me.id, isOwner: this.people.roster.isMine }),
      typing: () => this.isLive && this.connection.socket.emit('typing', { room: this.room }),
    })
    this.gifs = new Gifs(this, {
      room: this.room,
      me: this.me,
      log: this.log,
      live: () => this.isLive,
      command,
      stored: (message) => this.take(message),
      heldBack: (problem) => this.dispatchEvent(new CustomEvent('held-back', { detail: problem })),
      upload: (file, alt, reply) => this.send([file], alt, reply),
      renew: () => this.connection.renew(),
      prepare: () => this.pictures.prepare(),
      described: (seq, alt) => void deeds.alt(seq, alt).then((text) => this.composer.complain(text)),
      chooseFile: () => this.composer.chooseFile(),
      answering: () => this.composer.answering(),
      isWhispering: () => this.composer.isWhispering,
      write: () => this.composer.write(),
    })
    this.addEventListener('make-gif', (event) => {
      this.pictures.prepare()
      void makeGif((event as CustomEvent<Wanted>).detail, (files, alt) => this.answer(files, alt))
    })
    const answers = new Answers(this.log, this.composer)
    this.sending = new Sending(this.room, this.me, this.log, {
      live: () => this.isLive,
      stored: (message) => this.take(message),
      answered: (answer) => answers.show(answer),
      waits: (whisper) => this.composer.remark(texts.text('whisper.waits', { name: whisper.to.name })),
      heldBack: (problem) => this.dispatchEvent(new CustomEvent('held-back', { detail: problem })),
      refused: (text, problem) => {
        this.composer.giveBack(text)
        this.composer.complain(problem.detail)
      },
    })
    this.alerts = new Alerts(this, this.log)
    this.typing = new TypingLine(get(this, '.typing'))
    this.addEventListener('whisper-to', (event) => this.composer.whisper((event as CustomEvent<{ member: Member }>).detail.member))
    this.addEventListener('mention', (event) => this.composer.mention((event as CustomEvent<{ member: Member }>).detail.member.name))
    const menu = new MessageMenu(this, this.log, deeds, jump)
    new Walk(this.log, menu, () => this.composer.focus())
    this.keeping = new Keeping(this, this.me, this.people, { socket: () => this.connection.socket, end: (leave) => this.end(leave), jump })
    this.addEventListener('click', (event) => this.clicked(event))
    this.connect()
    setInterval(() => this.tick(), TICK_MS)
  }

  private get isLive(): boolean {
    return this.session.state === 'live'
  }

  private connect(): void {
    this.connection = new Connection('/chat', {
      changed: (up) => (up ? this.join(ANSWER_MS) : this.lost()),
      check: () => this.isLive && this.join(AWAKE_ANSWER_MS),
      woke: () => this.session.woke(Date.now()),
    })
    const { socket } = this.connection
    socket.onAny((name: string, payload: unknown) => this.heard(name, payload))
    this.sending.over(this.connection)
    this.keeping.over(socket)
    this.connection.now()
  }

  /** Also what this page does not know yet: if it has a number, that counts. */
  private heard(name: string, payload: unknown): void {
    if (name === 'removeRoom') return payload === this.room ? this.end() : undefined
    if (typeof payload !== 'object' || payload === null || (payload as Told).room !== this.room) return
    if (name === 'head') this.told(payload as Head)
    else if (name === 'typing') this.typing.heard(payload as Typing)
    else if (name === 'away') this.people.changed(name, payload as Away)
    // In a rush, who comes and goes is told without a number and has no line.
    else if ((name === 'join' || name === 'exit') && !('seq' in payload)) this.isLive && this.people.changed(name, payload as Notice)
    else if ('seq' in payload || 'number' in payload) this.hear((name === 'chat' ? payload : { ...payload, kind: name }) as Told)
  }

  /** A command that waits for its answer. Never throws. */
  private async command<T extends object>(name: string, payload: object): Promise<Reply<T>> {
    const silence = { error: { code: 'no-answer', title: '', detail: texts.text('composer.no-answer'), status: 0 } }
    if (!this.isLive) return silence
    const asked = this.connection.socket.timeout(ANSWER_MS).emitWithAck(name, { room: this.room, ...payload })
    return (await asked.catch(() => silence)) as Reply<T>
  }

  /** Somebody whom the reader does not want to see, here and on this device. */
  private hide(member: string): void {
    this.people.hide(member, true)
    offerUndo(texts.text('people.hidden', { name: names.of([member])[0] ?? '' }), () => this.people.hide(member, false))
  }

  /** Pictures are what the next message is: the answer, where it answers something. */
  private answer(files: File[], alt?: string): Promise<string> {
    return this.send(files, alt, this.composer.answering())
  }

  /** `alt`: what the pictures show. Returns why some were refused, or nothing. */
  private async send(files: File[], alt = '', reply?: Quote): Promise<string> {
    const wrong = await this.pictures.send(files, { alt, reply, unused: () => this.composer.answerAgain(reply) })
    if (wrong === '') this.classList.remove('alone')
    return wrong
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
    this.connection.socket.timeout(patience).emit('join', { room: this.room, since, work }, answer)
  }

  private joined(attempt: number, snapshot: Snapshot): void {
    const held = this.session.joined(attempt, snapshot)
    if (!held) return
    this.excuse = ''
    this.bar.hide()
    this.classList.remove('away')
    for (const member of snapshot.members) names.learn(member.id, member.name)
    // What was missed is told as it was then; who is here, and how the room is set, the snapshot knows better.
    this.replaying = true
    if (snapshot.recovered) this.alerts.quietly(() => snapshot.messages.forEach((told) => this.take(told)))
    else this.restart(snapshot)
    this.replaying = false
    this.people.all(snapshot.members, snapshot.room.max)
    this.keeping.joined(snapshot)
    for (const told of held) this.take(told)
    this.catchUp.look(Date.now())
    this.sending.flush()
    this.gifs.flush()
    this.pictures.begin()
  }

  private restart(snapshot: Snapshot): void {
    this.talk.restart(snapshot)
    this.sending.tidy()
    this.pictures.tidy()
    this.gifs.tidy()
    this.older.restart()
    if (snapshot.messages.some(isChat)) this.classList.remove('alone')
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
    this.gifs.interrupted()
  }

  private hear(told: Told): void {
    if (!this.session.hear(told)) return
    this.take(told)
    this.catchUp.look(Date.now())
  }

  private told(head: Head): void {
    this.session.told(head)
    this.catchUp.look(Date.now())
  }

  private take(told: Told): void {
    this.talk.take(told)
    const { seq, whispers } = this.talk.reached
    this.session.reached(seq, whispers)
  }

  /** It took its place in the conversation. */
  private happened(told: Told): void {
    if (isNotice(told) && !this.replaying) this.people.changed(told.kind, told)
    if ((isNotice(told) || isChat(told)) && !this.replaying) this.keeping.heard(told)
    if (!isChat(told) && told.kind !== 'whisper') return
    this.classList.remove('alone')
    this.typing.done(told.member)
    if (told.member === this.me.id) this.sending.flush()
    else this.alerts.about(told, this.me.id)
  }

  private get bar(): ConnectionBar {
    return get<ConnectionBar>(this, 'connection-bar')
  }

  private tick(): void {
    const age = texts.age(Date.parse(this.dataset.created ?? ''), Date.now())
    const time = get(this, '.meta time')
    if (time.textContent !== age) time.textContent = age
    this.typing.tick()
    this.keeping.tick(Date.now())
    const away = this.session.isOverdue(Date.now())
    this.classList.toggle('away', away)
    if (this.excuse) this.bar.explain(this.excuse)
    else if (away) this.bar.show(this.connection.retryAt, Date.now(), this.connection.restarting)
  }

  /** `leave` turns the page into another, and gets what was not sent. */
  private end(leave = showEnded): void {
    if (this.session.state === 'ended') return
    this.session.end()
    this.connection.end()
    this.pictures.end()
    this.gifs.end()
    const unsent = [...this.sending.end(), this.composer.text]
    leave(unsent.filter((text) => text !== '').join('\n'))
  }

  private clicked(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>('[data-act], [data-do], .heading')
    const item = target?.closest<HTMLElement>('[data-pending]')
    if (target?.dataset.do && item) this.decide(item, target.dataset.do)
    else if (target && !this.alerts.act(target.dataset.act) && !this.pictures.act(target.dataset.act)) {
      act(target, this, {
        reconnect: () => (this.excuse ? location.reload() : this.connection.now()),
        older: () => void this.older.load(),
        gif: () => void this.gifs.toggle(target),
        file: () => this.composer.chooseFile(),
        ended: () => this.end(),
      })
    }
  }

  /** What its writer wants with a message that was not sent. */
  private decide(item: HTMLElement, what: string): void {
    const id = item.dataset.pending ?? ''
    if (!this.pictures.decide(id, what) && !this.gifs.act(id, what)) this.sending.act(item, id, what)
  }
}

customElements.define('chat-room', ChatRoom)
