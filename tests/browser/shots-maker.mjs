// Takes pictures of the maker in every state: node shots-maker.mjs FOLDER. Two sizes, light and dark, Korean and English.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FAKE_CAMERA, film } from './film.mjs'
import { blinking, hoppingCat } from './gif.mjs'
import { DESKTOP, openBrowser, PHONE, Person, Server } from './support.mjs'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Say into which folder: node shots-maker.mjs /tmp/shots')
await mkdir(folder, { recursive: true })
const SUNSET = [[232, 120, 86], [122, 84, 130], [38, 52, 98]]
const WORDS = { 'ko-KR': ['월요일 아침의 나', '노을 위로 흰 네모가 지나가요'], 'en-GB': ['Me on a Monday', 'A white square crosses the dusk'] }

const browser = await openBrowser(FAKE_CAMERA)
const server = await Server.start({ GIFCHAT_EMPTY_GRACE: '10m', GIFCHAT_UPLOAD_RATE: '0' })
let clip
try {
  for (const locale of Object.keys(WORDS)) {
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      for (const colorScheme of ['light', 'dark']) {
        await everything({ locale, viewport, colorScheme, hasTouch: size === 'phone', isMobile: size === 'phone', deviceScaleFactor: 1 }, `${locale.slice(0, 2)}-${size}-${colorScheme}`)
      }
    }
  }
} finally {
  await browser.close()
  await server.stop()
}

async function everything(look, name) {
  const me = await Person.arrive(browser, server.url, look)
  const { page } = me
  const [words, alt] = WORDS[look.locale]
  const shoot = async (what) => {
    await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished)))
    await page.screenshot({ path: join(folder, `maker-${what}-${name}.png`) })
  }
  const make = (detail) => page.evaluate((one) => document.querySelector('chat-room').dispatchEvent(new CustomEvent('make-gif', { detail: one })), detail)
  const weighed = () => page.waitForFunction(() => document.querySelector('#maker:not(.weighing) .guess')?.textContent)
  const close = async () => {
    await page.click('#maker header .round')
    await me.loses('#maker')
  }
  await page.goto('/room')
  await me.makeRoom({ title: look.locale === 'ko-KR' ? '필름 가게' : 'Film shop', max: 6 })
  clip ??= await film(page, { width: 480, height: 320, colors: SUNSET })

  // The camera: asked for, in sight, counting, recording; and what came of it.
  await page.evaluate(() => {
    const { mediaDevices } = navigator
    const asked = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = (wish) => new Promise((resolve, reject) => (globalThis.allow = () => asked(wish).then(resolve, reject)))
  })
  await make({ kind: 'camera' })
  await me.shows('#maker .wait')
  await shoot('camera-asking')
  await page.evaluate(() => globalThis.allow())
  await page.waitForFunction(() => document.querySelector('#maker video')?.videoWidth > 0)
  await shoot('camera-ready')
  await page.click('#maker footer .amber')
  await page.locator('#maker .leader b', { hasText: '2' }).waitFor()
  await shoot('camera-counts')
  await me.shows('#maker .recording')
  await page.waitForFunction(() => Number(getComputedStyle(document.querySelector('#maker .recording')).getPropertyValue('--part')) > 0.4)
  await shoot('camera-records')
  await me.shows('#maker .trim')
  await weighed()
  await shoot('camera-cut')
  await close()
  await page.evaluate(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))))
  await make({ kind: 'camera' })
  await me.shows('#maker [role=alert]')
  await shoot('camera-denied')
  await close()

  // A video: chosen, cut, on its way to a GIF, too heavy, and one that is none.
  await make({ kind: 'video' })
  await me.shows('#maker .wait')
  await shoot('video-choose')
  await page.setInputFiles('#maker [type=file]', { name: 'clip.webm', mimeType: 'video/webm', buffer: clip })
  await me.shows('#maker .trim')
  await weighed()
  await shoot('video-cut')
  await page.locator('#maker .from').focus()
  await page.keyboard.press('PageUp')
  await page.fill('#maker-words', words)
  await page.fill('#maker-alt', alt)
  await weighed()
  await shoot('video-words')
  // It stays in the middle of its making.
  await page.evaluate(() => {
    const { postMessage } = Worker.prototype
    let frames = 0
    Worker.prototype.postMessage = function (order, more) {
      if (order.do === 'frame') frames += 1
      if (frames < 18) postMessage.call(this, order, more)
    }
  })
  await page.click('#maker footer .amber')
  await page.waitForFunction(() => Number(document.querySelector('#maker .leader b')?.textContent) > 40)
  await shoot('video-making')
  await page.keyboard.press('Escape')
  await me.loses('#maker [role=progressbar]')
  await close()
  await page.evaluate(() => (document.querySelector('#gif').dataset.mostBytes = '20000'))
  await make({ kind: 'video' })
  await page.setInputFiles('#maker [type=file]', { name: 'broken.mp4', mimeType: 'video/mp4', buffer: Buffer.from('none') })
  await page.waitForFunction(() => document.querySelector('#maker .wrong').textContent !== '')
  await shoot('video-unreadable')
  await close()

  // Words on a GIF, in a page whose workers work again.
  await me.toRoom(() => page.reload())
  await page.evaluate(() => (document.querySelector('#gif').dataset.mostBytes = '9000'))
  await make({ kind: 'caption' })
  await me.shows('#maker .wait')
  await shoot('caption-choose')
  await page.setInputFiles('#maker [type=file]', { name: 'cat.gif', mimeType: 'image/gif', buffer: hoppingCat() })
  await me.shows('#maker .trim')
  await page.fill('#maker-words', words)
  await page.check('#maker [name=letters][value=large]')
  await page.locator('#maker .note').waitFor()
  await weighed()
  await shoot('caption-less')
  await close()
  await page.evaluate(() => (document.querySelector('#gif').dataset.mostBytes = '5242880'))

  // One that cannot be taken; and one that was copied.
  await page.route('**/gif', () => undefined)
  await page.setInputFiles('#gif', Array.from({ length: 10 }, (_, n) => ({ name: `${n}.gif`, mimeType: 'image/gif', buffer: blinking(40, 30, 60) })))
  await page.locator('.msg.pending .upload').nth(9).waitFor()
  await make({ kind: 'caption' })
  await page.setInputFiles('#maker [type=file]', { name: 'cat.gif', mimeType: 'image/gif', buffer: hoppingCat() })
  await me.shows('#maker .trim')
  await page.fill('#maker-words', words)
  await weighed()
  await shoot('caption')
  await page.click('#maker footer .amber')
  await page.waitForFunction(() => document.querySelector('#maker .wrong').textContent !== '')
  await weighed()
  await shoot('not-taken')
  await close()
  await page.evaluate(() => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File([new Uint8Array(8)], 'image.png', { type: 'image/png' }))
    clipboardData.setData('text/html', '<img src="https://media.example/cat/dance.gif">')
    document.querySelector('#chat').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
  await me.shows('#pasted')
  await shoot('pasted')
  await me.context.close()
}
