// GIFs that the tests draw themselves.

const MOST_RUN = 14

/**
 * A GIF of 16 colours that repeats for ever.
 * `palette`: up to 16 `[r, g, b]`; `frames`: indexes into it, a row after the other; `delay`: hundredths of a second.
 *
 * The pixels are not compressed: a clear code comes before the codes would grow beyond five bits.
 */
export function gif({ width, height, palette, frames, delay = 10 }) {
  const word = (n) => [n & 255, n >> 8]
  const colors = Array.from({ length: 16 }, (_, index) => palette[index] ?? [0, 0, 0]).flat()
  const bytes = [...Buffer.from('GIF89a'), ...word(width), ...word(height), 0xf3, 0, 0, ...colors]
  bytes.push(0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1, 0, 0, 0)
  const chunks = [Buffer.from(bytes)]
  for (const pixels of frames) {
    chunks.push(Buffer.from([0x21, 0xf9, 4, 4, ...word(delay), 0, 0]))
    chunks.push(Buffer.from([0x2c, 0, 0, 0, 0, ...word(width), ...word(height), 0, 4]))
    const packed = pack(pixels)
    for (let at = 0; at < packed.length; at += 255) {
      const block = packed.subarray(at, at + 255)
      chunks.push(Buffer.from([block.length]), block)
    }
    chunks.push(Buffer.from([0]))
  }
  chunks.push(Buffer.from([0x3b]))
  return Buffer.concat(chunks)
}

/** Four-bit pixels as five-bit codes, lowest bit first. */
function pack(pixels) {
  const clear = 16
  const end = 17
  const bytes = []
  let bits = 0
  let held = 0
  const push = (code) => {
    bits |= code << held
    for (held += 5; held >= 8; held -= 8) {
      bytes.push(bits & 255)
      bits >>= 8
    }
  }
  pixels.forEach((pixel, index) => {
    if (index % MOST_RUN === 0) push(clear)
    push(pixel)
  })
  push(end)
  if (held > 0) bytes.push(bits & 255)
  return Buffer.from(bytes)
}

/** Two frames of a chessboard, for tests. `delay`: hundredths of a second; as fast as it is, it flashes. */
export function blinking(width = 12, height = 8, delay = 10) {
  const board = (turn) => Array.from({ length: width * height }, (_, i) => (i + Math.floor(i / width) + turn) % 2)
  return gif({ width, height, palette: [[236, 160, 60], [30, 40, 60]], frames: [board(0), board(1)], delay })
}

const CAT = [
  '..#..........#..',
  '.#o#........#o#.',
  '.#oo########oo#.',
  '.#oooooooooooo#.',
  '#oooooooooooooo#',
  '#oooooooooooooo#',
  '#oooEEooooEEooo#',
  '#oooEEooooEEooo#',
  '#oppooowwoooppo#',
  '#oppoowkkwooppo#',
  '.#oooowwwwoooo#.',
  '..#oooooooooo#..',
  '...##########...',
]
const INK = { '.': 0, '#': 1, o: 2, p: 3, w: 4, k: 5, E: 1 }

/** A cat that hops over its shadow and blinks: pixel art, eight frames. */
export function hoppingCat() {
  const cell = 10
  const across = 28
  const down = 20
  const hops = [0, 1, 3, 4, 4, 3, 1, 0]
  const frames = hops.map((hop, time) => {
    const dots = Array.from({ length: down }, (_, y) => Array.from({ length: across }, () => (y < 16 ? 0 : 6)))
    for (let x = 6 + hop; x < across - 6 - hop; x += 1) dots[18][x] = 7
    CAT.forEach((line, y) => {
      ;[...line].forEach((dot, x) => {
        const shut = dot === 'E' && time >= 6 && y === 6
        if (dot !== '.') dots[y + 5 - hop][x + 6] = shut ? INK.o : INK[dot]
      })
    })
    for (const [x, y] of [[2, 9], [24, 5], [22, 12]]) {
      const risen = y - ((time + x) % 8)
      if (risen >= 0 && risen < 14) for (const [dx, dy] of [[0, 0], [1, 1], [2, 0], [0, 1], [2, 1], [1, 2]]) dots[risen + dy][x + dx] = 8
    }
    return Array.from({ length: across * down * cell * cell }, (_, i) => {
      const y = Math.floor(i / (across * cell) / cell)
      const x = Math.floor((i % (across * cell)) / cell)
      return dots[y][x]
    })
  })
  const palette = [[255, 236, 200], [60, 42, 36], [244, 168, 84], [246, 130, 120], [255, 250, 240], [214, 84, 92], [150, 196, 160], [118, 166, 134], [232, 82, 110]]
  return gif({ width: across * cell, height: down * cell, palette, frames, delay: 9 })
}
