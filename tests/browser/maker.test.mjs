// Making GIFs in the browser: from the camera, from a video, with words; and what becomes of a copied one. What was
// uploaded is decoded again, by the browser's own decoder.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { apart, COLORS, FAKE_CAMERA, film, look } from './film.mjs'
import { gif, hoppingCat } from './gif.mjs'
import { PHONE, stories } from './support.mjs'

const story = stories(FAKE_CAMERA)

/** A room with one person in it. */
async function alone(person, options) {
  const anna = await person(options)
  await anna.page.goto('/room')
  await anna.makeRoom({ title: '필름 가게', max: 4 })
  return anna
}

const wanted = (anna, detail) => anna.page.evaluate((one) => document.querySelector('chat-room').dispatchEvent(new CustomEvent('make-gif', { detail: one })), detail)
const press = (anna, ...keys) => keys.reduce((before, key) => before.then(() => anna.page.keyboard.press(key)), Promise.resolve())
const labelled = (anna) => anna.page.evaluate(() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim())

/** Until its weight is known, and everything that moves has come to rest. */
async function weighed(anna) {
  const known = () => {
    const maker = document.querySelector('#maker')
    return maker?.querySelector('.guess')?.textContent && !maker.classList.contains('weighing')
  }
  await anna.page.waitForFunction(known, undefined, { timeout: 60_000 })
  return anna.page.innerText('#maker .guess')
}

/** Goes on with Tab until this is focused. */
async function tabTo(anna, selector) {
  for (let step = 0; step < 30; step += 1) {
    if (await anna.page.evaluate((one) => document.activeElement.matches(one), selector)) return
    await press(anna, 'Tab')
  }
  assert.fail(`Tab does not reach ${selector}`)
}

/** The address of the newest GIF, as the server keeps it. */
async function newest(anna, count = 1) {
  await anna.page.waitForFunction((n) => document.querySelectorAll('.msg[data-seq]:not([data-pending]) .frame.gif').length === n, count)
  await anna.toRoom(() => anna.page.reload())
  return anna.page.evaluate(() => {
    const frame = [...document.querySelectorAll('.msg[data-seq] .frame.gif')].at(-1)
    return /\/gif\/[0-9a-f]+/.exec(frame.dataset.gif ?? frame.querySelector('img').src)[0] + '.gif'
  })
}

async function showVideo(anna, options) {
  const buffer = await film(anna.page, options)
  await anna.page.setInputFiles('#gif', { name: 'clip.webm', mimeType: 'video/webm', buffer })
  await anna.shows('#maker .trim')
  return weighed(anna)
}

story('a video is trimmed, sped up and given words with nothing but a keyboard', async ({ person }) => {
  const anna = await alone(person)
  await showVideo(anna)
  await accessible(anna, 'a video that is being cut')

  // The first second and a half go, and half a second at the end: the ends of what remains are in the middle of green and
  // blue, as it was filmed while time passed.
  await tabTo(anna, '#maker .from')
  assert.equal(await labelled(anna), '시작')
  await press(anna, 'PageUp', ...Array.from({ length: 5 }, () => 'ArrowRight'))
  await tabTo(anna, '#maker .to')
  for (let step = 0; step < 5; step += 1) await press(anna, 'ArrowLeft')
  const end = Number.parseFloat(await anna.page.getAttribute('#maker .to', 'aria-valuetext').then((text) => text.slice(2)))
  assert.equal(await anna.page.getAttribute('#maker .from', 'aria-valuetext'), '0:01.5')
  await tabTo(anna, '#maker [name=speed]')
  await press(anna, 'ArrowRight', 'ArrowRight')
  assert.equal(await anna.page.inputValue('#maker [name=speed]:checked'), '2')
  await tabTo(anna, '#maker-words')
  await anna.page.keyboard.type('퇴근까지')
  await tabTo(anna, '#maker-alt')
  await anna.page.keyboard.type('흰 상자가 지나가요')
  await weighed(anna)
  await tabTo(anna, '#maker footer .amber')
  await press(anna, 'Enter')
  await anna.loses('#maker')

  const made = await look(anna.page, await newest(anna), [[0.5, 0.1], [0.5, 0.87]])
  assert.deepEqual([made.width, made.height, made.loops], [320, 240, Infinity])
  assert.ok(Math.abs(made.length - ((end - 1.5) * 1000) / 2) <= 80, `${made.length} ms of ${end} s`)
  assert.ok(made.frames.length >= 5 && made.frames.every(({ delay }) => delay % 10 === 0 && delay >= 80))
  const [first, last] = [made.frames[0], made.frames.at(-1)]
  assert.ok(apart(first.colors[0], COLORS[1]) < 16, `green: ${first.colors[0]}`)
  assert.ok(apart(last.colors[0], COLORS[2]) < 16, `blue: ${last.colors[0]}`)
})

