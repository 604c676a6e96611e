import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CatchUp, SETTLE_MS } from '../src/lib/catch-up'
import { Retries, joinDelay, retryDelay } from '../src/lib/retries'
import { PATIENCE_MS, Session } from '../src/lib/session'
import { ASLEEP_MS, Sleep } from '../src/lib/sleep'

const missed = (epoch: number, seq: number) => ({ epoch, seq, recovered: true })
const anew = (epoch: number, seq: number) => ({ epoch, seq, recovered: false })

describe('session', () => {
  it('holds back what it hears until the answer to join', () => {
    const session = new Session<string>({ epoch: 1, seq: 5 }, 0)
    const { attempt, since } = session.join()
    expect(since).toEqual({ epoch: 1, seq: 5, whispers: 0 })
    expect(session.hear('early')).toBe(false)
    expect(session.joined(attempt, missed(1, 7))).toEqual(['early'])
    expect(session.hear('live')).toBe(true)
    session.reached(9)
    expect(session.join().since).toEqual({ epoch: 1, seq: 9, whispers: 0 })
  })

  it('does not take the answer to an earlier join', () => {
    const session = new Session<string>({ epoch: 1, seq: 0 }, 0)
    const first = session.join().attempt
    session.lost(0)
    const second = session.join().attempt
    expect([session.isJoining(first), session.isJoining(second)]).toEqual([false, true])
    expect(session.joined(first, missed(1, 3))).toBeUndefined()
    expect(session.joined(second, anew(2, 3))).toEqual([])
    expect(session.isJoining(second)).toBe(false)
  })

  it('resumes a page without messages', () => {
    const session = new Session<string>({ epoch: 1, seq: 0 }, 0)
    expect(session.join().since).toEqual({ epoch: 1, seq: 0, whispers: 0 })
  })

  it('has only what has reached the page', () => {
    const session = new Session<string>({ epoch: 1, seq: 5 }, 0)
    session.joined(session.join().attempt, missed(1, 8))
    session.reached(6)
    expect(session.isBehind).toBe(true)
    expect(session.join().since).toEqual({ epoch: 1, seq: 6, whispers: 0 })
  })

  it('starts anew where the server says, also further back', () => {
    const session = new Session<string>({ epoch: 1, seq: 50 }, 0)
    session.joined(session.join().attempt, anew(2, 3))
    expect(session.isBehind).toBe(false)
    expect(session.join().since).toEqual({ epoch: 2, seq: 3, whispers: 0 })
    expect(session.join(true).since).toBeUndefined()
  })

  it('numbers whispers apart, and the head of a room says nothing of them', () => {
    const session = new Session<string>({ epoch: 1, seq: 5, whispers: 2 }, 0)
    session.joined(session.join().attempt, { ...missed(1, 5), whispers: 3 })
    expect(session.isBehind).toBe(true)
    session.told({ epoch: 1, seq: 5 })
    expect(session.isBehind).toBe(true)
    session.reached(5, 3)
    expect(session.isBehind).toBe(false)
    expect(session.join().since).toEqual({ epoch: 1, seq: 5, whispers: 3 })
    session.joined(session.join(true).attempt, { ...anew(2, 1), whispers: 1 })
    expect(session.join().since).toEqual({ epoch: 2, seq: 1, whispers: 1 })
  })

  it('learns from the head of the room that it is behind', () => {
    const session = new Session<string>({ epoch: 1, seq: 5 }, 0)
    session.joined(session.join().attempt, missed(1, 5))
    session.told({ epoch: 1, seq: 5 })
    expect(session.isBehind).toBe(false)
    session.told({ epoch: 1, seq: 4 })
    expect(session.isBehind).toBe(false)
    session.told({ epoch: 1, seq: 6 })
    expect(session.isBehind).toBe(true)
    session.reached(6)
    expect(session.isBehind).toBe(false)
    session.told({ epoch: 2, seq: 1 })
    expect(session.isBehind).toBe(true)
  })

  it('is patient for five seconds', () => {
    const session = new Session<string>({ epoch: 1, seq: 0 }, 0)
    session.joined(session.join().attempt, missed(1, 0))
    session.lost(1000)
    session.lost(4000)
    expect(session.isOverdue(1000 + PATIENCE_MS - 1)).toBe(false)
    expect(session.isOverdue(1000 + PATIENCE_MS)).toBe(true)
    session.woke(3_600_000)
    expect(session.isOverdue(3_600_000 + PATIENCE_MS - 1)).toBe(false)
    session.end()
    expect(session.isOverdue(9_999_999)).toBe(false)
  })
})

