// From the moment a GIF of 5 MB is chosen in one browser until it stands, loaded, in another: `npm run visible -- [ROUNDS]`.
//
// Both and the server share this machine, and nothing is slowed: it measures us, not a line. Each round is another GIF,
// because the same one twice is known again. How long the request that posts it took, is said beside it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gif } from './gif.mjs'
import { Person, Server, openBrowser } from './support.mjs'

const ROUNDS = Number(process.argv[2] ?? 11)
const BYTES = 5_000_000
const WIDTH = 400
const HEIGHT = 400

/** Noise does not compress: the size of the file is the number of pixels. */
function noise(seed) {
  let state = seed
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0)
  const frame = () => Uint8Array.from({ length: WIDTH * HEIGHT }, () => next() >>> 28)
  const palette = Array.from({ length: 16 }, (_, index) => [index * 16, (seed * 40 + index * 8) % 256, 255 - index * 16])
  const one = gif({ width: WIDTH, height: HEIGHT, palette, frames: [frame()] }).length
  const frames = Array.from({ length: Math.floor(BYTES / one) }, frame)
  return gif({ width: WIDTH, height: HEIGHT, palette, frames })
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const line = (what, times) =>
  console.log(`${what}: p50 ${median(times).toFixed(0)} ms, ${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`)

const folder = await mkdtemp(join(tmpdir(), 'gifchat-visible-'))
const server = await Server.start({ GIFCHAT_UPLOAD_RATE: '0', GIFCHAT_GIF_BYTES_PER_SESSION: '1GiB', GIFCHAT_GIF_BYTES_PER_ROOM: '1GiB' })
const browser = await openBrowser()
try {
  const sender = await Person.arrive(browser, server.url)
  const reader = await Person.arrive(browser, server.url)
  await sender.page.goto('/room')
  const room = await sender.makeRoom({ title: '5 MB' })
  await reader.toRoom(() => reader.page.goto(`/room/${room}`))
  const shown = []
  const posted = []
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = noise(round + 1)
    const file = join(folder, `${round}.gif`)
    await writeFile(file, bytes)
    // Both clocks are that of this machine.
    const seen = reader.page.evaluate(
      (count) =>
        new Promise((resolve) => {
          const look = () => {
            const pictures = document.querySelectorAll('#chat-list article[data-seq] .gif img')
            const last = pictures[pictures.length - 1]
            if (pictures.length > count && last.complete && last.naturalWidth > 0) {
              last.decode().then(() => resolve(performance.timeOrigin + performance.now()), () => requestAnimationFrame(look))
            } else requestAnimationFrame(look)
          }
          look()
        }),
      round,
    )
    const begin = performance.timeOrigin + performance.now()
    await sender.page.locator('#gif').setInputFiles(file)
    shown.push((await seen) - begin)
    posted.push(
      await sender.page.evaluate(() => {
        const all = performance.getEntriesByType('resource').filter((entry) => entry.initiatorType === 'xmlhttprequest' && entry.name.endsWith('/gif'))
        return all.at(-1)?.duration ?? NaN
      }),
    )
  }
  console.log(`${ROUNDS} GIFs of ${(BYTES / 1e6).toFixed(0)} MB, ${WIDTH} x ${HEIGHT}`)
  line('chosen to visible in the other browser', shown)
  line('of this, the request that posts it', posted)
} finally {
  await browser.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}
