import { describe, expect, it } from 'vitest'
import { MOST_ENTRIES, MOST_LENGTH, Outbox, PATIENCE_MS, type Outgoing } from '../src/lib/outbox'
import { Shelf } from '../src/lib/shelf'
import { pack, unpack } from '../src/lib/unsent'
import { isTemporary } from '../src/lib/wire'

function outbox(keep?: (entries: readonly Outgoing[]) => void): Outbox {
  let n = 0
  return new Outbox(() => `id${++n}`, keep)
}

const states = (box: Outbox) => box.entries.map(({ text, state }) => `${text} ${state}`)

describe('outbox', () => {
  it('sends one after the other, in order', () => {
    const box = outbox()
    box.add('a', 0)
    box.add('b', 0)
    expect(box.take(0)?.text).toBe('a')
    expect(box.take(0)).toBeUndefined()
    expect(box.stored('id1')).toBe(true)
    expect(box.take(0)?.text).toBe('b')
    expect(box.stored('id1')).toBe(false)
  })

  it('tries again with the same id after a broken connection', () => {
    const box = outbox()
    box.add('a', 0)
    box.add('b', 0)
    box.take(0)
    box.interrupted()
    expect(box.take(0)?.id).toBe('id1')
  })

  it('lets a failed one step aside and come back', () => {
    const box = outbox()
    box.add('a', 0)
    box.add('b', 0)
    box.take(0)
    box.fail('id1', 'too long')
    expect(box.find('id1')?.reason).toBe('too long')
    expect(box.take(0)?.id).toBe('id2')
    box.stored('id2')
    expect(box.take(0)).toBeUndefined()
    expect(box.retry('id1', 0)?.id).toBe('id1')
    expect(box.take(0)?.id).toBe('id1')
    expect(box.retry('nobody', 0)).toBeUndefined()
  })

  it('holds so many, and says when it is full', () => {
    const box = outbox()
    for (let n = 0; n < MOST_ENTRIES; n += 1) expect(box.add('x', 0)).toBeDefined()
    expect(box.add('x', 0)).toBeUndefined()
    box.remove('id1')
    expect(box.add('x', 0)).toBeDefined()
    const long = outbox()
    expect(long.add('x'.repeat(MOST_LENGTH), 0)).toBeDefined()
    expect(long.add('x', 0)).toBeUndefined()
  })

  it('waits while the server refuses for now, and keeps the order', () => {
    const box = outbox()
    box.add('a', 0)
    box.add('b', 0)
    box.take(0)
    expect(box.putOff('id1', 'full', undefined, 0, 0.5)).toEqual([])
    expect(box.pause(0)).toBe(1000)
    expect(box.take(999)).toBeUndefined()
    expect(box.take(1000)?.id).toBe('id1')
    box.putOff('id1', 'full', undefined, 1000, 0.5)
    expect(box.pause(1000)).toBe(1700)
    expect(box.take(2700)?.id).toBe('id1')
    box.stored('id1')
    expect(box.take(2700)?.id).toBe('id2')
  })

  it('waits as long as the server says', () => {
    const box = outbox()
    box.add('a', 0)
    box.take(0)
    box.putOff('id1', 'too fast', 7, 100, 0)
    expect(box.take(7099)).toBeUndefined()
    expect(box.take(7100)?.id).toBe('id1')
  })

  it('fails those who have waited long for a server that refuses, and only those', () => {
    const box = outbox()
    box.add('a', 0)
    box.add('b', 0)
    let now = 0
    let failed: readonly Outgoing[] = []
    let tries = 0
    while (failed.length === 0 && tries < 50) {
      tries += 1
      box.take(now)
      if (tries === 3) box.add('late', now)
      failed = box.putOff('id1', 'full', 5, now, 0)
      now += box.pause(now)
    }
    expect(tries).toBe(7)
    expect(now).toBeGreaterThan(PATIENCE_MS)
    expect(failed.map((entry) => entry.id)).toEqual(['id1', 'id2'])
    expect(states(box)).toEqual(['a failed', 'b failed', 'late waiting'])
    expect(box.find('id2')?.reason).toBe('full')
    // Whoever asks again is tried at once, after the one that waits, and has all the patience again.
    box.retry('id1', now)
    expect(box.take(now)?.text).toBe('late')
    box.stored('id3')
    expect(box.take(now)?.id).toBe('id1')
    expect(box.putOff('id1', 'full', 5, now, 0)).toEqual([])
  })

  it('fails at once when the server says that it will take longer', () => {
    const box = outbox()
    box.add('a', 0)
    box.take(0)
    expect(box.putOff('id1', 'in a minute', 60, 0, 0).map((entry) => entry.id)).toEqual(['id1'])
  })

  it('fails what is written while the server wants a longer pause, with its reason', () => {
    let packed = ''
    const box = outbox((entries) => (packed = pack('me', entries)))
    box.add('a', 0)
    box.take(0)
    box.putOff('id1', 'tomorrow', 86_400, 0, 0)
    expect(box.add('b', 1000)).toMatchObject({ state: 'failed', reason: 'tomorrow' })
    expect(unpack(packed, 'me').at(-1)).toMatchObject({ text: 'b', state: 'failed', reason: 'tomorrow' })
    // Near the end of the pause it waits, as after a short one.
    const end = 86_400_000
    expect(box.add('c', end - PATIENCE_MS - 1)?.state).toBe('failed')
    expect(box.add('d', end - PATIENCE_MS)?.state).toBe('waiting')
    expect(box.take(end)?.text).toBe('d')
    // A new connection is a new chance.
    box.putOff('id4', 'tomorrow', 86_400, end, 0)
    box.interrupted()
    expect(box.add('e', end)?.state).toBe('waiting')
    expect(box.take(end)?.text).toBe('e')
  })

  it('starts its patience anew on a new connection', () => {
    const box = outbox()
    box.add('a', 0)
    box.take(0)
    box.putOff('id1', 'ending', 29, 0, 0)
    box.interrupted()
    expect(box.take(28_000)?.id).toBe('id1')
    expect(box.putOff('id1', 'ending', 5, 28_000, 0)).toEqual([])
  })

  it('knows what may pass', () => {
    const problem = (status: number) => ({ code: '', title: '', detail: '', status })
    expect([429, 503, 500, 408].map((status) => isTemporary(problem(status)))).toEqual([true, true, true, true])
    expect([403, 404, 409, 422].map((status) => isTemporary(problem(status)))).toEqual([false, false, false, false])
  })
})

