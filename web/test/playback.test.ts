import { describe, expect, it } from 'vitest'
import { playing, usual, Wishes, type Moving, type Rule } from '../src/lib/playback'

const calm = { reducedMotion: false, savesData: false, lowBattery: false }
const rule: Rule = { play: 'always', most: 3, looking: true, allPaused: false }

interface Named extends Moving {
  name: string
}

function gif(name: string, more: Partial<Moving> = {}): Named {
  return { name, inSight: true, distance: 0, flashes: false, asked: undefined, hovered: false, ended: false, ...more }
}

function names(gifs: Named[], more: Partial<Rule> = {}): string {
  return [...playing(gifs, { ...rule, ...more })].map(({ name }) => name).join('')
}

function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) }
}

describe('what moves', () => {
  it('is in sight, in a tab that can be seen', () => {
    expect(names([gif('a'), gif('b', { inSight: false })])).toBe('a')
    expect(names([gif('a', { asked: 'play' })], { looking: false })).toBe('')
    expect(names([gif('a', { inSight: false, asked: 'play' })])).toBe('')
  })

  it('is nearest to the middle, and never more than so many', () => {
    expect(names([gif('a', { distance: 400 }), gif('b', { distance: 10 }), gif('c', { distance: 90 }), gif('d', { distance: 200 })])).toBe('bcd')
  })

  it('is what the reader pressed before all others', () => {
    expect(names([gif('a'), gif('b', { distance: 900, asked: 'play' }), gif('c')], { most: 1 })).toBe('b')
    expect(names([gif('a', { asked: 'pause' }), gif('b')])).toBe('b')
  })

  it('is only what is pressed, or under the pointer, when the reader wants that', () => {
    const gifs = [gif('a'), gif('b', { hovered: true }), gif('c', { asked: 'play' })]
    expect(names(gifs, { play: 'tap' })).toBe('c')
    expect(names(gifs, { play: 'hover' })).toBe('cb')
    expect(names(gifs, { allPaused: true })).toBe('c')
  })

  it('is never what flashes, unless it is pressed', () => {
    expect(names([gif('a', { flashes: true, hovered: true })])).toBe('')
    expect(names([gif('a', { flashes: true, hovered: true })], { play: 'hover' })).toBe('')
    expect(names([gif('a', { flashes: true, asked: 'play' })])).toBe('a')
  })

  it('rests after its last round, until it is pressed', () => {
    expect(names([gif('a', { ended: true }), gif('b', { ended: true, asked: 'play' })])).toBe('b')
  })
})

describe('the wish', () => {
  it('is calm where motion, data or the battery call for it', () => {
    expect(usual(calm)).toBe('always')
    for (const key of ['reducedMotion', 'savesData', 'lowBattery'] as const) expect(usual({ ...calm, [key]: true })).toBe('tap')
  })

  it('is the reader’s own where they have one, on this device', () => {
    const kept = storage()
    const wishes = new Wishes(() => kept)
    expect([wishes.play(calm), wishes.endless]).toEqual(['always', true])
    wishes.next('always', true)
    expect(wishes.play(calm)).toBe('hover')
    wishes.next('hover', true)
    wishes.next('tap', true)
    expect(new Wishes(() => kept).play({ ...calm, reducedMotion: true })).toBe('always')
    wishes.next('always', false)
    expect(wishes.play(calm)).toBe('tap')
    wishes.switchLoops()
    expect(new Wishes(() => kept).endless).toBe(false)
    wishes.switchLoops()
    expect(wishes.endless).toBe(true)
  })

  it('survives a device that keeps nothing', () => {
    const wishes = new Wishes(() => {
      throw new Error('forbidden')
    })
    wishes.next('always', true)
    expect(wishes.play(calm)).toBe('hover')
  })
})