story('words are drawn on every frame of a GIF, whose timing and colours stay', async ({ person }) => {
  const anna = await alone(person, { viewport: PHONE })
  await anna.page.setInputFiles('#gif', { name: 'cat.gif', mimeType: 'image/gif', buffer: hoppingCat() })
  const plain = await newest(anna)
  const places = [[0.02, 0.02], [0.98, 0.3]]
  const before = await look(anna.page, plain, places)

  await anna.page.locator('.msg.mine').last().focus()
  await press(anna, 'Enter')
  await anna.page.locator('[data-deed=caption]', { hasText: '글자 넣기' }).click()
  await anna.shows('#maker .trim')
  assert.equal(await anna.page.evaluate(() => document.activeElement.id), 'maker-words')
  await anna.page.keyboard.type('월급날 나')
  await anna.page.check('#maker [name=letters][value=large]')
  await weighed(anna)
  await accessible(anna, 'words on a GIF, on a phone')
  await anna.page.click('#maker footer .amber')
  await anna.loses('#maker')

  const worded = await newest(anna, 2)
  const after = await look(anna.page, worded, places)
  assert.deepEqual([after.width, after.height], [before.width, before.height])
  assert.deepEqual(after.frames.map(({ delay }) => delay), before.frames.map(({ delay }) => delay))
  after.frames.forEach((frame, n) => frame.colors.forEach((color, at) => assert.ok(apart(color, before.frames[n].colors[at]) < 10, `frame ${n}: ${color}`)))
  // The row of letters: white and their outline in every frame, where there was neither.
  const row = Array.from({ length: 60 }, (_, n) => [(n + 0.5) / 60, 0.87])
  const white = (seen) => seen.frames.map(({ colors }) => colors.filter((color) => apart(color, [255, 255, 255]) < 12).length)
  const dark = (seen) => seen.frames.map(({ colors }) => colors.filter((color) => apart(color, [17, 14, 11]) < 20).length)
  const [without, withWords] = [await look(anna.page, plain, row), await look(anna.page, worded, row)]
  assert.equal(Math.max(...white(without)), 0)
  assert.ok(Math.min(...white(withWords)) >= 3 && Math.min(...dark(withWords)) >= 2, `${white(withWords)} ${dark(withWords)}`)
})

