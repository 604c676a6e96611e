import { describe, expect, it } from 'vitest'
import { Attention, titled } from '../src/lib/attention'
import { doorSentence, sumUp, type Passage } from '../src/lib/doors'
import { marks } from '../src/lib/marks'
import { Names } from '../src/lib/names'
import { sentence, subject } from '../src/lib/notices'
import { behind, isAfter } from '../src/lib/place'
import { emojiOf, FIRST, reacted } from '../src/lib/reactions'
import { complete, isCommand, isWhisper } from '../src/lib/slash'
import { Texts } from '../src/lib/texts'
import { SHOWN_MS, Typists } from '../src/lib/typists'
import en from '../src/locales/en.json'
import ko from '../src/locales/ko.json'

const korean = new Texts(ko)
const english = new Texts(en)

describe('places', () => {
  it('puts a whisper behind the message it came after, and whispers in their own order', () => {
    const first = { seq: 3, number: 0 }
    const places = [first, { seq: 3, number: 1 }, { seq: 3, number: 4 }, { seq: 4, number: 0 }]
    expect(behind(places, { seq: 3, number: 2 })).toBe(1)
    expect(behind(places, { seq: 3, number: 5 })).toBe(2)
    expect(behind(places, { seq: 4, number: 5 })).toBe(3)
    expect(behind(places, { seq: 5, number: 0 })).toBe(3)
    // The message that it came after is not there yet.
    expect(behind(places, { seq: 9, number: 6 })).toBe(3)
    expect(behind([...places, { seq: 9, number: 6 }], { seq: 9, number: 0 })).toBe(3)
    expect(behind(places, { seq: 2, number: 1 })).toBe(-1)
    expect(isAfter(first, first)).toBe(false)
  })
})

describe('notices', () => {
  const ann = { id: 'a', name: '느긋한 수달', color: '#e8542f' }
  const ben = { id: 'b', name: 'Quiet Heron', color: '#d9c400' }
  const told = (code: string, more: object, texts: Texts) =>
    sentence({ code, chat: '서버의 말', member: ann, ...more }, texts)
      .map(({ text, name }) => (name ? `[${text}]` : text))
      .join('')

  it('are sentences of the reader’s own language', () => {
    expect(told('joined', {}, korean)).toBe('[느긋한 수달] 님이 들어왔어요')
    expect(told('kicked', { whom: ben }, korean)).toBe('[느긋한 수달] 님이 [Quiet Heron] 님을 내보냈어요')
    expect(told('renamed', { value: '옛 이름' }, english)).toBe('[옛 이름] is now called [느긋한 수달]')
    expect(told('slow', { value: '0' }, english)).toBe('[느긋한 수달] turned off slow mode')
    expect(told('slow', { value: '5' }, english)).toBe('[느긋한 수달] turned on slow mode: one message every 5 s')
    expect(told('preset', { value: 'strict' }, korean)).toContain(ko['preset.strict'])
    expect(told('title', { value: '{member}' }, english)).toBe('[느긋한 수달] renamed the room: {member}')
  })

  it('fall back to what the server says', () => {
    expect(told('eclipse', {}, korean)).toBe('서버의 말')
    expect(sentence({ code: 'raid-off', chat: '' }, english).map(({ text }) => text).join('')).toBe(' turned off raid protection')
  })

  it('stand under the colour of whom they are about', () => {
    expect(subject({ code: 'kicked', member: ann, whom: ben })).toBe(ben)
    expect(subject({ code: 'owner-handed', member: ann, whom: ben })).toBe(ann)
    expect(subject({ code: 'joined', member: ann })).toBe(ann)
  })

  it('know every code of the design in both languages', () => {
    const codes =
      'joined left renamed owner-left owner-handed kicked banned unbanned muted unmuted title limit password-set password-removed locked unlocked slow preset raid-on raid-off'
    for (const code of codes.split(' ')) for (const texts of [ko, en]) expect(texts).toHaveProperty([`notice.${code}`])
  })
})

