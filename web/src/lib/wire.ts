/** What travels between server and page (contract, sections 1 and 2). Mirrors `src/wire.rs`. */

export interface Member {
  id: string
  name: string
  /** `#rrggbb` */
  color: string
}

/** A member of a room as its other members see them. */
export interface Present extends Member {
  owner?: true
  /** None of their pages is looked at. */
  away?: true
  muted?: true
}

/** A room as the lobby hears of it. `ownerName` is known to `GET /room/<id>` only. */
export interface LobbyRoom {
  _id: string
  title: string
  max: number
  owner: string
  password: boolean
  /** RFC 3339, UTC */
  createdAt: string
  members: number
  ownerName?: string
}

export type Preset = 'open' | 'normal' | 'strict'

/** A room as its members see it. */
export interface RoomInfo extends LobbyRoom {
  locked: boolean
  /** Seconds between two messages of one person; 0: no slow mode. */
  slow: number
  preset: Preset
  raid: boolean
  /** The owner's member id. */
  ownerMember: string
}

export interface Reaction {
  emoji: string
  count: number
  mine?: true
}

/** The message that is answered, as it is now. */
export interface Quote {
  seq: number
  member: string
  name: string
  /** Its writer's colour. */
  user: string
  /** Its first 100 characters. */
  chat?: string
  gif?: string
  removed?: true
}

/** A text or a GIF, with all that has become of it. */
export interface ChatMessage {
  kind?: undefined
  _id: string
  room: string
  /** The sender's colour. */
  user: string
  chat?: string
  /** `<hash>.gif` below `/gif/`, with its size in pixels. */
  gif?: string
  width?: number
  height?: number
  /** The colour that the GIF has most of: `#rrggbb`. */
  color?: string
  /** One loop of the GIF, in milliseconds; 0: it stands still. */
  duration?: number
  /** What the GIF shows, in words. */
  alt?: string
  /** It flashes so often and so large that it is shown behind a tap. */
  flashes?: true
  /** Neither `chat` nor `gif` any more. */
  removed?: true
  createdAt: string
  /** From 1, without gaps. */
  seq: number
  member: string
  name: string
  clientMessageId?: string
  reply?: Quote
  /** Member ids. */
  mentions?: string[]
  editedAt?: string
  reactions?: Reaction[]
}

export const NOTICES = ['join', 'exit', 'nick', 'owner', 'kick', 'ban', 'unban', 'mute', 'unmute', 'settings', 'raid'] as const
export type NoticeKind = (typeof NOTICES)[number]

/** What happened in the room: each reader's sentence is made from `code` and its parameters. */
export interface Notice {
  kind: NoticeKind
  room: string
  seq: number
  user: 'system'
  /** The Korean sentence, for clients that know no codes. */
  chat: string
  code: string
  /** Who came, left or did it. */
  member: Member
  whom?: Member
  value?: string
  /** RFC 3339 */
  until?: string
  /** How many are here, with `join` and `exit`. */
  members?: number
  createdAt: string
}

/** A text has other words, or what a GIF shows is told in other words. */
export interface Edit {
  kind: 'edit'
  room: string
  seq: number
  /** The `seq` of the message. */
  target: number
  /** Of a text. */
  chat?: string
  /** Of a GIF; empty: there are no words any more. */
  alt?: string
  editedAt: string
  mentions?: string[]
  member: string
}

/** A message is gone. */
export interface Remove {
  kind: 'remove'
  room: string
  seq: number
  target: number
  /** Who removed it. */
  member: string
}

/** A reaction was set or taken back; `count` is what it is afterwards. */
export interface React {
  kind: 'react'
  room: string
  seq: number
  target: number
  emoji: string
  on: boolean
  count: number
  member: string
  name: string
}

/** All that these people said until now is gone, and leaves nothing to show. */
export interface Purge {
  kind: 'purge'
  room: string
  seq: number
  /** Member ids. */
  members: string[]
}

