/** The page's side of the worker that encodes. */

import type { Answer, Order } from './encode-worker'
import { Unloaded } from './unloaded'

interface Waiting {
  resolve: (answer: Answer) => void
  reject: (reason: unknown) => void
}

export class Workshop {
  private readonly worker = new Worker(new URL('./encode-worker.ts', import.meta.url), { type: 'module' })
  private readonly waiting: Waiting[] = []
  /** It has answered. */
  private isThere = false
  /** Why it has ended. */
  private ended: unknown

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.isThere = true
      this.waiting.shift()?.resolve(data)
    }
    this.worker.onerror = (event) => this.end(this.isThere ? new Error(event.message) : new Unloaded())
  }

  /** Pixels that are given leave this side. */
  give(order: Order): Promise<Answer> {
    if (this.ended !== undefined) return Promise.reject(this.ended)
    const pixels = order.do === 'frame' ? [order.rgba] : order.do === 'pair' ? order.pictures : []
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.worker.postMessage(order, pixels.map(({ buffer }) => buffer))
    })
  }

  /** Stops whatever it does. */
  close(): void {
    this.end(new DOMException('Stopped.', 'AbortError'))
  }

  private end(reason: unknown): void {
    this.ended ??= reason
    this.worker.terminate()
    for (const { reject } of this.waiting.splice(0)) reject(reason)
  }
}
