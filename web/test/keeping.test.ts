import { describe, expect, it } from 'vitest'
import { isChallenge, likelihood } from '../src/lib/challenge'
import { excerpt, MOST_SHOWN } from '../src/lib/excerpt'
import { Hidden, MOST_HIDDEN } from '../src/lib/hidden'
import { Hush } from '../src/lib/hush'
import { nextItem } from '../src/lib/menu-keys'
import { remaining, span } from '../src/lib/remaining'
import { stateOf, told } from '../src/lib/room-state'
import { Roster, shapes } from '../src/lib/roster'
import { isShutOut } from '../src/lib/shut-out'
import { Texts } from '../src/lib/texts'
import { solve, zeros } from '../src/lib/work'
import en from '../src/locales/en.json'
import ko from '../src/locales/ko.json'

const one = (id: string, color = '#112233') => ({ id, name: `n-${id}`, color })
const ids = (roster: Roster) => roster.people.map(({ id }) => id)

describe('roster', () => {
  const full = () => {
    const roster = new Roster('me')
    roster.all([{ ...one('o'), owner: true }, one('a'), one('me'), one('b')])
    return roster
  }

  it('shows the owner first, then the reader, then the others by arrival', () => {
    const roster = full()
    expect(ids(roster)).toEqual(['o', 'me', 'a', 'b'])
    roster.heard('join', { member: one('c') })
    roster.heard('exit', { member: one('a') })
    expect(ids(roster)).toEqual(['o', 'me', 'b', 'c'])
  })

  it('keeps the place of who comes in from another page too', () => {
    const roster = full()
    roster.heard('join', { member: { ...one('a'), name: 'new' } })
    expect(ids(roster)).toEqual(['o', 'me', 'a', 'b'])
    expect(roster.find('a')?.name).toBe('new')
  })

  it('has exactly one owner after a takeover and after a hand-over', () => {
    const roster = full()
    roster.heard('owner', { code: 'owner-handed', member: one('o'), whom: one('b') })
    expect(roster.people.filter(({ owner }) => owner).map(({ id }) => id)).toEqual(['b'])
    roster.heard('owner', { code: 'owner-left', member: one('me'), whom: one('b') })
    expect([roster.owner, roster.isMine]).toEqual(['me', true])
    expect(ids(roster)).toEqual(['me', 'o', 'a', 'b'])
  })

  it('lets go of who was sent out, and not of who did it', () => {
    const roster = full()
    roster.heard('kick', { member: one('o'), whom: one('a') })
    roster.heard('ban', { member: one('o'), whom: one('b') })
    expect(ids(roster)).toEqual(['o', 'me'])
    expect(roster.heard('ban', { member: one('o'), whom: one('gone') })).toBe(false)
  })

  it('marks away and muted, and takes it back', () => {
    const roster = full()
    roster.heard('away', { member: 'a', away: true })
    roster.heard('mute', { member: one('o'), whom: one('a') })
    expect(roster.find('a')).toEqual({ ...one('a'), away: true, muted: true })
    roster.heard('away', { member: 'a', away: false })
    roster.heard('unmute', { member: one('o'), whom: one('a') })
    expect(roster.find('a')).toEqual(one('a'))
    expect(roster.heard('settings', { member: one('o') })).toBe(false)
  })

  it('gives people of one colour different shapes', () => {
    const shape = shapes([one('a', '#1'), one('b', '#2'), one('c', '#1'), one('d', '#1')])
    expect([...shape.values()]).toEqual([0, 0, 1, 2])
  })
})

describe('hidden', () => {
  const memory = () => {
    const kept = new Map<string, string>()
    const box = { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) }
    return () => box
  }

  it('is kept for the room, and bounded', () => {
    const storage = memory()
    const hidden = new Hidden('r', storage)
    for (let n = 0; n < MOST_HIDDEN + 5; n += 1) hidden.set(`m${n}`, true)
    hidden.set('m9', false)
    const again = new Hidden('r', storage)
    expect([again.has('m0'), again.has('m9'), again.has('m10'), again.ids.length]).toEqual([false, false, true, MOST_HIDDEN - 1])
    expect(new Hidden('other', storage).ids).toEqual([])
  })
})

describe('room state', () => {
  const state = stateOf({ title: 'T', max: 4 })

  it('follows every notice about the settings', () => {
    const codes = [['title', 'U'], ['limit', '9'], ['password-set'], ['locked'], ['slow', '30'], ['preset', 'strict'], ['raid-on']] as const
    const after = codes.reduce((now, [code, value]) => told(now, { code, ...(value && { value }) }), state)
    expect(after).toEqual({ title: 'U', max: 9, password: true, locked: true, slow: 30, preset: 'strict', raid: true })
    const back = [['password-removed'], ['unlocked'], ['slow', '0'], ['raid-off']] as const
    expect(back.reduce((now, [code, value]) => told(now, { code, ...(value && { value }) }), after)).toMatchObject({ password: false, locked: false, slow: 0, raid: false })
  })

  it('is the same when a notice is about something else or makes no sense', () => {
    for (const [code, value] of [['joined'], ['limit', '1'], ['slow', '-3'], ['slow', '9999'], ['preset', 'wild'], ['title', '']] as const) {
      expect(told(state, { code, ...(value !== undefined && { value }) })).toBe(state)
    }
  })
})

