import { describe, expect, it } from 'vitest'
import { EnterKey } from '../src/lib/enter-key'
import { pieces } from '../src/lib/links'
import { isColor, length, seats, shape } from '../src/lib/looks'
import { Texts } from '../src/lib/texts'
import { MOST_EARLY, Timeline, continues } from '../src/lib/timeline'
import { messageOf, problemOf } from '../src/lib/wire'
import en from '../src/locales/en.json'
import ko from '../src/locales/ko.json'

const m = (seq: number) => ({ seq })

describe('timeline', () => {
  it('takes each message once and in order, by whichever way it comes', () => {
    const timeline = new Timeline<{ seq: number }>(1, 4)
    expect(timeline.offer(m(4))).toEqual([])
    expect(timeline.offer(m(6))).toEqual([])
    expect(timeline.hasGap).toBe(true)
    expect(timeline.offer(m(5))).toEqual([m(5), m(6)])
    expect(timeline.offer(m(6))).toEqual([])
    expect([timeline.hasGap, timeline.high]).toEqual([false, 6])
  })

  it('loads older messages without doubles and can forget them again', () => {
    const timeline = new Timeline<{ seq: number }>(10, 12)
    expect(timeline.older([m(8), m(9)], 10)).toBe(true)
    expect(timeline.older([m(8), m(9)], 10)).toBe(false)
    expect(timeline.oldest).toBe(8)
    timeline.forget(11)
    expect(timeline.older([m(9), m(10)], 11)).toBe(true)
    expect(timeline.oldest).toBe(9)
    expect(timeline.older([], 9)).toBe(true)
    expect(timeline.oldest).toBe(9)
  })

  it('takes pages without the numbers of what changed other messages, and with whispers', () => {
    const timeline = new Timeline<{ seq: number }>(10, 12)
    expect(timeline.older([{ number: 3, after: 5 }, m(6), m(7)], 10)).toBe(true)
    expect(timeline.oldest).toBe(6)
    expect(timeline.older([{ number: 1, after: 0 }], 6)).toBe(true)
    expect(timeline.oldest).toBe(6)
    timeline.reset([{ number: 4, after: 19 }, m(20)], 23)
    expect([timeline.oldest, timeline.high, timeline.hasGap]).toEqual([20, 23, false])
    timeline.reset([{ number: 4, after: 19 }], 19)
    expect(timeline.oldest).toBe(20)
  })

  it('counts what it does not know', () => {
    const timeline = new Timeline<{ seq: number; kind?: string }>(1, 1)
    const unknown = { seq: 2, kind: 'confetti' }
    expect(timeline.offer(m(3))).toEqual([])
    expect(timeline.offer(unknown)).toEqual([unknown, m(3)])
    expect(timeline.hasGap).toBe(false)
    expect(timeline.offer(unknown)).toEqual([])
  })

  it('leaves no hole when older messages come after the page has changed', () => {
    const anew = new Timeline<{ seq: number }>(10, 12)
    anew.reset([m(90), m(91)], 91)
    expect(anew.older([m(8), m(9)], 10)).toBe(false)
    expect(anew.older([], 10)).toBe(false)
    const cut = new Timeline<{ seq: number }>(10, 12)
    cut.forget(11)
    expect(cut.older([m(8), m(9)], 10)).toBe(false)
    expect([anew.oldest, cut.oldest]).toEqual([90, 11])
    expect(cut.older([m(10)], 11)).toBe(true)
    expect(cut.older([m(9)], 11)).toBe(false)
  })

  it('closes a gap also when no more early messages are kept', () => {
    const timeline = new Timeline<{ seq: number }>(1, 0)
    for (let seq = 2; seq < 2 * MOST_EARLY; seq += 1) expect(timeline.offer(m(seq))).toEqual([])
    expect(timeline.offer(m(1))).toHaveLength(1 + MOST_EARLY)
    expect(timeline.high).toBe(1 + MOST_EARLY)
    // Those that were not kept are missing still.
    expect(timeline.hasGap).toBe(true)
    for (let seq = 2; seq < 2 * MOST_EARLY; seq += 1) timeline.offer(m(seq))
    expect([timeline.high, timeline.hasGap]).toEqual([2 * MOST_EARLY - 1, false])
  })

  it('starts anew after too long an absence', () => {
    const timeline = new Timeline<{ seq: number }>(1, 3)
    timeline.offer(m(9))
    timeline.reset([m(20), m(21)], 21)
    expect([timeline.oldest, timeline.high, timeline.hasGap]).toEqual([20, 21, false])
    expect(timeline.offer(m(22))).toEqual([m(22)])
    // Another epoch may be further back.
    timeline.offer(m(50))
    timeline.reset([m(2)], 2)
    expect(timeline.hasGap).toBe(false)
  })

  it('groups what one person says within three minutes', () => {
    const said = (member: string, minute: number) => ({ member, at: minute * 60_000 })
    expect(continues(said('a', 0), said('a', 2.9))).toBe(true)
    expect(continues(said('a', 0), said('a', 3))).toBe(false)
    expect(continues(said('a', 0), said('b', 1))).toBe(false)
  })
})

