import { describe, expect, it } from 'vitest'
import { favourites, isFavourite, MOST_BYTES, MOST_FAVOURITES, MOST_RECENT, recents, starred, unstarred, used, type Kept } from '../src/lib/picker/kept'
import { heightOf, lowest, masonry, step } from '../src/lib/picker/masonry'
import { addresses, gifAt, nameOf, pageOf } from '../src/lib/picker/picture'
import { matches, MOST_TAGS, tagsOf, wordsOf } from '../src/lib/picker/words'

const picture = (gif: string) => ({ gif, width: 4, height: 3 })
const gifs = (list: readonly Kept[] | undefined) => list?.map(({ gif }) => gif)

describe('recent GIFs', () => {
  it('stand with the newest first, each once', () => {
    let list: Kept[] = []
    for (const [at, gif] of ['a', 'b', 'a', 'c'].entries()) list = used(list, picture(gif), at)
    expect(gifs(recents(list))).toEqual(['c', 'a', 'b'])
    expect(favourites(list)).toEqual([])
  })

  it('are bounded: the oldest go, favourites among them stay favourites', () => {
    let list: Kept[] = starred(used([], picture('star'), 0), picture('star'), 0, 10) ?? []
    for (let n = 1; n <= MOST_RECENT + 3; n += 1) list = used(list, picture(`g${n}`), n, 10)
    expect(recents(list)).toHaveLength(MOST_RECENT)
    expect(gifs(recents(list))?.at(-1)).toBe('g4')
    expect(list).toHaveLength(MOST_RECENT + 1)
    expect(favourites(list)).toMatchObject([{ gif: 'star', bytes: 10 }])
  })

  it('keep the bytes of the newest that there is room for, and the names of all', () => {
    const half = MOST_BYTES / 2
    let list: Kept[] = []
    for (const [at, gif] of ['a', 'b', 'c'].entries()) list = used(list, picture(gif), at, half)
    expect(recents(list).map(({ gif, bytes }) => [gif, bytes])).toEqual([['c', half], ['b', half], ['a', 0]])
    // Favourites come before them.
    list = starred(list, picture('d'), 9, MOST_BYTES) ?? []
    expect(recents(list).map(({ bytes }) => bytes)).toEqual([0, 0, 0])
    expect(favourites(list)).toMatchObject([{ gif: 'd', bytes: MOST_BYTES }])
  })

  it('do not lose their words or bytes when they are sent again', () => {
    const first = used([], { ...picture('a'), alt: 'a cat', tags: ['cat'] }, 1, 77)
    expect(used(first, picture('a'), 2)).toEqual([{ ...picture('a'), alt: 'a cat', tags: ['cat'], usedAt: 2, bytes: 77 }])
  })
})

describe('favourites', () => {
  it('are taken out, and forgotten when they were not sent either', () => {
    let list: readonly Kept[] = starred(used([], picture('a'), 1), picture('a'), 2, 1) ?? []
    list = starred(list, picture('b'), 3, 1) ?? []
    expect(gifs(favourites(list))).toEqual(['b', 'a'])
    list = unstarred(unstarred(list, 'a'), 'b')
    expect([isFavourite(list, 'a'), gifs(list), gifs(recents(list))]).toEqual([false, ['a'], ['a']])
  })

  it('are refused when there is no room for one more among them', () => {
    let list: readonly Kept[] = []
    for (let n = 0; n < MOST_FAVOURITES; n += 1) list = starred(list, picture(`g${n}`), n, 1) ?? []
    expect(favourites(list)).toHaveLength(MOST_FAVOURITES)
    expect(starred(list, picture('more'), 999, 1)).toBeUndefined()
    expect(starred(list, picture('g3'), 999, 1)).toBeDefined()
    expect(starred([], picture('large'), 1, MOST_BYTES + 1)).toBeUndefined()
  })
})

