/** Footage becomes a GIF: preview, trim, speed, size, words; how heavy it will be; and making it. */

import type { Footage } from '../../lib/maker/footage'
import { guess, make, type Wish } from '../../lib/maker/make'
import { EVERY_MS, FASTEST_MS, MOST_BYTES, shapeOf, SIDES, type Shape } from '../../lib/maker/plan'
import { whole } from '../../lib/maker/trim'
import { Unloaded } from '../../lib/maker/unloaded'
import { el, icon } from '../build'
import { toast } from '../dom'
import { texts } from '../page'
import { controls } from './controls'
import { Leader } from './leader'
import type { Done, Kind } from './open'
import { Preview } from './preview'
import type { Shell } from './shell'
import { TrimBar } from './trim-bar'

/** Hands rest for so long before anything is weighed. */
const REST_MS = 350

export interface Given {
  kind: Kind
  done: Done
  /** Nothing moves before it is asked to. */
  flashes?: boolean
  /** Record anew. */
  again?: () => void
}

export function edit(shell: Shell, footage: Footage, { kind, done, again, flashes = false }: Given): void {
  const step = new AbortController()
  const signal = AbortSignal.any([shell.signal, step.signal])
  signal.addEventListener('abort', () => footage.close())
  // What was recorded is nowhere else.
  shell.unsaved = kind === 'camera'
  // The page says what its server takes; a page that does not know leaves it at what every server takes.
  const most = Number(document.querySelector<HTMLElement>('#gif')?.dataset.mostBytes) || MOST_BYTES
  const family = getComputedStyle(document.body).fontFamily
  const moves = (footage.times?.length ?? 2) > 1
  let span = whole(footage.seconds)
  /** The shape that the last guess found light enough. */
  let found: { of: string; shape: Shape } | undefined
  /** Made already, and not taken. */
  let made: { of: string; file: File } | undefined
  let making: AbortController | undefined

  const { element, words, chosen } = controls(kind, moves, () => changed())
  const asked = (): Wish => {
    const { speed, size, caption } = chosen()
    // An animation keeps its own pace.
    const shape = shapeOf(footage.width, footage.height, SIDES[size], kind === 'caption' ? FASTEST_MS : EVERY_MS)
    return { footage, cut: { ...span, speed }, shape, caption, family }
  }
  const key = ({ cut, shape, caption }: Wish) => JSON.stringify([cut, shape, caption])
  const preview = new Preview(asked, (time) => trim.head(time), signal, flashes)
  const trim = new TrimBar(footage, span, {
    move: (now, at) => {
      shell.unsaved = true
      span = now
      preview.hold(at)
      changed()
    },
    rest: () => preview.hold(undefined),
  }, signal)
  const send = el('button', { type: 'button', class: 'amber' }, icon('send'), texts.text('maker.send'))
  const retake = again && el('button', { type: 'button', class: 'plain' }, icon('retry'), texts.text('maker.camera.again'))
  element.addEventListener('input', () => (shell.unsaved = true))
  shell.rests = () => {
    making?.abort()
    preview.rest()
  }
  shell.goesOn = () => {
    preview.goOn()
    send.focus()
  }
  shell.show({ stage: [preview.canvas, preview.button], below: moves ? [trim.element] : [], side: [element], buttons: [retake, send] })

  let resting = 0
  let weighing: AbortController | undefined
  const changed = (): void => {
    preview.refresh()
    clearTimeout(resting)
    weighing?.abort()
    shell.dialog.classList.add('weighing')
    resting = window.setTimeout(() => void weigh(), REST_MS)
  }
  const weigh = async (): Promise<void> => {
    weighing = new AbortController()
    const { signal: mine } = weighing
    const wish = asked()
    const known = await guess(wish, AbortSignal.any([signal, mine]), most).catch(() => undefined)
    if (mine.aborted || signal.aborted) return
    shell.dialog.classList.remove('weighing')
    if (!known) return
    found = { of: key(wish), shape: known.shape }
    const isLess = known.shape.width !== wish.shape.width || known.shape.every !== wish.shape.every
    shell.hint(isLess ? texts.text('maker.guess.less', { most: weightOf(most) }) : '')
    const { width: w, height: h } = known.shape
    shell.say(texts.text('maker.guess', { frames: texts.count('maker.frames', known.frames), s: (known.length / 1000).toFixed(1), w, h, size: weightOf(known.bytes) }))
  }

  const start = async (): Promise<void> => {
    clearTimeout(resting)
    weighing?.abort()
    const wish = asked()
    const of = key(wish)
    if (found?.of === of) wish.shape = found.shape
    const { alt } = chosen()
    const leader = new Leader(shell.stage, true)
    const stop = el('button', { type: 'button', class: 'round on-picture', 'aria-label': texts.text('maker.stop') }, icon('close'))
    const stopped = (making = new AbortController())
    preview.play(false)
    for (const part of [shell.below, shell.side, preview.button]) part.inert = true
    send.setAttribute('aria-busy', 'true')
    shell.complain('')
    shell.say(texts.text('maker.making'), true)
    stop.onclick = () => stopped.abort()
    // Escape stops it first; the next one closes the dialog.
    const escape = (event: Event): void => {
      event.preventDefault()
      stopped.abort()
    }
    shell.dialog.addEventListener('cancel', escape)
    shell.stage.append(stop)
    stop.focus()
    try {
      if (made?.of !== of) {
        const either = AbortSignal.any([signal, stopped.signal])
        const gif = await make(wish, (part) => leader.sweep(part), either, most)
        made = { of, file: new File([gif], 'made.gif', { type: 'image/gif' }) }
        either.throwIfAborted()
      }
      // From here on it is the room's: it can be stopped where it stands there.
      shell.dialog.removeEventListener('cancel', escape)
      send.focus()
      stop.remove()
      shell.unsaved = false
      const wrong = await done(made.file, alt)
      if (signal.aborted) return void (wrong && toast(wrong))
      if (wrong === '') return shell.end()
      shell.unsaved = true
      shell.complain(wrong)
      changed()
    } catch (error) {
      if (signal.aborted) return
      if (!stopped.signal.aborted) shell.complain(texts.text(error instanceof Unloaded ? 'part.failed' : 'maker.failed'))
      changed()
    } finally {
      shell.dialog.removeEventListener('cancel', escape)
      leader.end()
      stop.remove()
      for (const part of [shell.below, shell.side, preview.button]) part.inert = false
      send.removeAttribute('aria-busy')
      if (shell.dialog.open) send.focus()
    }
  }

  send.onclick = () => send.getAttribute('aria-busy') !== 'true' && void start()
  if (retake) {
    retake.onclick = () => {
      shell.unsaved = false
      step.abort()
      again()
    }
  }
  changed()
  if (kind === 'caption') words.focus()
  else send.focus()
}

/** `1.2 MB`, `340 kB`. */
function weightOf(bytes: number): string {
  return bytes < 950_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
