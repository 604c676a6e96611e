/** The ring that shows a proof of work being done, and the worker that does it. */

import '../styles/lazy/working.css'
import { likelihood } from '../lib/challenge'
import type { Challenge, Work } from '../lib/wire'
import { el } from './build'
import { texts } from './page'

type Said = { tries: number } | { work: Work }

/** Shows itself in `place` until the work is done. */
export async function work(challenge: Challenge, place: HTMLElement): Promise<Work> {
  const number = el('b', {}, '0')
  const ring = el('span', { class: 'leader big', 'aria-hidden': 'true' }, number)
  const bar = el('div', { role: 'progressbar', 'aria-label': texts.text('work.label'), 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': '0' }, ring)
  const card = el('div', { class: 'working film' }, bar, el('p', { role: 'status' }, texts.text('work.text')))
  place.append(card)
  const worker = new Worker(new URL('../lib/work-worker.ts', import.meta.url), { type: 'module' })
  try {
    return await new Promise<Work>((resolve, reject) => {
      worker.onerror = reject
      worker.onmessage = ({ data }: MessageEvent<Said>) => {
        if ('work' in data) return resolve(data.work)
        const part = likelihood(data.tries, challenge.bits)
        ring.style.setProperty('--part', String(part))
        number.textContent = String(Math.round(part * 100))
        bar.setAttribute('aria-valuenow', number.textContent)
      }
      worker.postMessage(challenge)
    })
  } finally {
    worker.terminate()
    card.remove()
  }
}
