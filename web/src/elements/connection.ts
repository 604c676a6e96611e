/** One Socket.IO namespace that is opened again by itself, at moments we know and can show. */

import { io, type Socket } from 'socket.io-client'
import { retryDelay } from '../lib/session'

export class Connection {
  readonly socket: Socket
  /** When the next try is due (`Date.now()`), while there is one. */
  retryAt: number | undefined
  private tries = 0
  private timer = 0

  constructor(
    namespace: string,
    private readonly changed: (up: boolean) => void,
  ) {
    this.socket = io(namespace, { autoConnect: false, reconnection: false, transports: ['websocket', 'polling'], tryAllTransports: true })
    this.socket.on('connect', () => {
      this.tries = 0
      this.retryAt = undefined
      this.changed(true)
    })
    this.socket.on('connect_error', () => this.later())
    this.socket.on('disconnect', (reason) => {
      this.changed(false)
      if (reason !== 'io client disconnect') this.later()
    })
    addEventListener('online', () => this.now())
    // A page that sleeps in the back-forward cache holds no connection; it comes back at once.
    addEventListener('pagehide', () => this.close())
    addEventListener('pageshow', (event) => {
      if (event.persisted) this.now()
    })
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.now()
    })
  }

  /** Tries at once, unless it stands. */
  now(): void {
    clearTimeout(this.timer)
    this.retryAt = undefined
    if (!this.socket.connected) this.socket.connect()
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

  private later(): void {
    const delay = retryDelay(this.tries++, Math.random())
    this.retryAt = Date.now() + delay
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.now(), delay)
  }
}
