/** What the line one writes in is for just now: an answer, a whisper, or another text for what was said. Stands above it. */

import type { Aim as Goes } from '../lib/outbox'
import type { Member, Quote } from '../lib/wire'
import { get, paint } from './dom'
import { quoted } from './message-parts'
import { texts } from './page'

export type Mode = { kind: 'reply'; quote: Quote } | { kind: 'whisper'; to: Member } | { kind: 'edit'; seq: number; before: string }

export class Aim {
  mode: Mode | undefined

  /** `left`: it was given up. */
  constructor(
    private readonly block: HTMLElement,
    left: () => void,
  ) {
    get(block, 'button').onclick = left
  }

  get goes(): Goes {
    if (this.mode?.kind === 'reply') return { reply: this.mode.quote }
    return this.mode?.kind === 'whisper' ? { to: this.mode.to } : {}
  }

  set(mode: Mode | undefined): void {
    this.mode = mode
    this.block.hidden = mode === undefined
    this.block.dataset.kind = mode?.kind ?? ''
    const film = mode?.kind === 'whisper'
    this.block.classList.toggle('film', film)
    if (!mode) return
    const who = mode.kind === 'reply' ? { name: mode.quote.name, color: mode.quote.user } : mode.kind === 'whisper' ? mode.to : undefined
    paint(this.block, who?.color ?? '')
    get(this.block, '.chip').hidden = !who
    get(this.block, '.name').textContent = who?.name ?? ''
    get(this.block, '.what').textContent = words(mode)
  }
}

function words(mode: Mode): string {
  if (mode.kind === 'reply') return quoted(mode.quote)
  return texts.text(mode.kind === 'whisper' ? 'composer.whisper' : 'composer.edit')
}