describe('hush', () => {
  it('tells what lasts longest, and ends by itself', () => {
    const hush = new Hush()
    hush.hold('slow-mode', 5, 0)
    hush.hold('muted', 60, 0)
    hush.hold('muted', 10, 0)
    expect(hush.now(1000)).toEqual({ why: 'muted', until: 60_000 })
    hush.lift('muted')
    expect(hush.now(1000)).toEqual({ why: 'slow-mode', until: 5000 })
    expect(hush.now(5000)).toBeUndefined()
  })

  it('learns from a refusal', () => {
    const hush = new Hush()
    expect(hush.refused({ code: 'too-often', retryAfter: 3 }, 0)).toBe(false)
    expect(hush.refused({ code: 'newcomer', retryAfter: 3 }, 0)).toBe(true)
    expect(hush.now(0)).toEqual({ why: 'newcomer', until: 3000 })
  })

  it('knows what turns the page into another', () => {
    expect(['kicked', 'banned', 'room-locked', 'room-full', 'muted'].map(isShutOut)).toEqual([true, true, true, false, false])
  })
})

describe('proof of work', () => {
  const salt = '00112233445566778899aabbccddeeff'

  it('finds a nonce that anybody can check', async () => {
    const heard: number[] = []
    const { nonce } = solve({ salt, bits: 13 }, (tries) => heard.push(tries))
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${salt}:${nonce}`))
    expect(new DataView(hash).getUint16(0) >> 3).toBe(0)
    expect(heard.every((tries, at) => tries === (at + 1) * 4096)).toBe(true)
  })

  it('counts zero bits', () => {
    expect([zeros(new Uint8Array([0x80])), zeros(new Uint8Array([0, 0x1f])), zeros(new Uint8Array([0, 0]))]).toEqual([0, 11, 16])
  })

  it('takes up only what it can do', () => {
    expect(isChallenge({ salt, bits: 18 })).toBe(true)
    for (const wrong of [undefined, {}, { salt: 'x', bits: 1 }, { salt, bits: 60 }, { salt, bits: 1.5 }]) expect(isChallenge(wrong)).toBe(false)
  })

  it('shows how likely it is to be done', () => {
    expect(likelihood(0, 18)).toBe(0)
    expect(likelihood(2 ** 18, 18)).toBeCloseTo(0.632, 3)
    expect(likelihood(2 ** 22, 18)).toBeGreaterThan(0.99)
  })
})

describe('menu keys', () => {
  const labels = ['Whisper', 'Mention', 'Hide', 'Mute']
  it('go round, jump to the ends and to letters', () => {
    const to = (key: string, at: number) => nextItem(key, at, labels)
    expect([to('ArrowDown', 0), to('ArrowDown', 3), to('ArrowUp', 0), to('ArrowUp', -1), to('Home', 2), to('End', 0)]).toEqual([1, 0, 3, 3, 0, 3])
    expect([to('m', 0), to('m', 1), to('M', 3), to('x', 0), to(' ', 0), to('Enter', 0)]).toEqual([1, 3, 1, undefined, undefined, undefined])
  })
})

describe('times that remain', () => {
  it('read like speech in both languages', () => {
    const said = (texts: Texts) => [1, 45, 600, 754, 3600, 7325].map((s) => span(texts, s))
    expect(said(new Texts(ko))).toEqual(['1초', '45초', '10분', '12분 34초', '1시간', '2시간 2분'])
    expect(said(new Texts(en))).toEqual(['1 second', '45 seconds', '10 minutes', '12 minutes 34 seconds', '1 hour', '2 hours 2 minutes'])
    expect(remaining(new Texts(ko), 1000, 5000)).toBe('1초')
  })
})

describe('excerpt', () => {
  const said = (text: string, query: string) => excerpt(text, query).map(({ text: part, hit }) => (hit ? `[${part}]` : part)).join('')

  it('marks every word, whatever its case, and takes signs as they are', () => {
    expect(said('Noodles or noodle soup?', 'NOODLE soup')).toBe('[Noodle]s or [noodle] [soup]?')
    expect(said('a+b (c)', '(c')).toBe('a+b [(c])')
    expect(said('오늘 떡볶이 어때', '떡볶')).toBe('오늘 [떡볶]이 어때')
  })

  it('shows the part around the first hit of a long text, whole characters only', () => {
    const long = `${'가'.repeat(300)} 찾는 말 ${'나'.repeat(300)}`
    const shown = said(long, '찾는')
    expect(shown).toContain('[찾는]')
    expect([shown.startsWith('…'), shown.endsWith('…')]).toEqual([true, true])
    expect(shown.length).toBeLessThanOrEqual(MOST_SHOWN + 4)
    const faces = `${'😀'.repeat(100)}end`
    expect(said(faces, 'end')).not.toMatch(/(^|…)[\udc00-\udfff]/)
    expect(said('short', 'absent')).toBe('short')
  })
})