story('a GIF keeps what is transparent in it when it gets words', async ({ person }) => {
  const anna = await alone(person)
  const width = 120
  const dot = (turn) => Array.from({ length: width * 80 }, (_, i) => (i % width < 40 + turn * 20 && i / width < 30 ? 1 : 0))
  const opaque = gif({ width, height: 80, palette: [[0, 0, 0], [200, 60, 60]], frames: [dot(0), dot(1)], delay: 20 })
  // The first colour is none, and each picture is taken away before the next.
  const holes = Buffer.from(opaque)
  for (let at = holes.indexOf('21f904', 'hex'); at >= 0; at = holes.indexOf('21f904', at + 1, 'hex')) holes[at + 3] = 0x09
  await wanted(anna, { kind: 'caption' })
  await anna.page.waitForFunction(() => document.activeElement?.matches('#maker .amber'))
  // Early: the browser has to know that its chooser is ours before it opens.
  const chooser = anna.page.waitForEvent('filechooser')
  chooser.catch(() => undefined)
  await accessible(anna, 'before a GIF is chosen')
  await anna.page.locator('#maker .amber').press('Enter')
  await (await chooser).setFiles({ name: 'dot.gif', mimeType: 'image/gif', buffer: holes })
  await anna.shows('#maker .trim')
  await anna.page.fill('#maker-words', 'hi')
  await weighed(anna)
  await anna.page.click('#maker footer .amber')
  await anna.loses('#maker')
  const made = await look(anna.page, await newest(anna), [[0.1, 0.1], [0.45, 0.1], [0.95, 0.5]])
  assert.equal(made.frames.length, 2)
  assert.deepEqual(made.frames.map(({ colors }) => colors.map(([, , , alpha]) => alpha)), [[255, 0, 0], [255, 255, 0]])
  assert.ok(apart(made.frames[1].colors[1], [200, 60, 60]) < 10)
})

story('the camera counts down, records three seconds, and records again', async ({ person }) => {
  const anna = await alone(person, { viewport: PHONE })
  await wanted(anna, { kind: 'camera' })
  await anna.page.waitForFunction(() => document.querySelector('#maker video')?.videoWidth > 0)
  await accessible(anna, 'the camera')
  assert.equal(await labelled(anna), '3초 찍기')
  for (let take = 0; take < 2; take += 1) {
    // From before the press: each number stays for one second only.
    await anna.page.evaluate(() => {
      const seen = (globalThis.numbers = [])
      new MutationObserver(() => {
        const number = document.querySelector('#maker .leader b')?.textContent
        if (number && seen.at(-1) !== number) seen.push(number)
      }).observe(document.querySelector('#maker'), { childList: true, subtree: true, characterData: true })
    })
    await press(anna, 'Enter')
    await anna.shows('#maker .recording')
    assert.deepEqual(await anna.page.evaluate(() => globalThis.numbers), ['3', '2', '1'])
    await anna.shows('#maker .trim')
    await weighed(anna)
    assert.equal(await anna.page.evaluate(() => document.querySelectorAll('#maker video').length), 0)
    if (take > 0) break
    await anna.page.click('#maker footer .plain')
    await anna.shows('#maker video')
    await anna.page.waitForFunction(() => document.activeElement.textContent === '3초 찍기')
  }
  await accessible(anna, 'what the camera saw')
  await anna.page.click('#maker footer .amber')
  await anna.loses('#maker')
  const made = await look(anna.page, await newest(anna), [[0.5, 0.05]])
  assert.ok(Math.abs(made.length - 3000) <= 80, `${made.length} ms`)
  assert.deepEqual([made.width, made.height], [360, 270])
  // Chromium's own test picture: a green field with a moving pie, and the time in milliseconds.
  assert.ok(made.frames.length >= 8, `${made.frames.length} frames`)
  assert.ok(made.frames.every(({ colors: [[r, g, b]] }) => g > r && g > b), 'it is green')
})

story('a camera that may not be used says so', async ({ person }) => {
  const anna = await alone(person)
  await anna.page.evaluate(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))))
  await wanted(anna, { kind: 'camera' })
  await anna.page.locator('#maker [role=alert]', { hasText: '카메라를 허용해' }).waitFor()
  await accessible(anna, 'a camera that may not be used')
  await anna.page.evaluate(() => delete navigator.mediaDevices.getUserMedia)
  await press(anna, 'Enter')
  await anna.page.waitForFunction(() => document.querySelector('#maker video')?.videoWidth > 0)
  await press(anna, 'Escape')
  await anna.loses('#maker')
})