describe('retries', () => {
  it('come soon, then slower, at different moments', () => {
    expect(retryDelay(0, 0.5)).toBe(1000)
    expect(retryDelay(0, 0)).toBe(750)
    expect(retryDelay(50, 1)).toBe(18_750)
  })

  it('come when the server said, once, then as ever', () => {
    const retries = new Retries()
    retries.next(0.5)
    retries.shutdown({ reconnectionDelay: 3200 })
    expect(retries.restarting).toBe(true)
    expect(retries.next(0.5)).toBe(3200)
    expect(retries.next(0.5)).toBe(1700)
    expect(retries.restarting).toBe(true)
    retries.connected()
    expect([retries.restarting, retries.next(0.5)]).toEqual([false, 1000])
  })

  it('do not follow a server everywhere', () => {
    for (const odd of [undefined, null, 7, {}, { reconnectionDelay: '9' }, { reconnectionDelay: -1 }, { reconnectionDelay: NaN }]) {
      const retries = new Retries()
      retries.shutdown(odd)
      expect([retries.restarting, retries.next(0.5)]).toEqual([true, 1000])
    }
    const retries = new Retries()
    retries.shutdown({ reconnectionDelay: 1e12 })
    expect(retries.next(0.5)).toBe(60_000)
  })
})

describe('a refused join', () => {
  it('is tried again when the server said, within a minute', () => {
    expect(joinDelay(1, 0)).toBe(1000)
    expect(joinDelay(1, 0.5)).toBe(1500)
    expect(joinDelay(12, 0)).toBe(12_000)
    expect(joinDelay(86_400, 0.5)).toBe(60_000)
  })

  it('is tried again after a while when the server said nothing of use, and never at once', () => {
    for (const odd of [undefined, null, '9', NaN, -1]) expect(joinDelay(odd, 0.5)).toBe(5000)
    expect(joinDelay(0, 0)).toBe(1000)
  })
})

describe('sleep', () => {
  it('is noticed once it was long', () => {
    const sleep = new Sleep(0)
    expect(sleep.awake(5000)).toBe(false)
    expect(sleep.awake(5000 + ASLEEP_MS)).toBe(true)
    expect(sleep.awake(5001 + ASLEEP_MS)).toBe(false)
  })
})

describe('catching up', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }))
  afterEach(() => void vi.useRealTimers())

  /** A page of which only `answer` fills what it lacks. */
  function page(answer: (self: { have: number; lacks: boolean }, anew: boolean) => void) {
    const self = { have: 5, lacks: true, joins: [] as { at: number; anew: boolean }[] }
    const catchUp = new CatchUp({
      have: () => self.have,
      lacks: () => self.lacks,
      join: (fresh) => {
        self.joins.push({ at: Date.now(), anew: fresh })
        answer(self, fresh)
        catchUp.look(Date.now())
      },
    })
    return { self, look: () => catchUp.look(Date.now()) }
  }

  it('joins once, whatever tells that something is lacking', () => {
    const { self, look } = page((it) => Object.assign(it, { have: 9, lacks: false }))
    for (let n = 0; n < 100; n += 1) look()
    vi.advanceTimersByTime(600_000)
    expect(self.joins).toEqual([{ at: SETTLE_MS, anew: false }])
  })

  it('lets what is only late arrive by itself', () => {
    const { self, look } = page(() => {})
    look()
    self.lacks = false
    vi.advanceTimersByTime(600_000)
    expect(self.joins).toEqual([])
  })

  it('does not storm a server that never fills the gap, and asks for the newest page in the end', () => {
    const { self, look } = page(() => {})
    look()
    vi.advanceTimersByTime(600_000)
    expect(self.joins.slice(0, 5)).toEqual([
      { at: 250, anew: false },
      { at: 1250, anew: false },
      { at: 3250, anew: false },
      { at: 7250, anew: true },
      { at: 15_250, anew: true },
    ])
    expect(self.joins.length).toBeLessThan(30)
    look()
    look()
    expect(vi.getTimerCount()).toBe(1)
  })

  it('goes on at once while joining brings something', () => {
    const { self, look } = page((it) => Object.assign(it, { have: it.have + 1000, lacks: it.have < 3000 }))
    look()
    vi.advanceTimersByTime(600_000)
    expect(self.joins.map(({ at }) => at)).toEqual([250, 500, 750, 1000])
  })
})
