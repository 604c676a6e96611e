/** The GIFs of the conversation: which of them move now, what is pressed on them, and the reader's wishes in the menu. */

import '../styles/lazy/gif.css'
import { LAST_LOOP, MOST, MOST_ON_TOUCH, playing, Wishes, type Play, type Surroundings } from '../lib/playback'
import { AltPanel, type Describe } from './alt-panel'
import { get } from './dom'
import { GifFrame } from './gif-frame'
import type { MessageLog } from './message-log'
import { texts } from './page'
import { watchSurroundings } from './surroundings'

/** What flies past while the reader scrolls is not started. */
const SETTLED_MS = 150
/** Less of a GIF than this does not move. */
const VISIBLE = 0.25
/** From one that gets its buttons to the next: all at once would be a long task on a phone. */
const DRESS_MS = 32

const touch = matchMedia('(hover: none)')

export class GifFrames {
  private readonly known = new WeakMap<Element, GifFrame>()
  private readonly near = new Set<GifFrame>()
  private readonly wishes = new Wishes()
  private readonly panel: AltPanel
  private readonly sight = new IntersectionObserver((entries) => this.seen(entries), { threshold: [0, VISIBLE] })
  private allPaused = false
  private around: Surroundings = { reducedMotion: true, savesData: true, lowBattery: true }
  private timer = 0

  constructor(
    private readonly room: HTMLElement,
    private readonly log: MessageLog,
    describe: Describe,
    complain: (text: string) => void,
  ) {
    this.panel = new AltPanel(get(room, '.talk'), describe, complain)
    for (const item of log.items()) this.take(item)
    log.onpicture = (item) => this.take(item)
    log.addEventListener('click', (event) => this.clicked(event))
    log.addEventListener('scrollend', () => this.plan())
    document.addEventListener('visibilitychange', () => this.plan())
    touch.addEventListener('change', () => this.wished())
    this.hovers()
    watchSurroundings((now) => {
      this.around = now
      this.wished()
    })
  }

  /** A message with a picture has come, or has become another. */
  take(item: HTMLElement): void {
    const frame = item.querySelector<HTMLElement>('.frame.gif')
    if (!frame) return
    const one = this.known.get(frame)
    if (one) return one.become()
    this.known.set(frame, new GifFrame(frame, this.panel.element, () => this.plan()))
    this.sight.observe(frame)
  }

  /** A button of the room's menu. */
  act(what: string): void {
    if (what === 'gif-play') this.wishes.next(this.play, !touch.matches)
    else if (what === 'gif-loops') this.wishes.switchLoops()
    else this.allPaused = !this.allPaused
    // What was pressed before counts no longer; what has come to its end may begin again.
    for (const one of this.near) Object.assign(one, { asked: undefined, ended: false })
    this.wished()
  }

  /** Words for a picture of the reader's own: it opens where the picture is. */
  describe(item: HTMLElement): void {
    this.panel.write(get(item, '.frame'))
  }

  private get play(): Play {
    const play = this.wishes.play(this.around)
    return play === 'hover' && touch.matches ? 'tap' : play
  }

  private wished(): void {
    const label = (what: string, text: string) => (get(this.room, `[data-act=${what}] .now`).textContent = text)
    label('gif-play', texts.text(`gif.when.${this.play}`))
    label('gif-loops', this.wishes.endless ? texts.text('gif.loops.endless') : texts.text('gif.loops.some', { n: LAST_LOOP }))
    label('gif-pause', texts.text(this.allPaused ? 'gif.all.paused' : 'gif.all.play'))
    get(this.room, '[data-act=gif-pause]').setAttribute('aria-pressed', String(this.allPaused))
    this.plan()
  }

  private seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, intersectionRatio } of entries) {
      const one = this.known.get(target)
      if (!one) continue
      one.inSight = isIntersecting && intersectionRatio >= VISIBLE
      if (isIntersecting) this.near.add(one)
      else if (this.near.delete(one)) one.leave()
    }
    // Leaving is done; all else waits until the page is at rest.
    this.planIn(SETTLED_MS)
  }

  private planIn(ms: number): void {
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.plan(), ms)
  }

  private plan(): void {
    clearTimeout(this.timer)
    let bare = 0
    for (const one of this.near) {
      if (!one.isThere) this.near.delete(one)
      else if (one.isDressed || bare++ === 0) one.settle()
    }
    if (bare > 1) this.planIn(DRESS_MS)
    const most = touch.matches ? MOST_ON_TOUCH : MOST
    if (this.near.size > most) for (const one of this.near) one.distance = fromMiddle(one.frame)
    const looking = document.visibilityState === 'visible'
    const moving = playing(this.near, { play: this.play, most, looking, allPaused: this.allPaused })
    for (const one of this.near) {
      if (moving.has(one)) void one.play(this.wishes.endless ? Infinity : LAST_LOOP)
      else one.stop()
    }
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element
    const frame = target.closest('.frame.gif')
    const one = frame && this.known.get(frame)
    // A long press has opened the menu.
    if (!one || event.defaultPrevented) return
    if (target.closest('.alt')) {
      // An invoker of the open panel would only close it.
      if (this.panel.isElsewhere(one.frame)) event.preventDefault()
      this.panel.about(one.frame)
    } else if (target.closest('.player, .warning') || (target.matches('img.picture') && !one.moves)) one.toggle()
  }

  private hovers(): void {
    let hovered: GifFrame | undefined
    const over = (on: EventTarget | null) => {
      const frame = on instanceof Element ? on.closest('.msg')?.querySelector('.frame.gif') : undefined
      const one = frame ? this.known.get(frame) : undefined
      if (one === hovered) return
      if (hovered) hovered.hovered = false
      if (one) one.hovered = true
      hovered = one
      if (this.play === 'hover') this.plan()
    }
    for (const event of ['pointerover', 'focusin']) this.log.addEventListener(event, ({ target }) => over(target))
    this.log.addEventListener('focusout', ({ relatedTarget }) => relatedTarget && over(relatedTarget))
    this.log.addEventListener('pointerleave', () => over(document.activeElement))
  }
}

function fromMiddle(frame: HTMLElement): number {
  const { top, height } = frame.getBoundingClientRect()
  return Math.abs(top + height / 2 - innerHeight / 2)
}
