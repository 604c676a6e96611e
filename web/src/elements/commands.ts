/** Commands to the room that wait for their answer, whatever becomes of the connection. */

import type { Socket } from 'socket.io-client'
import { refused, type Problem, type Reply } from '../lib/wire'
import { texts } from './page'

const ANSWER_MS = 10_000

export class Commands {
  constructor(
    private readonly room: string,
    private readonly socket: () => Socket,
  ) {}

  /** Never throws: no connection and no answer are told as a problem, too. */
  async send<T extends object>(name: string, payload: object = {}): Promise<Reply<T>> {
    const socket = this.socket()
    if (!socket.connected) return { error: silence() }
    try {
      return (await socket.timeout(ANSWER_MS).emitWithAck(name, { room: this.room, ...payload })) as Reply<T>
    } catch {
      return { error: silence() }
    }
  }
}

/** The answer, or what to tell the reader. */
export function outcome<T extends object>(reply: Reply<T>): { value: T; problem?: undefined } | { problem: Problem; value?: undefined } {
  return refused(reply) ? { problem: reply.error } : { value: reply }
}

function silence(): Problem {
  return { code: 'no-answer', title: '', detail: texts.text('tools.no-answer'), status: 0 }
}
