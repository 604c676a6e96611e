// From the moment a GIF of 5 MB is chosen in one browser until it stands, loaded, in another: `npm run visible -- [ROUNDS]`.
//
// Both and the server share this machine, and nothing is slowed: it measures us, not a line. Each round is another GIF,
// because the same one twice is known again. How long the request that posts it took, is said beside it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Person, Server, openBrowser } from './support.mjs'

// The encoder of the page.
const { GIFEncoder } = createRequire(new URL('../../web/package.json', import.meta.url))('gifenc')

const ROUNDS = Number(process.argv[2] ?? 11)
const BYTES = 5_000_000
const WIDTH = 400
const HEIGHT = 400

/** Like a film: colours that drift, with grain, in 256 colours; encoded as GIFs are. */
function film(seed) {
  let state = seed
  const grain = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 28
  const palette = Array.from({ length: 256 }, (_, index) => [index, (seed * 40 + index) % 256, 255 - index])
  const encoder = GIFEncoder()
  for (let time = 0; encoder.bytesView().length < BYTES - 200_000; time += 4) {
    const light = (x, y) => 60 * Math.sin((x + time) / 60) + 60 * Math.cos((y - time) / 45) + 120
    const pixels = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => light(at % WIDTH, at / WIDTH) + grain())
    encoder.writeFrame(pixels, WIDTH, HEIGHT, { palette, delay: 70 })
  }
  encoder.finish()
  return encoder.bytes()
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
    const bytes = film(round + 1)
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
