/** Plays the cut as the GIF will play it, again and again; where GIFs do not move by themselves, only when it is asked for. */

import { drawCaption } from '../../lib/maker/caption'
import { cover } from '../../lib/maker/footage'
import type { Wish } from '../../lib/maker/make'
import { el, icon } from '../build'
import { texts } from '../page'
import { playNow } from '../surroundings'

export class Preview {
  readonly canvas = el('canvas', { role: 'img', 'aria-label': texts.text('maker.preview') })
  readonly button = el('button', { type: 'button', class: 'round on-picture' })
  private playing = false
  /** Nobody has said yet whether it shall play. */
  private fresh = true
  /** It played when it was put aside. */
  private goes = false
  private began = 0
  private busy = false
  private stale = false
  private held: number | undefined
  private readonly context: CanvasRenderingContext2D

  constructor(
    private readonly wish: () => Wish,
    /** Hears where it is, in seconds of the source. */
    private readonly tell: (time: number) => void,
    private readonly signal: AbortSignal,
    flashes = false,
  ) {
    const context = this.canvas.getContext('2d')
    if (!context) throw new Error('The browser has no canvas.')
    this.context = context
    this.button.onclick = () => {
      this.fresh = false
      this.play(!this.playing)
    }
    signal.addEventListener('abort', () => this.play(false))
    this.play(false)
    if (!flashes) void playNow().then((play) => this.fresh && play === 'always' && !signal.aborted && this.play(true))
    requestAnimationFrame(this.tick)
  }

  play(on: boolean): void {
    const { footage, cut } = this.wish()
    this.playing = on
    this.began = performance.now()
    this.button.replaceChildren(icon(on ? 'pause' : 'play'))
    this.button.setAttribute('aria-label', texts.text(on ? 'maker.pause' : 'maker.play'))
    this.stale = true
    if (!footage.player) return
    footage.player.playbackRate = cut.speed
    if (on) void footage.player.play().catch(() => undefined)
    else footage.player.pause()
  }

  /** It is put aside for a while. */
  rest(): void {
    this.goes = this.playing
    this.play(false)
  }

  goOn(): void {
    this.play(this.goes)
  }

  /** Something was changed. */
  refresh(): void {
    const { shape, footage, cut } = this.wish()
    if (this.canvas.width !== shape.width || this.canvas.height !== shape.height) Object.assign(this.canvas, { width: shape.width, height: shape.height })
    if (footage.player) footage.player.playbackRate = cut.speed
    this.stale = true
  }

  /** Stays at this moment while an end of the cut is being moved; without, it goes on from the start. */
  hold(time: number | undefined): void {
    this.held = time
    this.stale = true
    const { footage, cut } = this.wish()
    if (time !== undefined) footage.player?.pause()
    else {
      this.began = performance.now()
      if (footage.player) footage.player.currentTime = cut.from
      if (this.playing) void footage.player?.play().catch(() => undefined)
    }
  }

  private readonly tick = (): void => {
    if (this.signal.aborted) return
    requestAnimationFrame(this.tick)
    const moving = this.playing && this.held === undefined
    if (this.busy || (!moving && !this.stale)) return
    const { footage, cut, caption, family } = this.wish()
    const { context } = this
    this.stale = false
    const words = () => drawCaption(context, caption, this.canvas.width, this.canvas.height, family)
    if (moving && footage.player) {
      const time = this.follow(footage.player, cut.from, cut.to)
      cover(context, footage.player)
      words()
      return this.tell(time)
    }
    const length = (cut.to - cut.from) / cut.speed
    const passed = ((performance.now() - this.began) / 1000) % Math.max(0.01, length)
    const time = this.held ?? (moving ? cut.from + passed * cut.speed : cut.from)
    this.busy = true
    void footage
      .draw(context, Math.min(time, cut.to - 0.001))
      .then(words, () => undefined)
      .finally(() => (this.busy = false))
    this.tell(time)
  }

  /** The player, within the cut. */
  private follow(player: HTMLVideoElement, from: number, to: number): number {
    const { currentTime } = player
    if (!player.seeking && (currentTime >= to || currentTime < from - 0.15 || player.ended)) {
      player.currentTime = from
      if (player.paused) void player.play().catch(() => undefined)
    }
    return Math.max(from, Math.min(to, currentTime))
  }
}
