// The stories that matter most, in Firefox: what differs there from Chromium, which the other files use, shows here.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { apart, COLORS, film, look } from './film.mjs'
import { blinking, hoppingCat } from './gif.mjs'
import { openFirefox, Person } from './firefox.mjs'
import { fill } from './picker.mjs'
import { Server } from './support.mjs'

let browser
let folder
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gifchat-firefox-'))
  await writeFile(join(folder, 'cat.gif'), hoppingCat())
  browser = await openFirefox()
})
after(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

/** A test with a server of its own; afterwards no page may have complained about anything but what `expected` matches. */
function story(title, tell, { expected } = {}) {
  test(title, { timeout: 120_000 }, async () => {
    const server = await Server.start()
    const people = []
    try {
      await tell({
        server,
        person: async () => {
          const one = await Person.arrive(browser, server.url)
          people.push(one)
          return one
        },
      })
      assert.deepEqual(people.flatMap(({ complaints }) => complaints).filter((text) => !expected?.test(text)), [], 'the pages are silent in the console')
    } finally {
      for (const { context } of people) await context.close()
      await server.stop()
    }
  })
}

/** Until its weight is known, and everything that moves has come to rest. */
const weighed = (one) => one.until(() => document.querySelector('#maker .guess')?.textContent && !document.querySelector('#maker').classList.contains('weighing'))

async function upload(one, name = 'cat.gif') {
  const input = await one.page.$('#gif')
  await input.uploadFile(join(folder, name))
}

story('two people talk, a GIF goes from one to the other, moves and rests', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  const path = await anna.makeRoom('불여우 굴')
  await ben.join(path)
  await anna.say('들려요?')
  await ben.agrees('들려요?')
  await ben.say('잘 들려요')
  await anna.agrees('들려요?', '잘 들려요')

  await upload(anna)
  for (const one of [anna, ben]) {
    await one.moving(1)
    await one.agrees('들려요?', '잘 들려요', 'GIF')
  }
  await ben.page.click('.frame.gif .player')
  await ben.until(() => /\.poster\.webp$/.test(document.querySelector('.frame.gif[data-play=still] img.picture')?.src))
  await ben.focus('.frame.gif .player')
  await ben.press('Enter')
  await ben.moving(1)
})

story('a GIF of the library is found and sent with nothing but the keyboard', async ({ server, person }) => {
  await fill(server, [['고양이/하품_yawn.gif', blinking(40, 30, 60)], ['dogs/board.gif', blinking(30, 40, 60)]])
  const anna = await person()
  const ben = await person()
  await ben.join(await anna.makeRoom('모음'))
  await anna.focus('.gif-button')
  await anna.press('Enter')
  await anna.until(() => document.querySelectorAll('#picker .pick img').length === 2 && document.activeElement.id === 'picker-q')
  await anna.type('고양')
  await anna.until(() => document.querySelectorAll('#picker .pick').length === 1)
  await anna.press('ArrowDown')
  await anna.shows('#picker .moving')
  await anna.press('Enter')
  await anna.loses('#picker')
  await ben.moving(1)
  assert.deepEqual(await ben.page.$eval('.frame.gif img.picture', (one) => [one.naturalWidth, one.naturalHeight]), [40, 30])
  // Whoever sent it goes on writing.
  assert.equal(await anna.page.evaluate(() => document.activeElement.id), 'chat')
})

story('a GIF gets words, which stand on all of its pictures', async ({ person }) => {
  const anna = await person()
  await anna.makeRoom('필름 가게')
  await upload(anna)
  await anna.moving(1)
  await anna.focus('#chat-list .msg')
  await anna.press('Enter')
  await anna.shows('#message-menu [data-deed=caption]')
  await anna.focus('#message-menu [data-deed=caption]')
  await anna.press('Enter')
  await anna.shows('#maker-words')
  assert.equal(await anna.page.$eval('#maker .side', (side) => side.scrollWidth - side.clientWidth), 0, 'nothing is cut off')
  await anna.focus('#maker-words')
  await anna.type('폴짝')
  await weighed(anna)
  await anna.focus('#maker footer .amber')
  await anna.press('Enter')
  await anna.loses('#maker')
  await anna.moving(2)

  /** White letters, in every picture of each of the two. */
  const found = await anna.page.evaluate(async () => {
    const whites = async (stem) => {
      const decoder = new ImageDecoder({ data: await (await fetch(`${stem}.gif`)).arrayBuffer(), type: 'image/gif' })
      await Promise.all([decoder.completed, decoder.tracks.ready])
      const counts = []
      for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex += 1) {
        const { image } = await decoder.decode({ frameIndex })
        const context = new OffscreenCanvas(image.displayWidth, image.displayHeight).getContext('2d')
        context.drawImage(image, 0, 0)
        // The ground that the cat hops on.
        const { data } = context.getImageData(0, image.displayHeight * 0.8, image.displayWidth, image.displayHeight * 0.2)
        let count = 0
        for (let at = 0; at < data.length; at += 4) if (Math.min(data[at], data[at + 1], data[at + 2]) > 245) count += 1
        counts.push(count)
      }
      decoder.close()
      return counts
    }
    return Promise.all([...document.querySelectorAll('[data-gif]')].map(({ dataset }) => whites(dataset.gif)))
  })
  assert.deepEqual(found.map(({ length }) => length), [8, 8])
  assert.equal(Math.max(...found[0]), 0)
  assert.ok(Math.min(...found[1]) > 50, String(found[1]))
})

story('a recording of the browser, which has no index, is cut at the right pictures', async ({ person }) => {
  const anna = await person()
  await anna.makeRoom('필름 가게')
  await anna.sits()
  const colors = COLORS.slice(0, 2)
  await writeFile(join(folder, 'clip.webm'), await film(anna.page, { colors }))
  await upload(anna, 'clip.webm')
  await weighed(anna)
  await anna.focus('#maker footer .amber')
  await anna.press('Enter')
  await anna.loses('#maker')
  await anna.moving(1)
  const { frames } = await look(anna.page, await anna.page.$eval('[data-gif]', ({ dataset }) => `${dataset.gif}.gif`))
  const shown = [frames[0], frames.at(-1)].map(({ colors: [color] }) => color)
  shown.forEach((color, n) => assert.ok(apart(color, colors[n]) < 40, JSON.stringify(shown)))
})

story('what is written while the server is away survives a reload, in order', async ({ server, person }) => {
  const anna = await person()
  const ben = await person()
  await ben.join(await anna.makeRoom('한 마디도 잃지 않기'))
  await anna.say('하나')
  for (const one of [anna, ben]) await one.agrees('하나')
  await server.halt('SIGKILL')
  await anna.say('둘')
  await anna.say('셋')
  await anna.agrees('하나', 'pending 둘', 'pending 셋')
  await server.resume()
  await anna.page.reload()
  for (const one of [anna, ben]) await one.agrees('하나', '둘', '셋')
}, { expected: /connection to the server at ws:/ })