/** From one to one: has no place in the room's order, but stands after the message `after`. */
export interface Whisper {
  kind: 'whisper'
  _id: string
  room: string
  after: number
  /** From 1 without gaps, in the reader's own mailbox. */
  number: number
  /** The writer's colour. */
  user: string
  member: string
  name: string
  to: Member
  chat: string
  createdAt: string
  clientMessageId?: string
}

/** Everything that takes a number of the room's order. */
export type Numbered = ChatMessage | Notice | Edit | Remove | React | Purge
/** An element of every list of messages. A kind that this page does not know is a `Numbered` to be skipped. */
export type Told = Numbered | Whisper

export interface Position {
  epoch: number
  seq: number
  /** The newest `number` of one's own mailbox; not told with `head`. */
  whispers?: number
}

/** The ack of `join`. */
export interface Snapshot extends Position {
  room: RoomInfo
  me: Present
  /** The owner first, then by arrival. */
  members: Present[]
  messages: Told[]
  whispers: number
  recovered: boolean
}

/** `head`: how far a room is, told now and then while it is silent. */
export interface Head extends Position {
  room: string
}

/** Somebody is writing. */
export interface Typing {
  room: string
  member: string
  name: string
  user: string
}

/** Somebody looks away, or is back. */
export interface Away {
  room: string
  member: string
  away: boolean
}

/** Many came at once; told to the owner only. */
export interface RaidWatch {
  room: string
  joins: number
}

/** Acks of commands. */
export interface WhisperAck {
  whisper: Whisper
  /** Whether the reader is here at the moment. */
  there: boolean
}
export interface UntilAck {
  until?: string
}
export interface BanAck extends UntilAck {
  removed: number
}
export interface RaidAck {
  raid: boolean
  banned: number
  removed: number
}
export interface Bans {
  bans: { member: Member; until?: string; kind: 'kick' | 'ban' | 'mute' | 'shadow'; createdAt: string }[]
}
export interface Found {
  /** Newest first. */
  messages: ChatMessage[]
  more: boolean
}
export interface Help {
  commands: { usage: string; text: string }[]
}
export type ReactAck = React | { seq: null; count: number }
/** What a text that is a slash command is answered with: its name, and the ack of that command. */
export interface CommandAck extends Partial<WhisperAck>, Partial<Help>, UntilAck {
  command: string
  me?: Present
  room?: RoomInfo
  removed?: number
}

/** RFC 9457, with our own members. */
export interface Problem {
  code: string
  title: string
  detail: string
  status: number
  field?: string
  /** seconds */
  retryAfter?: number
  /** With `work-needed`: what to solve first. */
  challenge?: Challenge
}

/** SHA-256 of `salt:nonce` must begin with so many zero bits. */
export interface Challenge {
  /** 32 hex digits */
  salt: string
  bits: number
}

/** Travels with `join` as `work`. */
export interface Work {
  salt: string
  nonce: string
}

export type Reply<T> = T | { error: Problem }

export function refused<T extends object>(reply: Reply<T>): reply is { error: Problem } {
  return 'error' in reply
}

/** A message of the HTTP API; `undefined` for any other body, as one that something between us and the server wrote. */
export function messageOf(json: unknown): ChatMessage | undefined {
  const body = (typeof json === 'object' && json !== null ? json : {}) as Partial<ChatMessage>
  return typeof body._id === 'string' && Number.isSafeInteger(body.seq) ? (body as ChatMessage) : undefined
}

/** Whether the same may succeed a little later: too fast, a full disk, a server that is busy or ending. */
export function isTemporary(problem: Problem): boolean {
  return problem.status >= 500 || problem.status === 429 || problem.status === 408
}

/** A problem document of the HTTP API: its `type` ends in the code. */
export function problemOf(json: unknown, status: number): Problem {
  const body = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const problem: Problem = {
    code: text(body.code) || text(body.type).replace(/^.*\//, ''),
    title: text(body.title),
    detail: text(body.detail),
    status,
  }
  if (typeof body.field === 'string') problem.field = body.field
  if (typeof body.retryAfter === 'number') problem.retryAfter = body.retryAfter
  return problem
}
