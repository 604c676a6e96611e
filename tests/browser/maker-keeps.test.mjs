// What was recorded or written in the maker is not lost by a slip; and its camera is off as soon as nobody needs it.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { FAKE_CAMERA } from './film.mjs'
import { blinking, gif } from './gif.mjs'
import { stories } from './support.mjs'

const story = stories(FAKE_CAMERA)

const still = gif({ width: 40, height: 30, palette: [[200, 60, 60]], frames: [new Uint8Array(1200)] })
/** Whether the page asks before it goes. */
const asks = (anna) => anna.page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))
const press = (anna, ...keys) => keys.reduce((before, key) => before.then(() => anna.page.keyboard.press(key)), Promise.resolve())

/** In the page. Something that brings this file: a paste, or a drop. */
function bring({ selector, kind, bytes, type }) {
  const data = new DataTransfer()
  data.items.add(new File([new Uint8Array(bytes)], 'brought', { type }))
  const init = { bubbles: true, cancelable: true }
  const event = kind === 'paste' ? new ClipboardEvent('paste', { ...init, clipboardData: data }) : new DragEvent(kind, { ...init, dataTransfer: data })
  document.querySelector(selector).dispatchEvent(event)
}

story('what is written on a GIF is kept when the maker is closed, and files that come over it are not for the room', async ({ person }) => {
  const anna = await person({ locale: 'en-GB' })
  // GIFs do not move by themselves here.
  await anna.page.addInitScript(() => localStorage.setItem('gif-play', 'tap'))
  await anna.page.goto('/room')
  await anna.makeRoom({ title: 'Words' })
  await anna.page.focus('.gif-button')
  await anna.page.evaluate((bytes) => {
    const source = new File([new Uint8Array(bytes)], 'still.gif', { type: 'image/gif' })
    document.querySelector('chat-room').dispatchEvent(new CustomEvent('make-gif', { detail: { kind: 'caption', source } }))
  }, [...still])
  await anna.page.locator('#maker .guess', { hasText: /^1 frame · 1\.0 s/ }).waitFor()
  assert.equal(await anna.page.getAttribute('#maker .stage .round', 'aria-label'), 'Play the preview')
  assert.equal(await asks(anna), false)
  await anna.page.fill('#maker-words', 'all mine')
  assert.equal(await asks(anna), true)

  const bytes = [...blinking()]
  await anna.page.evaluate(bring, { selector: '#maker-words', kind: 'paste', bytes, type: 'image/gif' })
  await anna.page.evaluate(bring, { selector: '#maker header', kind: 'dragenter', bytes, type: 'image/gif' })
  assert.equal(await anna.page.isVisible('.drop'), false)
  await anna.page.evaluate(bring, { selector: '#maker header', kind: 'drop', bytes, type: 'image/gif' })
  await anna.page.evaluate(bring, { selector: '#maker header', kind: 'drop', bytes: [1], type: 'video/webm' })

  const notice = anna.page.locator('.undo', { hasText: 'Closed without sending' })
  await press(anna, 'Escape')
  await notice.waitFor()
  await accessible(anna, 'a maker that can be opened again')
  assert.equal(await anna.page.isVisible('#maker'), false)
  assert.equal(await asks(anna), true)
  await anna.page.waitForFunction(() => document.activeElement.textContent === 'Open again')
  await press(anna, 'Enter')
  await anna.shows('#maker:modal')
  assert.equal(await notice.count(), 0)
  assert.equal(await anna.page.inputValue('#maker-words'), 'all mine')
  assert.equal(await anna.page.evaluate(() => document.activeElement.matches('#maker footer .amber')), true)

  // Whoever lets go of the notice lets go of it.
  await anna.page.click('#maker header button')
  await notice.waitFor()
  await notice.locator('button').focus()
  await press(anna, 'Escape')
  await anna.loses('#maker')
  assert.equal(await asks(anna), false)
  assert.equal(await anna.page.locator('.msg .frame').count(), 0)
})

story('the camera is off after Escape, when it has recorded, and when another take is sent', async ({ person }) => {
  const anna = await person()
  await anna.page.addInitScript(() => {
    globalThis.tracks = []
    const { getUserMedia } = MediaDevices.prototype
    MediaDevices.prototype.getUserMedia = async function (...wanted) {
      const stream = await getUserMedia.apply(this, wanted)
      tracks.push(...stream.getTracks())
      return stream
    }
  })
  const tracks = () => anna.page.evaluate(() => globalThis.tracks.map(({ readyState }) => readyState))
  const films = () => anna.page.waitForFunction(() => document.querySelector('#maker video')?.videoWidth > 0 && document.activeElement.textContent === '3초 찍기')
  await anna.page.goto('/room')
  await anna.makeRoom({ title: '카메라' })
  const camera = () => anna.page.evaluate(() => document.querySelector('chat-room').dispatchEvent(new CustomEvent('make-gif', { detail: { kind: 'camera' } })))
  await camera()
  await films()
  assert.deepEqual(await tracks(), ['live'])
  await press(anna, 'Escape')
  await anna.loses('#maker')
  assert.deepEqual(await tracks(), ['ended'])

  await camera()
  await films()
  await press(anna, 'Enter')
  await anna.shows('#maker .trim')
  assert.deepEqual(await tracks(), ['ended', 'ended'])
  // What was recorded is nowhere else: one press does not lose it.
  assert.equal(await asks(anna), true)
  await press(anna, 'Escape')
  await anna.page.locator('.undo button', { hasText: '다시 열기' }).click()
  await anna.shows('#maker .trim')
  await anna.page.click('#maker footer .plain')
  await films()
  assert.equal(await asks(anna), false)
  assert.deepEqual(await tracks(), ['ended', 'ended', 'live'])
  await press(anna, 'Enter')
  await anna.shows('#maker .trim')
  await anna.page.click('#maker footer .amber')
  await anna.loses('#maker')
  await anna.newestGif('mine')
  assert.equal(await asks(anna), false)
  assert.deepEqual(await tracks(), ['ended', 'ended', 'ended'])
})
