/** One Socket.IO namespace that is opened again by itself, at moments we know and can show. */

import { io, type Socket } from 'socket.io-client'
import { Retries } from '../lib/retries'
import { Sleep } from '../lib/sleep'

/** Longest that a connection may take to open. */
const OPENING_MS = 10_000
const AWAKE_EVERY_MS = 5000
/** A server that was not heard for longer than its heartbeat (25 s, and 20 s for the answer) has given us up. */
const SILENCE_MS = 45_000

export interface ConnectionHandlers {
  changed: (up: boolean) => void
  /** The page slept, or the network changed, and the connection looks alive: is it, and what was missed? */
  check: () => void
  /** The page slept, and the connection is opened again. */
  woke?: () => void
}

export class Connection {
  readonly socket: Socket
  /** When the next try is due (`Date.now()`), while there is one. */
  retryAt: number | undefined
  private readonly retries = new Retries()
  private readonly sleep = new Sleep(Date.now())
  private heardAt = 0
  private timer = 0
  private ended = false

  constructor(
    namespace: string,
    private readonly on: ConnectionHandlers,
  ) {
    this.socket = io(namespace, {
      autoConnect: false,
      reconnection: false,
      timeout: OPENING_MS,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
    })
    this.socket.on('connect', () => {
      this.retries.connected()
      this.retryAt = undefined
      this.on.changed(true)
    })
    this.socket.on('connect_error', () => this.later())
    this.socket.on('disconnect', (reason) => {
      // The client would send these first of all on the next connection, before it is in a room.
      this.socket.sendBuffer = []
      this.on.changed(false)
      if (reason !== 'io client disconnect') this.later()
    })
    this.socket.on('shutdown', (payload: unknown) => this.retries.shutdown(payload))
    const heard = () => (this.heardAt = Date.now())
    for (const sign of ['open', 'ping', 'packet'] as const) this.socket.io.on(sign as 'ping', heard)
    this.watch()
  }

  /** Whether the server said that it ends and has not been back since. */
  get restarting(): boolean {
    return this.retries.restarting
  }

  /** Tries at once, unless it stands. */
  now(): void {
    clearTimeout(this.timer)
    this.retryAt = undefined
    if (!this.ended && !this.socket.connected) this.socket.connect()
  }

  /** Gives up a connection that does not answer, and opens another. */
  renew(): void {
    this.socket.disconnect()
    this.now()
  }

  close(): void {
    clearTimeout(this.timer)
    this.retryAt = undefined
    this.socket.disconnect()
  }

  /** There is nothing to connect to any more. */
  end(): void {
    this.ended = true
    this.close()
  }

  private watch(): void {
    addEventListener('online', () => this.verify())
    // A page that sleeps in the back-forward cache holds no connection; it comes back at once.
    addEventListener('pagehide', () => this.close())
    addEventListener('pageshow', (event) => event.persisted && this.awake(true))
    document.addEventListener('visibilitychange', () => this.awake(true))
    setInterval(() => this.awake(false), AWAKE_EVERY_MS)
  }

  /** `again`: somebody has just come back to the page, and does not wait for the next try. */
  private awake(again: boolean): void {
    if (document.visibilityState !== 'visible') return
    if (this.sleep.awake(Date.now())) {
      this.on.woke?.()
      this.verify()
    } else if (again) this.now()
  }

  /** Makes sure of a connection that may have died unnoticed. */
  private verify(): void {
    if (!this.socket.connected || Date.now() - this.heardAt > SILENCE_MS) this.renew()
    else this.on.check()
  }

  private later(): void {
    const delay = this.retries.next(Math.random())
    this.retryAt = Date.now() + delay
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.now(), delay)
  }
}
