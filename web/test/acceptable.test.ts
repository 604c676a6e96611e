import { describe, expect, it } from 'vitest'
import { megabytes, refusal, tooWide } from '../src/lib/acceptable'

const limits = { bytes: 5 * 1024 * 1024, width: 2048, height: 1024 }
const why = (type: string, name: string, size = 9) => refusal({ type, name, size }, limits)?.key

describe('a file that is to be sent', () => {
  it('is a picture, by its type or else by its name', () => {
    for (const type of ['gif', 'png', 'apng', 'jpeg', 'webp']) expect(why(`image/${type}`, 'x')).toBeUndefined()
    expect(why('', 'Cat.GIF')).toBeUndefined()
    expect(why('', 'cat.txt')).toBe('gif.no.kind')
    expect(why('text/html', 'cat.gif')).toBe('gif.no.kind')
    expect(why('image/svg+xml', 'cat.svg')).toBe('gif.no.kind')
    expect(why('video/mp4', 'cat.mp4')).toBe('gif.no.video')
  })

  it('has something in it, and not too much', () => {
    expect(why('image/gif', 'x', 0)).toBe('gif.no.empty')
    expect(why('image/gif', 'x', limits.bytes)).toBeUndefined()
    expect(refusal({ type: 'image/gif', name: 'x', size: limits.bytes + 1 }, limits)).toEqual({ key: 'gif.no.bytes', values: { size: '5.1', most: '5' } })
  })

  it('is neither too wide nor too high', () => {
    expect(tooWide(2048, 1024, limits)).toBeUndefined()
    expect(tooWide(2049, 1, limits)?.values).toEqual({ width: 2049, height: 1, most: '2048×1024' })
    expect(tooWide(1, 1025, limits)).toBeDefined()
  })

  it('is counted as people count', () => {
    expect([megabytes(5.04 * 1024 * 1024, Math.ceil), megabytes(5.09 * 1024 * 1024, Math.floor)]).toEqual(['5.1', '5'])
  })
})
