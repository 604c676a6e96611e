/**
 * What Enter means in the composer. While a Hangul syllable is being composed, Enter sends once, right after the
 * composition ends, and no second Enter is needed. An Enter that confirms a Japanese or Chinese conversion does not send.
 *
 * Browsers differ. Chromium and Firefox: keydown (composing), compositionend, and on macOS a second keydown (not
 * composing) of the same press. Safari: compositionend first, then keydown with the key code 229.
 */

export interface Key {
  key: string
  keyCode: number
  shiftKey: boolean
  isComposing: boolean
}

/** `send` now, `later` (after the composition), swallow it (`nothing`), or leave it to the browser (`default`). */
export type Answer = 'send' | 'later' | 'nothing' | 'default'

const PROCESSED_BY_IME = 229
const HANGUL = /^[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]+$/

export class EnterKey {
  private composed = ''
  private waiting = false
  /** This press has had its answer: its further keydowns mean nothing. */
  private spent = false

  /** `touch`: Enter breaks the line, the button sends. */
  constructor(public touch: boolean) {}

  /** compositionstart and compositionupdate. */
  compose(data: string): void {
    this.composed = data
  }

  keydown(key: Key): Answer {
    if (key.key !== 'Enter' && key.keyCode !== 13) {
      if (key.keyCode !== PROCESSED_BY_IME) this.waiting = false
      this.release()
      return 'default'
    }
    if (this.touch || key.shiftKey) return 'default'
    if (this.spent) return 'nothing'
    const hangul = HANGUL.test(this.composed)
    if (key.isComposing) {
      this.waiting = hangul
      return hangul ? 'later' : 'default'
    }
    if (key.keyCode === PROCESSED_BY_IME && !hangul) return 'default'
    this.spent = true
    return 'send'
  }

  /** compositionend: whether to send now. */
  composeEnd(data: string): boolean {
    // Safari's keydown follows and asks what was composed.
    this.composed = data || this.composed
    const send = this.waiting
    this.waiting = false
    if (send) this.spent = true
    return send
  }

  keyup(key: Pick<Key, 'key' | 'keyCode'>): void {
    if (key.key === 'Enter' || key.keyCode === 13) this.release()
  }

  /** This press was for something else: what else comes of it means nothing. */
  spend(): void {
    this.spent = true
  }

  /** The press is over, also when its keyup went elsewhere. */
  release(): void {
    this.spent = false
  }
}