story('what would be too heavy is made lighter, and what is being made can be stopped', async ({ person }) => {
  const anna = await alone(person)
  const most = 250_000
  // As if the server took less.
  await anna.page.evaluate((bytes) => (document.querySelector('#gif').dataset.mostBytes = bytes), most)
  // Noise, which no GIF can make small.
  const buffer = await film(anna.page, { width: 240, height: 240, noise: true })
  await anna.page.setInputFiles('#gif', { name: 'noise.webm', mimeType: 'video/webm', buffer })
  await anna.shows('#maker .trim')
  const guessed = await weighed(anna)
  assert.ok(await anna.page.isVisible('#maker .note'), guessed)
  const kilobytes = Number(/약 (\d+) kB/.exec(guessed)?.[1])
  assert.ok(kilobytes * 1000 <= most && kilobytes * 1000 > most / 2, guessed)

  await anna.page.click('#maker footer .amber')
  await anna.shows('#maker [role=progressbar]')
  await accessible(anna, 'a GIF that is being made')
  await press(anna, 'Escape')
  await anna.loses('#maker [role=progressbar]')
  await anna.shows('#maker[open]')

  await weighed(anna)
  await anna.page.click('#maker footer .amber')
  await anna.page.waitForFunction(() => !document.querySelector('#maker') || document.querySelector('#maker .wrong').textContent, undefined, { timeout: 60_000 })
  assert.deepEqual(await anna.texts('#maker .wrong'), [])
  const made = await look(anna.page, await newest(anna))
  assert.ok(made.bytes <= most && made.bytes > most / 3, `${made.bytes} bytes`)
  assert.ok(made.width === made.height && made.width < 240, `${made.width} pixels`)
  assert.ok(Math.abs(made.length - 3000) <= 200, `${made.length} ms`)
})

story('a GIF that is not taken stays in the maker until it is', async ({ person }) => {
  const anna = await alone(person)
  let go
  const held = new Promise((resolve) => (go = resolve))
  await anna.page.route('**/gif', (route) => held.then(() => route.continue()).catch(() => undefined))
  const buffer = hoppingCat()
  await anna.page.setInputFiles('#gif', Array.from({ length: 10 }, (_, n) => ({ name: `${n}.gif`, mimeType: 'image/gif', buffer })))
  await anna.page.locator('.msg.pending .upload').nth(9).waitFor()
  await showVideo(anna, { width: 64, height: 48, colors: COLORS.slice(0, 1) })
  await anna.page.fill('#maker-alt', '빨간 벽')
  await anna.page.click('#maker footer .amber')
  await anna.page.locator('#maker .wrong', { hasText: '10개까지' }).waitFor()
  await accessible(anna, 'a GIF that is not taken')
  assert.equal(await anna.page.inputValue('#maker-alt'), '빨간 벽')
  go()
  await anna.page.waitForFunction(() => document.querySelectorAll('.msg.mine[data-seq]:not([data-pending])').length === 10)
  // It is made already: nothing is encoded for the second try.
  await anna.page.evaluate(() => (globalThis.Worker = class { constructor() { throw new Error('encoded again') } }))
  await anna.page.click('#maker footer .amber')
  await anna.loses('#maker')
  await anna.page.locator('.msg.mine .frame[data-alt="빨간 벽"]').waitFor()
}, { GIFCHAT_UPLOAD_RATE: '0' })

story('a GIF that was made cannot be stopped any more, and what becomes of it is told without the maker', async ({ person }) => {
  const anna = await alone(person)
  let go
  const held = new Promise((resolve) => (go = resolve))
  await anna.page.route(/\/assets\/uploads-/, (route) => held.then(() => route.fallback()).catch(() => undefined))
  // Loaded while the GIF is being made, not after it.
  const asked = anna.page.waitForRequest(/\/assets\/uploads-/)
  await showVideo(anna, { width: 64, height: 48, colors: COLORS.slice(0, 1) })
  await asked
  await anna.page.click('#maker footer .amber')
  await anna.page.waitForFunction(() => document.querySelector('#maker [aria-busy=true]') && !document.querySelector('#maker [aria-label="만들기 그만두기"]'))
  await press(anna, 'Escape')
  await anna.loses('#maker')
  // As if the server took nothing any more.
  await anna.page.evaluate(() => (document.querySelector('#gif').dataset.mostBytes = 10))
  go()
  await anna.page.locator('.toast:popover-open', { hasText: '이 파일은' }).waitFor()
})

