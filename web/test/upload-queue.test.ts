import { describe, expect, it } from 'vitest'
import { UploadQueue, type Upload } from '../src/lib/upload-queue'
import { pauseAfter } from '../src/lib/upload-tries'
import { problemOf } from '../src/lib/wire'

function queue(...ids: string[]): UploadQueue<Upload> {
  const uploads = new UploadQueue<Upload>()
  for (const id of ids) uploads.add({ id, state: 'waiting' })
  return uploads
}

describe('uploads', () => {
  it('go one after the other, also past one that the page cannot show yet', () => {
    const uploads = queue('a', 'b')
    const first = uploads.take()
    expect([first?.id, uploads.take()]).toEqual(['a', undefined])
    expect(first && uploads.ended(first, 'stored')).toBe(true)
    expect(uploads.take()?.id).toBe('b')
    expect(uploads.find('a')).toBe(first)
  })

  it('go past one that failed, which its writer can send again', () => {
    const uploads = queue('a', 'b')
    const first = uploads.take()
    if (first) uploads.ended(first, 'failed')
    const second = uploads.take()
    expect(second?.id).toBe('b')
    if (first) first.state = 'waiting'
    if (second) uploads.remove(second)
    expect(uploads.take()).toBe(first)
  })

  it('leave a page that starts anew when they are stored, and only then', () => {
    const uploads = queue('a', 'b', 'c', 'd')
    for (const state of ['stored', 'failed'] as const) {
      const upload = uploads.take()
      if (upload) uploads.ended(upload, state)
    }
    uploads.take()
    expect(uploads.tidy().map(({ id }) => id)).toEqual(['a'])
    expect(uploads.tidy()).toEqual([])
    expect(['a', 'b', 'c', 'd'].map((id) => uploads.find(id)?.state)).toEqual([undefined, 'failed', 'sending', 'waiting'])
    expect(uploads.size).toBe(3)
  })

  it('wait again in their old place when the connection breaks, but those that go another way', () => {
    const uploads = queue('a', 'b')
    const first = uploads.take()
    uploads.interrupted(({ id }) => id !== 'a')
    expect(uploads.take()).toBeUndefined()
    uploads.interrupted()
    expect(first?.state).toBe('waiting')
    expect(uploads.take()).toBe(first)
    if (first) uploads.ended(first, 'failed')
    uploads.interrupted()
    expect(first?.state).toBe('failed')
  })

  it('that are gone do not care how their try ended', () => {
    const uploads = queue('a')
    const first = uploads.take()
    if (first) uploads.remove(first)
    expect(first && uploads.ended(first, 'failed')).toBe(false)
    expect(first?.state).toBe('sending')
  })

  it('keep their writer on the page only while they would be lost', () => {
    const uploads = queue('a')
    expect(uploads.isUnsent).toBe(true)
    const first = uploads.take()
    expect(uploads.isUnsent).toBe(true)
    if (first) uploads.ended(first, 'stored')
    expect(uploads.isUnsent).toBe(false)
    // One that failed can be sent again; one that was refused cannot.
    if (first) uploads.ended(first, 'failed')
    expect(uploads.isUnsent).toBe(true)
    if (first) uploads.ended(first, 'refused')
    expect(uploads.isUnsent).toBe(false)
  })

  it('are given up with their room', () => {
    const uploads = queue('a', 'b')
    const first = uploads.take()
    expect(uploads.clear().map(({ id }) => id)).toEqual(['a', 'b'])
    expect([uploads.isUnsent, uploads.take(), first && uploads.ended(first, 'waiting')]).toEqual([false, undefined, false])
  })
})

describe('an upload that came to nothing', () => {
  const refused = (status: number, more: object = {}) => problemOf(more, status)

  it('goes again after what the server asked for, and not at the same moment as all others', () => {
    expect([0, 0.5, 1].map((chance) => pauseAfter(1, refused(429, { retryAfter: 2 }), chance))).toEqual([2000, 2500, 3000])
    expect(pauseAfter(4, refused(503, { retryAfter: 60 }), 0)).toBe(60_000)
  })

  it('goes again soon and then slower, when nothing was heard', () => {
    expect([1, 2, 3, 4].map((tries) => pauseAfter(tries, undefined, 0.5))).toEqual([1000, 1700, 2890, 4913])
    expect(pauseAfter(4, refused(500), 1)).toBeLessThanOrEqual(8000)
  })

  it('has failed after some tries, when it would have to wait too long, and when the same would be refused again', () => {
    expect(pauseAfter(5, undefined, 0)).toBeUndefined()
    expect(pauseAfter(1, refused(429, { retryAfter: 61 }), 0)).toBeUndefined()
    expect(pauseAfter(1, refused(422), 0)).toBeUndefined()
  })
})