describe('enter', () => {
  const enter = { key: 'Enter', keyCode: 13, shiftKey: false, isComposing: false }
  const composing = { ...enter, keyCode: 229, isComposing: true }

  it('sends, and breaks the line with Shift or on touch', () => {
    expect(new EnterKey(false).keydown(enter)).toBe('send')
    expect(new EnterKey(false).keydown({ ...enter, shiftKey: true })).toBe('default')
    expect(new EnterKey(true).keydown(enter)).toBe('default')
  })

  it('sends once after a Hangul composition (Chromium, Firefox)', () => {
    const key = new EnterKey(false)
    key.compose('녕')
    expect(key.keydown(composing)).toBe('later')
    expect(key.composeEnd('녕')).toBe(true)
    key.keyup(enter)
    expect(key.keydown(enter)).toBe('send')
  })

  it('ignores the second keydown of the same press (Chromium on macOS)', () => {
    const key = new EnterKey(false)
    key.compose('녕')
    key.keydown(composing)
    expect(key.composeEnd('녕')).toBe(true)
    expect(key.keydown(enter)).toBe('nothing')
    key.keyup(enter)
    expect(key.keydown(enter)).toBe('send')
  })

  it('sends once where the composition ends first (Safari)', () => {
    const key = new EnterKey(false)
    key.compose('녕')
    expect(key.composeEnd('녕')).toBe(false)
    expect(key.keydown({ ...enter, keyCode: 229 })).toBe('send')
    expect(key.keydown({ ...enter, keyCode: 229 })).toBe('nothing')
  })

  it('leaves the Enter that confirms a Japanese conversion alone', () => {
    const key = new EnterKey(false)
    key.compose('日本')
    expect(key.keydown(composing)).toBe('default')
    expect(key.composeEnd('日本')).toBe(false)
    expect(key.keydown({ ...enter, keyCode: 229 })).toBe('default')
    key.keyup(enter)
    expect(key.keydown(enter)).toBe('send')
  })

  it('does not send a syllable that ends by another key', () => {
    const key = new EnterKey(false)
    key.compose('녕')
    key.keydown(composing)
    key.keydown({ key: ' ', keyCode: 32, shiftKey: false, isComposing: false })
    expect(key.composeEnd('녕')).toBe(false)
  })
})

describe('looks', () => {
  it('finds links and loses nothing', () => {
    const links = (text: string) => pieces(text).filter((piece) => piece.link).map((piece) => piece.text)
    for (const text of ['보세요 https://a.example/b?c=d. 끝', 'http://', 'xhttp://a', 'httphttp://x', '']) {
      expect(pieces(text).map((piece) => piece.text).join('')).toBe(text)
    }
    expect(links('(http://b) https://é/방, javascript:http')).toEqual(['http://b', 'https://é/방'])
    expect(links('http:// xhttp://a https')).toEqual([])
  })

  it('draws seats and pictures as the server does', () => {
    expect(seats(2, 3)).toEqual(['owner', 'on', 'off'])
    expect(seats(7, 20).filter((seat) => seat !== 'off')).toHaveLength(6)
    expect(seats(9, 2)).toHaveLength(2)
    expect([shape(498, 280), shape(300, 300), shape(200, 400)]).toEqual(['wide', 'square', 'tall'])
    expect([isColor('#e8542f'), isColor('red;}'), length('😀가')]).toEqual([true, false, 2])
  })
})

describe('texts', () => {
  const places = (text: string) => [...text.matchAll(/\{([a-z]+)\}/g)].map((match) => match[1]).sort()

  it('has one key set in both languages, with the same places', () => {
    expect(Object.keys(en)).toEqual(Object.keys(ko))
    for (const [key, text] of Object.entries(ko)) {
      expect(places((en as Record<string, string>)[key] ?? ''), key).toEqual(places(text))
    }
  })

  it('speaks of ages, counts and days', () => {
    const texts = new Texts(ko)
    expect([0, 720, 3600, 7440, 86_400].map((s) => texts.age(0, s * 1000))).toEqual([
      '방금',
      '12분째',
      '1시간째',
      '2시간 4분째',
      '1일째',
    ])
    expect(new Texts(en).count('lobby.count.people', 1)).toBe('1 person')
    expect(texts.day(new Date(2026, 10, 21))).toBe('11월 21일 토요일')
    expect(texts.text('form.seats.strip', { n: '{n}' })).toBe('나 + 빈자리 {n}')
  })

  it('reads a message, and nothing else as one', () => {
    const message = { _id: 'a', seq: 3 }
    expect(messageOf(message)).toBe(message)
    for (const odd of [null, undefined, '<html>', [], {}, { _id: 'a' }, { seq: 3 }, { _id: 'a', seq: '3' }]) {
      expect(messageOf(odd)).toBeUndefined()
    }
  })

  it('reads problems of either form', () => {
    expect(problemOf({ type: '/problems/room-full', title: 't', detail: 'd' }, 403).code).toBe('room-full')
    expect(problemOf('<html>', 502)).toEqual({ code: '', title: '', detail: '', status: 502 })
  })
})