story('a file that is no video says so, and another one can be chosen', async ({ person }) => {
  const anna = await alone(person)
  anna.expects(/blob:/)
  await anna.page.setInputFiles('#gif', { name: 'broken.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video at all') })
  await anna.page.locator('#maker [role=alert]', { hasText: '열 수 없어요' }).waitFor()
  const buffer = await film(anna.page, { width: 64, height: 48, colors: COLORS.slice(0, 1) })
  // As in the browsers of iPhones: no picture of a video is there before it was to play.
  await anna.page.evaluate(() => {
    const { addEventListener, play } = HTMLMediaElement.prototype
    const played = new WeakSet()
    HTMLMediaElement.prototype.play = function () {
      played.add(this)
      return play.call(this)
    }
    HTMLMediaElement.prototype.addEventListener = function (name, listener, options) {
      addEventListener.call(this, name, (event) => (name !== 'loadeddata' || played.has(this)) && listener(event), options)
    }
  })
  await anna.page.setInputFiles('#maker [type=file]', { name: 'clip.webm', mimeType: 'video/webm', buffer })
  await anna.shows('#maker .trim')
})

story('a copied animation that arrives as a still is explained', async ({ person }) => {
  const anna = await alone(person)
  const paste = (html) =>
    anna.page.evaluate((html) => {
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([new Uint8Array(8)], 'image.png', { type: 'image/png' }))
      clipboardData.setData('text/html', html)
      document.querySelector('#chat').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, html)
  await paste('<meta charset="utf-8"><img src="https://media.example/cat/dance.gif" onerror="document.title = 1">')
  const link = anna.page.locator('#pasted a.amber')
  await link.waitFor()
  assert.deepEqual(
    await link.evaluate(({ href, target, rel }) => ({ href, target, rel })),
    { href: 'https://media.example/cat/dance.gif', target: '_blank', rel: 'noopener noreferrer' },
  )
  await accessible(anna, 'a copied animation')
  await press(anna, 'Escape')
  await anna.loses('#pasted')

  // From this server it comes as it moves.
  await anna.page.setInputFiles('#gif', { name: 'cat.gif', mimeType: 'image/gif', buffer: hoppingCat() })
  const address = await newest(anna)
  await paste(`<img src="${new URL(address, anna.page.url())}">`)
  await anna.page.click('#pasted button.amber')
  await anna.loses('#pasted')
  assert.equal(await newest(anna, 2), address)

  // The original is dropped where it was asked for.
  await paste('<img src="https://media.example/cat/dance.gif">')
  await link.waitFor()
  await anna.page.evaluate((bytes) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([new Uint8Array(bytes)], 'dance.gif', { type: 'image/gif' }))
    document.querySelector('#pasted h2').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  }, [...hoppingCat()])
  await anna.loses('#pasted')
  assert.equal(await newest(anna, 3), address)
})

story('without a decoder of the browser’s own, a GIF can have words too', async ({ person }) => {
  const anna = await person()
  await anna.context.addInitScript('delete globalThis.ImageDecoder')
  await anna.page.goto('/room')
  await anna.makeRoom({ title: '옛 브라우저' })
  await anna.page.setInputFiles('#gif', { name: 'cat.gif', mimeType: 'image/gif', buffer: hoppingCat() })
  const plain = await newest(anna)
  await wanted(anna, { kind: 'caption', source: plain })
  await anna.page.fill('#maker-words', '안녕')
  await weighed(anna)
  await anna.page.click('#maker footer .amber')
  await anna.loses('#maker')
  const worded = await newest(anna, 2)
  const ben = await person()
  await ben.page.goto('/')
  const [before, after] = [await look(ben.page, plain), await look(ben.page, worded)]
  assert.deepEqual(after.frames.map(({ delay }) => delay), before.frames.map(({ delay }) => delay))
  after.frames.forEach(({ colors: [color] }, n) => assert.ok(apart(color, before.frames[n].colors[0]) < 10))
})
