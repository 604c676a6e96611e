import { decompressFrames, parseGIF } from 'gifuct-js'
import { describe, expect, it } from 'vitest'
import { layout, wrap, type Caption } from '../src/lib/maker/caption'
import { Encoder } from '../src/lib/maker/encoder'
import { placeAt } from '../src/lib/maker/footage'
import { originalOf } from '../src/lib/maker/original'
import { estimate, lengthOf, lighter, shapeOf, shots, type Shape } from '../src/lib/maker/plan'
import { clockOf, moved, whole } from '../src/lib/maker/trim'

describe('a cut', () => {
  it('begins as the beginning, of what is short as the whole', () => {
    expect(whole(4)).toEqual({ from: 0, to: 4 })
    expect(whole(60)).toEqual({ from: 0, to: 10 })
  })

  it('keeps its ends apart, in order and within the film', () => {
    expect(moved({ from: 1, to: 3 }, 'from', 2.95, 5)).toEqual({ from: 2.95, to: 3.15 })
    expect(moved({ from: 1, to: 3 }, 'to', 0.5, 5)).toEqual({ from: 0.3, to: 0.5 })
    expect(moved({ from: 1, to: 3 }, 'from', -1, 5)).toEqual({ from: 0, to: 3 })
    expect(moved({ from: 1, to: 3 }, 'to', 9, 5)).toEqual({ from: 1, to: 5 })
    expect(moved({ from: 1, to: 3 }, 'from', 5, 5)).toEqual({ from: 4.8, to: 5 })
    expect(moved({ from: 0, to: 0.1 }, 'to', 0, 0.1)).toEqual({ from: 0, to: 0.1 })
  })

  it('takes its other end along when it would be longer than ten seconds', () => {
    expect(moved({ from: 0, to: 10 }, 'to', 25, 60)).toEqual({ from: 15, to: 25 })
    expect(moved({ from: 20, to: 25 }, 'from', 3, 60)).toEqual({ from: 3, to: 13 })
  })

  it('is written as people read it', () => {
    expect([0, 7.46, 59.96, 75.2].map(clockOf)).toEqual(['0:00.0', '0:07.5', '1:00.0', '1:15.2'])
  })
})

describe('the pictures of a cut', () => {
  it('are taken from a film at even steps, also when it runs faster or slower', () => {
    const taken = shots({ from: 1, to: 2, speed: 1 }, 80)
    expect(taken.length).toBe(13)
    expect(taken.slice(0, 2)).toEqual([{ time: 1, delay: 80 }, { time: 1.08, delay: 80 }])
    expect(lengthOf(shots({ from: 0, to: 2, speed: 2 }, 100))).toBe(1000)
    expect(lengthOf(shots({ from: 0, to: 2, speed: 0.5 }, 100))).toBe(4000)
    expect(shots({ from: 0, to: 10, speed: 0.5 }, 20).length).toBeLessThanOrEqual(240)
  })

  it('of an animation keep its own pace', () => {
    const times = [0, 0.1, 0.4, 0.5]
    expect(shots({ from: 0, to: 1, speed: 1 }, 20, times)).toEqual([
      { time: 0, delay: 100 },
      { time: 0.1, delay: 300 },
      { time: 0.4, delay: 100 },
      { time: 0.5, delay: 500 },
    ])
    expect(shots({ from: 0.2, to: 0.45, speed: 1 }, 20, times)).toEqual([{ time: 0.2, delay: 200 }, { time: 0.4, delay: 50 }])
    expect(lengthOf(shots({ from: 0, to: 1, speed: 2 }, 20, times))).toBe(500)
  })

  it('that would be too short give their time to the one before, and none is lost', () => {
    const times = Array.from({ length: 100 }, (_, n) => n * 0.033)
    for (const every of [20, 50, 80, 100]) {
      const taken = shots({ from: 0, to: 3.3, speed: 1 }, every, times)
      expect(Math.abs(lengthOf(taken) - 3300)).toBeLessThanOrEqual(every)
      expect(Math.min(...taken.map(({ delay }) => delay))).toBeGreaterThanOrEqual(every)
      expect(taken.map(({ time }) => time)).toEqual(taken.map(({ time }) => time).toSorted((a, b) => a - b))
    }
  })

  it('are found by their time', () => {
    const times = [0, 0.1, 0.4]
    expect([0, 0.05, 0.1, 0.39, 0.4, 9].map((time) => placeAt(times, time))).toEqual([0, 0, 1, 1, 2, 2])
  })
})

