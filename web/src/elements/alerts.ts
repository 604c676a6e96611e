/** Calls the reader back: the count in the page's title, and, if they asked for it, a sound or a notice of the system. */

import { Attention, titled } from '../lib/attention'
import type { ChatMessage, Whisper } from '../lib/wire'
import { toast } from './dom'
import type { MessageLog } from './message-log'
import { isShown } from './placed'
import { texts } from './page'

/** More notices within this time are not sounded. */
const QUIET_MS = 1500

export class Alerts {
  private readonly attention = new Attention()
  private readonly title = document.title
  private quiet = false
  private sounded = 0
  private audio: AudioContext | undefined

  constructor(
    private readonly room: HTMLElement,
    private readonly log: MessageLog,
  ) {
    log.onunseen = (count) => (document.title = titled(this.title, count))
    this.show()
  }

  /** What is told late calls nobody. */
  quietly(act: () => void): void {
    this.quiet = true
    act()
    this.quiet = false
  }

  about(message: ChatMessage | Whisper, me: string): void {
    const item = message.kind === 'whisper' ? this.log.querySelector(`[data-number="${message.number}"]`) : this.log.message(message.seq)
    if (this.quiet || (item && !isShown(item))) return
    const forMe = message.kind === 'whisper' || (message.mentions?.includes(me) ?? false) || (message.reply?.member === me && !message.reply.removed)
    const looking = document.visibilityState === 'visible' && document.hasFocus()
    const { sound, notice } = this.attention.about(forMe, looking)
    if (sound) this.sound()
    if (notice) this.notice(message)
  }

  /** Returns whether this button is one of ours. */
  act(what: string | undefined): boolean {
    if (what === 'sound') {
      this.attention.switchSound()
      if (this.attention.wishes.sound) this.sound()
    } else if (what === 'notify') void this.nextNotify()
    else return false
    this.show()
    return true
  }

  private async nextNotify(): Promise<void> {
    const next = this.attention.next()
    const may = next === 'off' || ('Notification' in window && (await Notification.requestPermission()) === 'granted')
    this.attention.setNotify(may ? next : 'off')
    if (!may) toast(texts.text('attention.denied'))
    this.show()
  }

  private show(): void {
    const { sound, notify } = this.attention.wishes
    const button = this.room.querySelector('[data-act=sound]')
    button?.setAttribute('aria-pressed', String(sound))
    const label = (act: string, text: string) => {
      const place = this.room.querySelector(`[data-act=${act}] .now`)
      if (place) place.textContent = text
    }
    label('sound', texts.text(sound ? 'attention.on' : 'attention.off'))
    label('notify', texts.text(`attention.notify.${notify}`))
  }

  private notice(message: ChatMessage | Whisper): void {
    try {
      const whisper = message.kind === 'whisper'
      const body = whisper ? texts.text('whisper.to-me') : (message.chat ?? message.alt ?? texts.text('room.gif'))
      const notice = new Notification(`${message.name} · ${this.room.dataset.title ?? ''}`, { body, tag: this.room.dataset.room ?? '', icon: '/favicon.svg' })
      notice.onclick = () => {
        window.focus()
        notice.close()
      }
    } catch {
      // Some browsers on phones have the interface and allow nobody to use it.
    }
  }

  /** Two soft notes. */
  private sound(): void {
    const now = Date.now()
    if (now - this.sounded < QUIET_MS) return
    this.sounded = now
    this.audio ??= new AudioContext()
    const { currentTime, destination } = this.audio
    for (const [at, pitch] of [[0, 660], [0.11, 880]] as const) {
      const note = new OscillatorNode(this.audio, { type: 'sine', frequency: pitch })
      const volume = new GainNode(this.audio, { gain: 0 })
      volume.gain.linearRampToValueAtTime(0.06, currentTime + at + 0.02)
      volume.gain.exponentialRampToValueAtTime(0.0001, currentTime + at + 0.3)
      note.connect(volume).connect(destination)
      note.start(currentTime + at)
      note.stop(currentTime + at + 0.32)
    }
  }
}
