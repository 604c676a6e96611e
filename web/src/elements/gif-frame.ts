/**
 * One GIF of the conversation: its poster while it rests, the GIF itself while it moves, the button for both, and the
 * way to its description. Nothing here changes the height of the frame.
 */

import type { Moving } from '../lib/playback'
import { el, icon } from './build'
import { get } from './dom'
import { texts } from './page'

type State = 'away' | 'still' | 'starting' | 'playing'

/** The widest frame. */
const WIDTH_PX = 280
/** Frames below this height (CSS pixels) have the small disc. */
const LOW_PX = 120
/** The ring goes round in steps of a film frame: 12 in a second. */
const STEP_MS = 1000 / 12
/** A poster that did not come is asked for again after this, then after twice as long, and so on. */
const AGAIN_MS = 2000
const MOST_TRIES = 5

export class GifFrame implements Moving {
  inSight = false
  distance = 0
  asked: 'play' | 'pause' | undefined
  hovered = false
  ended = false
  private state: State = 'away'
  private readonly picture: HTMLImageElement
  /** All that stands on the picture. Of a live region, and not read when it comes: what was said was read already. */
  private readonly controls = el('div', { class: 'controls', 'aria-live': 'off' })
  private alt: HTMLButtonElement | undefined
  private button: HTMLButtonElement | undefined
  private wanted = ''
  private loops = Infinity
  private timer = 0

  /** `panel`: what its description is shown in. `changed`: something here wants to be thought about anew. */
  constructor(
    readonly frame: HTMLElement,
    private readonly panel: HTMLElement,
    private readonly changed: () => void,
  ) {
    this.picture = get(frame, 'img.picture')
    const { color } = frame.dataset
    if (color && !this.picture.complete) this.waitIn(color)
    const missed = () => this.stem && !this.moves && void this.showPoster()
    if (this.picture.complete && this.picture.naturalWidth === 0) missed()
    else this.picture.addEventListener('error', missed, { once: true })
    this.become()
  }

  /** It is what the server tells of it, now or since its upload has ended. */
  become(): void {
    const { gif, duration = '0', alt } = this.frame.dataset
    if (this.alt) this.offer(this.alt, alt)
    if (this.alt && gif && duration !== '0' && !this.button) this.addPlayer(Number(duration))
    if (this.isPreview && this.state !== 'away') this.changed()
  }

  /** It is stored, and what is shown is still the file of who has sent it. */
  private get isPreview(): boolean {
    return this.wanted === '' && this.stem !== '' && this.picture.src.startsWith('blob:')
  }

  get isThere(): boolean {
    return this.frame.isConnected && this.frame.classList.contains('gif')
  }

  get flashes(): boolean {
    return this.frame.dataset.flashes !== undefined
  }

  get moves(): boolean {
    return this.state === 'starting' || this.state === 'playing'
  }

  /** The frame has left the sight: what was pressed to move rests again. */
  leave(): void {
    if (this.asked === 'play') this.asked = undefined
    if (this.state !== 'away') this.rest('away')
  }

  /** Whether it has its buttons. Only what somebody has looked at has them: a long history costs nothing. */
  get isDressed(): boolean {
    return this.alt !== undefined
  }

  /** It is in sight, and scrolling has come to rest. */
  settle(): void {
    if (this.state !== 'away') return
    if (!this.isDressed) this.dress()
    this.enter('still')
    // Something stands there in place of its poster.
    if (this.wanted && this.picture.src.startsWith('blob:')) void this.showPoster()
  }

  private dress(): void {
    this.alt = el('button', { type: 'button', class: 'badge alt' })
    this.alt.popoverTargetElement = this.panel
    this.controls.append(this.alt)
    this.frame.append(this.controls)
    this.become()
  }

  /** Its words, or, of who has just sent it, a gentle question for them. */
  private offer(button: HTMLButtonElement, alt: string | undefined): void {
    const known = alt !== undefined
    button.hidden = !known && !this.frame.closest('.mine.fresh')
    button.classList.toggle('ask', !known)
    button.replaceChildren(...(known ? ['ALT'] : [icon('plus'), texts.text('gif.alt.add')]))
    if (known) button.setAttribute('aria-label', texts.text('gif.alt.show'))
    else button.removeAttribute('aria-label')
  }

  /** Plays what rests, and the other way round. */
  toggle(): void {
    this.asked = this.moves ? 'pause' : 'play'
    this.ended = false
    this.changed()
  }