describe('a GIF that is to be made', () => {
  it('is never larger than its source, and keeps its proportions', () => {
    expect(shapeOf(1920, 1080, 360, 80)).toEqual({ width: 360, height: 202, every: 80 })
    expect(shapeOf(1080, 1920, 360, 80)).toEqual({ width: 202, height: 360, every: 80 })
    expect(shapeOf(33, 17, 360, 80)).toEqual({ width: 33, height: 17, every: 80 })
    expect(shapeOf(4000, 3, 240, 80)).toEqual({ width: 240, height: 2, every: 80 })
  })

  it('is weighed by pairs of its pictures', () => {
    expect(estimate(11, [{ first: 100, both: 120 }, { first: 140, both: 180 }])).toBe(120 + 10 * 30)
    expect(estimate(1, [{ first: 100, both: 120 }])).toBe(100)
  })

  it('that is too heavy gives up pictures before size, and gets light enough', () => {
    const shape = { width: 360, height: 270, every: 80 }
    expect(lighter(shape, 90, 100)).toEqual(shape)
    expect(lighter(shape, 110, 100)).toEqual({ width: 360, height: 270, every: 100 })
    // As if bytes were pictures times pixels.
    const weight = ({ width, height, every }: Shape) => (width * height) / every
    for (const times of [1.01, 1.5, 3, 10]) {
      let now = shape
      const most = weight(shape) / times
      for (let round = 0; round < 5 && weight(now) > most; round += 1) now = lighter(now, weight(now), most)
      expect(weight(now)).toBeLessThanOrEqual(most)
      expect(weight(now)).toBeGreaterThan(most * 0.75)
    }
  })
})

describe('a caption', () => {
  // Letters half as wide as they are high; Korean ones as wide.
  const measure = (text: string) => [...text].reduce((sum, letter) => sum + (/[ㄱ-힣]/.test(letter) ? 1 : 0.5), 0)
  const caption = (text: string, more: Partial<Caption> = {}): Caption => ({ text, place: 'bottom', letters: 'medium', ...more })

  it('is wrapped at spaces, and a word that is too long between its letters', () => {
    expect(wrap('so good it hurts', 5, measure)).toEqual(['so good it', 'hurts'])
    expect(wrap('진짜최고예요', 4, measure)).toEqual(['진짜최고', '예요'])
    expect(wrap('a 👨‍👩‍👧👨‍👩‍👧', 3, (text) => [...new Intl.Segmenter().segment(text)].length)).toEqual(['a', '👨‍👩‍👧👨‍👩‍👧'])
    expect(wrap('  \n ', 4, measure)).toEqual([])
  })

  it('stands whole within the picture, wherever it is put and however long it is', () => {
    for (const place of ['top', 'middle', 'bottom'] as const) {
      for (const letters of ['small', 'medium', 'large'] as const) {
        for (const text of ['ㅋㅋ', 'a rather long caption that nobody asked for', '가나다라마바사아자차카타파하'.repeat(2)]) {
          for (const [width, height] of [[360, 270], [120, 400], [400, 60]] as const) {
            const { lines, ys, px } = layout(caption(text, { place, letters }), width, height, measure)
            expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
            expect(Math.max(...lines.map((line) => measure(line) * px))).toBeLessThanOrEqual(width)
            expect(ys[0]! - px / 2).toBeGreaterThanOrEqual(0)
            expect(ys.at(-1)! + px / 2).toBeLessThanOrEqual(height)
          }
        }
      }
    }
  })

  it('shows as much as there is room for when nothing helps', () => {
    const { lines, px } = layout(caption('가'.repeat(80)), 60, 40, measure)
    expect(px).toBe(9)
    expect(lines.length).toBe(3)
  })
})