describe('the contact sheet', () => {
  const cells = masonry([1, 0.5, 0.5, 1, 1, 0.5], 3)

  it('fills the shortest column, the first of them if several are', () => {
    expect(cells.map(({ column }) => column)).toEqual([0, 1, 2, 1, 2, 0])
    expect(cells.map(({ above, count }) => [above, count])).toEqual([[0, 0], [0, 0], [0, 0], [0.5, 1], [0.5, 1], [1, 1]])
    expect(lowest(cells)).toBe(cells[3])
    expect(lowest([])).toBeUndefined()
  })

  it('moves nothing when more comes', () => {
    expect(masonry([1, 0.5, 0.5, 1, 1, 0.5, 2, 0.4], 3).slice(0, cells.length)).toEqual(cells)
  })

  it('is walked with the arrow keys: up and down in a column, aside to what stands beside', () => {
    const to = (at: number, key: string) => step(cells, at, key)
    expect([to(0, 'ArrowDown'), to(5, 'ArrowUp'), to(0, 'ArrowUp'), to(5, 'ArrowDown')]).toEqual([5, 0, 'out', undefined])
    expect([to(0, 'ArrowRight'), to(5, 'ArrowRight'), to(1, 'ArrowRight'), to(4, 'ArrowRight')]).toEqual([1, 3, 2, undefined])
    expect([to(3, 'ArrowLeft'), to(1, 'ArrowLeft'), to(4, 'ArrowLeft'), to(0, 'ArrowLeft')]).toEqual([5, 0, 3, undefined])
    expect([to(3, 'Home'), to(0, 'End'), to(0, 'Enter'), to(99, 'ArrowUp')]).toEqual([0, 5, undefined, undefined])
  })

  it('reaches every picture with the arrow keys', () => {
    const heights = Array.from({ length: 40 }, (_, n) => 0.4 + ((n * 7) % 11) / 8)
    const many = masonry(heights, 3)
    const seen = new Set([0])
    for (const at of seen) {
      for (const key of ['ArrowDown', 'ArrowRight', 'ArrowLeft', 'ArrowUp']) {
        const next = step(many, at, key)
        if (typeof next === 'number') seen.add(next)
      }
    }
    expect(seen.size).toBe(heights.length)
  })

  it('keeps real proportions, but for the extremes', () => {
    expect([heightOf({ width: 100, height: 75 }), heightOf({ width: 1, height: 500 }), heightOf({ width: 500, height: 1 })]).toEqual([0.75, 2, 0.32])
  })
})

describe('pictures of the library', () => {
  const entry = { id: 'ab', gif: `${'0a'.repeat(32)}.gif`, width: 4, height: 3, color: '#112233', duration: 80, tags: ['cat', 7], alt: { ko: '고양이', en: 'a cat' }, uses: 3 }

  it('are told in the language of the reader, or in the other', () => {
    const alt = (one: object, lang: string) => pageOf({ entries: [{ ...entry, ...one }] }, lang).pictures[0]?.alt
    expect([alt({}, 'ko'), alt({}, 'en'), alt({ alt: { en: 'a cat' } }, 'ko'), alt({ alt: {} }, 'ko')]).toEqual(['고양이', 'a cat', 'a cat', undefined])
  })

  it('are taken only as far as they make sense', () => {
    const wrong = [null, 7, { ...entry, gif: '../x.gif' }, { ...entry, gif: 'javascript:x' }, { ...entry, width: 0 }, { ...entry, height: '3' }]
    const page = pageOf({ entries: [...wrong, { ...entry, color: 'red', flashes: 'yes' }], next: 'n' }, 'en')
    expect(page).toEqual({ pictures: [{ gif: entry.gif, width: 4, height: 3, tags: ['cat'], alt: 'a cat', library: 'ab' }], next: 'n' })
    expect([pageOf(undefined, 'ko'), pageOf({ entries: {}, next: 3 }, 'ko')]).toEqual([{ pictures: [] }, { pictures: [] }])
  })

  it('are called by the best words there are', () => {
    expect([nameOf({ ...picture('a'), alt: 'x', title: 'y' }), nameOf({ ...picture('a'), title: 'y' }), nameOf({ ...picture('a'), tags: ['p', 'q'] }), nameOf(picture('a'))]).toEqual(['x', 'y', 'p, q', ''])
  })

  it('have their addresses', () => {
    const hash = 'c0ffee'.repeat(5)
    const all = addresses(`${hash}.gif`)
    expect(all).toEqual({ gif: `/gif/${hash}.gif`, moving: `/gif/${hash}.webp`, poster: `/gif/${hash}.poster.webp` })
    for (const one of Object.values(all)) expect(gifAt(`http://x${one}`)).toBe(`${hash}.gif`)
    expect([gifAt('blob:http://x/7'), gifAt('/gif/x.gif')]).toEqual([undefined, undefined])
  })
})

describe('words', () => {
  const cat = { ...picture('a'), title: 'Sleepy CAT', tags: ['고양이', 'yawn'], alt: '하품하는 검은 고양이' }

  it('find what begins with each of them', () => {
    for (const query of ['', 'cat', 'SLEE ca', '고양', '하품 cat', 'ｃａｔ', '  yawn! ']) expect(matches(cat, query), query).toBe(true)
    for (const query of ['dog', 'at', 'cat dog', '양이']) expect(matches(cat, query), query).toBe(false)
    expect(wordsOf('한글_카드 #1, déjà-vu')).toEqual(['한글', '카드', '1', 'déjà', 'vu'])
    // Syllables that came in parts are whole.
    expect(matches(cat, '고양이'.normalize('NFD'))).toBe(true)
  })

  it('become tags, however they are divided', () => {
    expect(tagsOf(' 고양이, Cat  #하품,cat、dog ')).toEqual(['고양이', 'cat', '하품', 'dog'])
    expect(tagsOf(Array.from({ length: 40 }, (_, n) => `t${n}`).join(' '))).toHaveLength(MOST_TAGS)
    expect(tagsOf(' , # ')).toEqual([])
  })
})