describe('a reload', () => {
  /** What the next page of the same tab finds. */
  function reloaded(act: (box: Outbox) => void, member = 'me'): Outgoing[] {
    let packed = ''
    act(outbox((entries) => (packed = pack('me', entries))))
    return unpack(packed, member)
  }

  it('brings back what was not stored, in order and with its ids', () => {
    const left = reloaded((box) => {
      for (const text of ['a', 'b', 'c', 'd']) box.add(text, 7)
      box.take(7)
      box.stored('id1')
      box.take(7)
      box.fail('id4', 'too long')
    })
    expect(left).toEqual([
      { id: 'id2', text: 'b', at: 7, state: 'waiting' },
      { id: 'id3', text: 'c', at: 7, state: 'waiting' },
      { id: 'id4', text: 'd', at: 7, state: 'failed', reason: 'too long' },
    ])
    const box = outbox()
    expect(box.restore(left, (id) => id === 'id2', 9).map((entry) => entry.text)).toEqual(['c', 'd'])
    expect(box.take(9)).toMatchObject({ id: 'id3', text: 'c' })
    expect(states(box)).toEqual(['c sending', 'd failed'])
  })

  it('leaves nothing behind when all is stored or given up', () => {
    let packed = 'x'
    const box = outbox((entries) => (packed = pack('me', entries)))
    box.add('a', 0)
    box.take(0)
    box.fail('id1')
    box.remove('id1')
    expect(packed).toBe('')
  })

  it('does not speak for somebody else', () => {
    const left = reloaded((box) => void box.add('a', 0), 'another')
    expect(left).toEqual([{ id: 'id1', text: 'a', at: 0, state: 'failed' }])
  })

  it('takes only what it can read, and not too much', () => {
    for (const odd of ['', '{', 'null', '[]', '{"entries":7}', '{"member":"me","entries":[null,{"id":1}]}']) {
      expect(unpack(odd, 'me')).toEqual([])
    }
    const entries = Array.from({ length: 3 * MOST_ENTRIES }, (_, n) => ({ id: `${n}`, text: 'x', at: 0, state: 'waiting' as const }))
    expect(unpack(pack('me', entries), 'me')).toHaveLength(MOST_ENTRIES)
  })
})

describe('what a text goes with', () => {
  const quote = { seq: 3, member: 'otter', name: '느긋한 수달', user: '#e8542f', chat: '라멘?' }
  const to = { id: 'whale', name: '졸린 고래', color: '#2f7de8' }

  it('survives a reload', () => {
    let n = 0
    const outbox = new Outbox(() => String((n += 1)))
    outbox.add('answer', 0, { reply: quote })
    outbox.add('hush', 0, { to })
    const [answer, hush] = unpack(pack('me', outbox.entries), 'me')
    expect(answer).toMatchObject({ text: 'answer', reply: quote })
    expect(hush).toMatchObject({ text: 'hush', to })
  })

  it('never makes a whisper a word to all, however it lay there', () => {
    const odd = (value: object) => JSON.stringify({ member: 'me', entries: [{ id: '1', text: 'hush', at: 0, ...value }] })
    for (const broken of [null, {}, 'whale', { ...to, id: 1 }, { ...to, color: 'blue' }]) expect(unpack(odd({ to: broken }), 'me')).toEqual([])
    expect(unpack(odd({ to, reply: quote }), 'me')).toMatchObject([{ to }])
    expect(unpack(odd({ to, reply: quote }), 'me')[0]).not.toHaveProperty('reply')
    expect(unpack(odd({ reply: { seq: 'x' } }), 'me')[0]).not.toHaveProperty('reply')
  })
})

describe('shelf', () => {
  it('keeps a text, and nothing when it is empty', () => {
    const kept = new Map<string, string>()
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
      removeItem: (key: string) => void kept.delete(key),
    }
    const shelf = new Shelf('k', () => storage)
    expect(shelf.get()).toBe('')
    shelf.put('a')
    expect(new Shelf('k', () => storage).get()).toBe('a')
    shelf.put('')
    expect(kept.size).toBe(0)
  })

  it('does without storage that is full or forbidden', () => {
    const full = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    const shelf = new Shelf('k', () => ({ getItem: () => 'old', setItem: full, removeItem: full }))
    expect(() => shelf.put('a')).not.toThrow()
    expect(() => shelf.put('')).not.toThrow()
    expect(shelf.get()).toBe('old')
    const forbidden = new Shelf('k', full)
    expect(() => forbidden.put('a')).not.toThrow()
    expect(forbidden.get()).toBe('')
  })
})