describe('the encoder', () => {
  const plain = (width: number, height: number, [r, g, b, a = 255]: number[]) =>
    new Uint8ClampedArray(Array.from({ length: width * height }, () => [r!, g!, b!, a]).flat())
  const decoded = (gif: Uint8Array<ArrayBuffer>) => decompressFrames(parseGIF(gif.buffer), true)

  it('draws only what differs, and keeps what is alike once', () => {
    const encoder = new Encoder(8, 4)
    const first = plain(8, 4, [200, 40, 40])
    const nearly = plain(8, 4, [203, 42, 38])
    const second = plain(8, 4, [200, 40, 40])
    second.set([20, 20, 220, 255], 0)
    for (const frame of [first, nearly, second]) encoder.add(frame, 80)
    const frames = decoded(encoder.finish())
    expect(frames.map(({ delay }) => delay)).toEqual([160, 80])
    expect([...frames[0]!.patch.slice(0, 4)]).toEqual([200, 40, 40, 255])
    expect([...frames[1]!.patch.slice(0, 8)]).toEqual([20, 20, 220, 255, 0, 0, 0, 0])
    expect(frames[1]!.disposalType).toBe(1)
  })

  it('never drifts: many changes that are not seen one by one are seen together', () => {
    const encoder = new Encoder(2, 2)
    for (let step = 0; step <= 20; step += 1) encoder.add(plain(2, 2, [step * 5, 0, 0]), 50)
    const frames = decoded(encoder.finish())
    expect(frames.length).toBeGreaterThan(5)
    expect(Math.abs(frames.at(-1)!.patch[0]! - 100)).toBeLessThan(8)
    expect(frames.reduce((sum, { delay }) => sum + delay, 0)).toBe(21 * 50)
  })

  it('keeps holes, and draws each picture with holes anew', () => {
    const encoder = new Encoder(2, 1, true)
    const left = new Uint8ClampedArray([9, 200, 9, 255, 0, 0, 0, 0])
    const right = new Uint8ClampedArray([0, 0, 0, 0, 9, 200, 9, 255])
    encoder.add(left, 100)
    encoder.add(right, 100)
    const frames = decoded(encoder.finish())
    expect(frames.map(({ disposalType }) => disposalType)).toEqual([2, 2])
    expect(frames.map(({ patch }) => [patch[3], patch[7]])).toEqual([[255, 0], [0, 255]])
  })

  it('makes a GIF of nothing but holes', () => {
    const encoder = new Encoder(2, 1, true)
    encoder.add(plain(2, 1, [0, 0, 0, 0]), 100)
    expect([...decoded(encoder.finish())[0]!.patch]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('keeps white white beside colours that are nearly white', () => {
    const frame = plain(64, 8, [255, 255, 255])
    for (let i = 0; i < 300; i += 1) frame.set([250 - (i % 25), 248 - Math.floor(i / 25), 248, 255], i * 4)
    frame.set([248, 248, 248, 255], 0)
    const encoder = new Encoder(64, 8)
    encoder.add(frame, 100)
    expect([...decoded(encoder.finish())[0]!.patch.slice(-4)]).toEqual([255, 255, 255, 255])
  })

  it('refuses frames of another size', () => {
    expect(() => new Encoder(2, 2).add(plain(3, 2, [0, 0, 0]), 100)).toThrow(RangeError)
  })
})

describe('the original of a copied picture', () => {
  const here = 'https://chat.example'
  const at = (source: string, origin: string) => originalOf(`<meta charset="utf-8"><img alt="1 > 0" class='a' src="${source.replaceAll('&', '&amp;')}">`, origin)

  it('is where the clipboard says it came from, when it may move', () => {
    expect(at('https://media.example/a/b.gif?x=1&y=2', here)).toEqual({ url: 'https://media.example/a/b.gif?x=1&y=2' })
    expect(at('https://media.example/a.WEBP', here)?.url).toBe('https://media.example/a.WEBP')
    expect(at('https://media.example/a.png', here)).toBeUndefined()
    expect(at('/a.gif', here)).toBeUndefined()
  })

  it('is nothing that runs', () => {
    for (const source of ['javascript:alert(1)//.gif', 'data:image/gif;base64,AAAA', 'file:///a.gif', 'blob:https://chat.example/1.gif']) {
      expect(at(source, here)).toBeUndefined()
    }
  })

  it('of this server is its GIF, whichever rendition was copied', () => {
    for (const name of ['abc0.gif', 'abc0.webp', 'abc0.poster.webp']) {
      expect(at(`${here}/gif/${name}`, here)?.own).toBe('/gif/abc0.gif')
    }
    expect(at('https://other.example/gif/abc0.gif', here)?.own).toBeUndefined()
  })
})