describe('the door', () => {
  const pass = (kind: Passage['kind'], ...names: string[]): Passage[] => names.map((name) => ({ id: name, name, kind }))

  it('sums up who came and who left', () => {
    const sum = sumUp([...pass('join', 'A', 'B', 'C', 'D', 'E'), ...pass('exit', 'X')])
    expect(sum).toEqual({ came: ['E', 'D', 'C', 'B', 'A'], left: ['X'] })
    expect(doorSentence(sum, korean)).toBe('E, D 님 외 3명이 들어왔어요 · X 님이 나갔어요')
    expect(doorSentence(sum, english)).toBe('E, D and 3 more came in · X left')
  })

  it('has not seen who came and left again', () => {
    expect(sumUp([...pass('join', 'A', 'B'), ...pass('exit', 'A')])).toEqual({ came: ['B'], left: [] })
    expect(doorSentence(sumUp([...pass('join', 'A'), ...pass('exit', 'A')]), korean)).toBe('')
    expect(sumUp([...pass('exit', 'A'), ...pass('join', 'A')])).toEqual({ came: [], left: [] })
    expect(sumUp([...pass('join', 'A'), ...pass('exit', 'A'), ...pass('join', 'A')])).toEqual({ came: ['A'], left: [] })
  })
})

describe('reactions', () => {
  it('are set, not toggled: hearing the same twice changes nothing', () => {
    const change = { emoji: '👍', on: true, count: 2 }
    const once = reacted([{ emoji: '🔥', count: 1 }], change, true)
    expect(once).toEqual([{ emoji: '🔥', count: 1 }, { emoji: '👍', count: 2, mine: true }])
    expect(reacted(once, change, true)).toEqual(once)
  })

  it('of others leave it mine, and take none away before the last', () => {
    const mine = [{ emoji: '👍', count: 2, mine: true as const }]
    expect(reacted(mine, { emoji: '👍', on: false, count: 1 }, false)).toEqual([{ emoji: '👍', count: 1, mine: true }])
    expect(reacted(mine, { emoji: '👍', on: false, count: 1 }, true)).toEqual([{ emoji: '👍', count: 1 }])
    expect(reacted(mine, { emoji: '👍', on: false, count: 0 }, true)).toEqual([])
    expect(reacted([], { emoji: '👍', on: false, count: 0 }, false)).toEqual([])
  })

  it('take any single emoji', () => {
    for (const emoji of [...FIRST, '👨‍👩‍👧', '🇰🇷', '👍🏽', '#️⃣']) expect(emojiOf(` ${emoji}`)).toBe(emoji)
    expect(emojiOf('❤')).toBe('❤️')
    for (const text of ['', 'a', '1', '👍👍', '👍a', ':)', '❤️❤️']) expect(emojiOf(text)).toBeUndefined()
  })
})

describe('marks', () => {
  const of = (text: string, ...names: string[]) => marks(text, names).map(({ text, kind }) => (kind === 'text' ? text : `<${kind[0]}:${text}>`)).join('')

  it('find links and the people who are called, the longest name first', () => {
    expect(of('@졸린 고래 2야 https://a.b/@졸린 봐', '졸린 고래', '졸린 고래 2')).toBe('<m:@졸린 고래 2>야 <l:https://a.b/@졸린> 봐')
    expect(of('@quiet heron!', 'Quiet Heron')).toBe('<m:@quiet heron>!')
    expect(of('me@Heron and @Nobody', 'Heron')).toBe('me@Heron and @Nobody')
    expect(of('@a@a @b', 'a')).toBe('<m:@a>@a @b')
    expect(of('')).toBe('')
  })

  it('lose nothing', () => {
    for (const text of ['@', '@@', 'a @x@ http://', '@x', 'x@x @x @']) expect(marks(text, ['x']).map((one) => one.text).join('')).toBe(text)
  })

  it('know people by the names they had', () => {
    const names = new Names()
    names.learn('a', '옛 이름')
    names.learn('a', '새 이름')
    expect(names.of(['a', 'b'])).toEqual(['새 이름', '옛 이름'])
  })
})