  /** `loops`: so many rounds, then it rests. */
  async play(loops: number): Promise<void> {
    if (!this.button) return
    const other = loops !== this.loops
    this.loops = loops
    if (this.moves) return other && this.state === 'playing' ? this.count() : undefined
    clearTimeout(this.timer)
    this.enter('starting')
    let here = await this.show(`${this.stem}.webp`)
    // Something else may be wanted by now: then nothing failed.
    if (!here && this.state === 'starting') here = await this.show(`${this.stem}.gif`)
    if (this.state !== 'starting') return
    if (!here) return this.end()
    this.enter('playing')
    this.count()
  }

  stop(): void {
    if (this.moves) this.rest('still')
    else if (this.isPreview) void this.showPoster()
  }

  /** From now on. */
  private count(): void {
    clearTimeout(this.timer)
    if (Number.isFinite(this.loops)) this.timer = window.setTimeout(() => this.end(), this.loops * this.duration)
  }

  private end(): void {
    this.ended = true
    this.asked = undefined
    this.rest('still')
    this.changed()
  }

  private rest(state: State): void {
    const moved = this.moves
    clearTimeout(this.timer)
    this.enter(state)
    if (moved) void this.showPoster()
  }

  /**
   * Where the poster does not come (it may not be made yet), what is there stands still, or its colour: nothing moves that
   * says it rests. The poster is asked for again.
   */
  private async showPoster(tries = 0): Promise<void> {
    const poster = `${this.stem}.poster.webp`
    if ((await this.show(poster)) || this.wanted !== poster || !this.isThere) return
    if (tries === 0) this.standStill()
    clearTimeout(this.timer)
    if (tries < MOST_TRIES) this.timer = window.setTimeout(() => void this.showPoster(tries + 1), AGAIN_MS * 2 ** tries)
  }

  private standStill(): void {
    const { picture, wanted } = this
    const [width, height] = this.size
    const scale = Math.min(1, (2 * WIDTH_PX) / width)
    const canvas = el('canvas')
    canvas.width = Math.max(1, width * scale)
    canvas.height = Math.max(1, height * scale)
    const pen = canvas.getContext('2d')
    if (pen && picture.naturalWidth > 0) pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
    else if (pen) {
      pen.fillStyle = this.frame.dataset.color ?? 'black'
      pen.fillRect(0, 0, canvas.width, canvas.height)
    }
    canvas.toBlob((still) => {
      if (!still || this.wanted !== wanted) return
      const address = URL.createObjectURL(still)
      picture.addEventListener('load', () => URL.revokeObjectURL(address), { once: true })
      picture.src = address
    })
  }

  /** By its attributes: a look at the page would make the browser lay it out now. */
  private get size(): [width: number, height: number] {
    const [width = 1, height = 1] = ['width', 'height'].map((side) => Number(this.picture.getAttribute(side)))
    return [width, height]
  }

  private get duration(): number {
    return Number(this.frame.dataset.duration)
  }

  /** Of its files: `.gif`, `.webp` (the lightest that moves) and `.poster.webp`. */
  private get stem(): string {
    return this.frame.dataset.gif ?? ''
  }

  /** What is there already stays until the other is drawn. Returns whether it is shown. */
  private async show(address: string): Promise<boolean> {
    this.wanted = address
    const next = new Image()
    next.src = address
    try {
      await next.decode()
    } catch {
      return false
    }
    if (this.wanted !== address || !this.isThere) return false
    this.picture.src = address
    return true
  }

  private enter(state: State): void {
    this.state = state
    this.frame.dataset.play = state
    this.button?.setAttribute('aria-label', texts.text(this.moves ? 'gif.pause' : 'gif.play', { time: seconds(this.duration) }))
  }

  private waitIn(color: string): void {
    this.frame.style.setProperty('background-color', color)
    const done = () => this.frame.style.removeProperty('background-color')
    for (const event of ['load', 'error']) this.picture.addEventListener(event, done, { once: true })
  }

  private addPlayer(duration: number): void {
    const { frame } = this
    const [width, height] = this.size
    frame.classList.toggle('low', (WIDTH_PX * height) / width < LOW_PX)
    frame.style.setProperty('--loop', `${duration}ms`)
    frame.style.setProperty('--steps', String(Math.max(2, Math.round(duration / 2 / STEP_MS))))
    const hidden = { 'aria-hidden': 'true' }
    this.button = el(
      'button',
      { type: 'button', class: 'player' },
      el('span', { class: 'disc', ...hidden }, icon('play')),
      el('span', { class: 'badge', ...hidden }, el('i', { class: 'ring' }, el('b'), el('b')), 'GIF'),
    )
    const time = el('span', { class: 'badge time', ...hidden }, seconds(duration))
    if (this.flashes) this.controls.append(el('p', { class: 'warning' }, texts.text('gif.flashes')))
    this.controls.append(this.button, time)
    if (this.state === 'away') return
    this.enter(this.state)
    this.changed()
  }
}

/** `2.1s`, as on a clapperboard. */
function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`
}
