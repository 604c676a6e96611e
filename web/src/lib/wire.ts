/** What travels between server and page (contract, sections 1 and 2). Mirrors `src/wire.rs`. */

export interface Member {
  id: string
  name: string
  /** `#rrggbb` */
  color: string
}

/** A room as the lobby hears of it. `ownerName` is known to `GET /room/<id>` only. */
export interface RoomInfo {
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

export interface ChatMessage {
  _id: string
  room: string
  /** The sender's colour. */
  user: string
  chat?: string
  /** `<hash>.gif` below `/gif/`, with its size in pixels. */
  gif?: string
  width?: number
  height?: number
  createdAt: string
  /** From 1, without gaps. */
  seq: number
  member: string
  name: string
  clientMessageId?: string
}

/** `join` and `exit` on `/chat`. */
export interface Notice {
  user: 'system'
  chat: string
  member: Member
  members: number
}

export interface Position {
  epoch: number
  seq: number
}

/** The ack of `join`. */
export interface Snapshot extends Position {
  room: RoomInfo
  me: Member
  members: Member[]
  messages: ChatMessage[]
  recovered: boolean
}

/** `head`: how far a room is, told now and then while it is silent. */
export interface Head extends Position {
  room: string
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