describe('typing', () => {
  it('is shown for five seconds, or until it is said', () => {
    const typists = new Typists()
    const who = (member: string) => ({ member, name: member, user: '#000000' })
    typists.heard(who('a'), 0)
    typists.heard(who('b'), 3000)
    typists.heard(who('a'), 3000)
    expect(typists.at(SHOWN_MS).map(({ member }) => member)).toEqual(['a', 'b'])
    typists.done('a')
    expect(typists.at(SHOWN_MS).map(({ member }) => member)).toEqual(['b'])
    expect(typists.at(3000 + SHOWN_MS)).toEqual([])
  })
})

describe('completion', () => {
  const people = [
    { id: 'a', name: '느긋한 수달', color: '#e8542f' },
    { id: 'b', name: '졸린 고래', color: '#2f7de8' },
    { id: 'c', name: '졸린 고래 2', color: '#2f7de9' },
  ]
  const at = (text: string, isOwner = false, texts = korean, caret = text.length) =>
    complete(text, caret, { people, me: 'a', isOwner, texts })
  const offered = (...args: Parameters<typeof at>) => at(...args)?.options.map(({ insert }) => insert)

  it('offers the commands of the reader’s language, an owner’s to owners', () => {
    expect(offered('/')).toEqual(['/귓 ', '/이름 ', '/도움'])
    expect(offered('/', false, english)).toEqual(['/w ', '/nick ', '/help'])
    expect(offered('/w')).toEqual(['/귓 '])
    expect(offered('/강', true)).toEqual(['/강퇴 '])
    expect(offered('/강')).toBeUndefined()
    expect(offered('/help')).toBeUndefined()
    expect(offered('/lock', true)).toBeUndefined()
    expect(offered('//')).toBeUndefined()
    expect(offered('/usr/bin')).toBeUndefined()
    expect(offered('say /')).toBeUndefined()
  })

  it('offers names after a command that takes one, and after an @', () => {
    expect(offered('/w 졸')).toEqual(['졸린 고래 ', '졸린 고래 2 '])
    expect(offered('/귓 졸린 고래 안녕')).toBeUndefined()
    expect(offered('/nick 졸')).toBeUndefined()
    expect(at('어이 @졸린')).toMatchObject({ from: 3, to: 6 })
    expect(offered('어이 @졸린')).toEqual(['@졸린 고래 ', '@졸린 고래 2 '])
    expect(offered('@졸린 고래')).toEqual(['@졸린 고래 2 '])
    expect(offered('a@졸')).toBeUndefined()
    expect(offered('@졸린 뒤', false, korean, 2)).toEqual(['@졸린 고래 ', '@졸린 고래 2 '])
    expect(offered('@느')).toBeUndefined()
  })

  it('knows a command from a text as the server does', () => {
    for (const text of ['/w a b', '/help', '/귓 a', '/x']) expect(isCommand(text)).toBe(true)
    for (const text of ['//x', '/usr/bin', '/', ' /w', 'a /w', '/ w']) expect(isCommand(text)).toBe(false)
    expect([isWhisper('/w a b'), isWhisper('/귓 a b'), isWhisper('/W a b'), isWhisper('/wx a'), isWhisper('/w')]).toEqual([true, true, true, false, false])
  })
})

describe('attention', () => {
  const store = () => {
    const map = new Map<string, string>()
    return { getItem: (key: string) => map.get(key) ?? null, setItem: (key: string, value: string) => void map.set(key, value), removeItem: (key: string) => void map.delete(key) }
  }

  it('asks for nothing until it is asked to, and remembers what was chosen', () => {
    const storage = store()
    const attention = new Attention(() => storage)
    expect(attention.about(true, false)).toEqual({ sound: false, notice: false })
    attention.switchSound()
    attention.setNotify(attention.next())
    const later = new Attention(() => storage)
    expect(later.wishes).toEqual({ sound: true, notify: 'mine' })
    expect(later.about(false, false)).toEqual({ sound: true, notice: false })
    expect(later.about(true, false)).toEqual({ sound: true, notice: true })
    expect(later.about(true, true)).toEqual({ sound: false, notice: false })
    later.setNotify(later.next())
    expect(later.about(false, false).notice).toBe(true)
    expect(later.next()).toBe('off')
  })

  it('counts in the title', () => {
    expect([titled('방', 0), titled('방', 3), titled('방', 100)]).toEqual(['방', '(3) 방', '(99+) 방'])
  })
})
