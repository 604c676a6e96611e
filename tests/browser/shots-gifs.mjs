// Takes pictures of GIFs in every state: node shots-gifs.mjs FOLDER. Two sizes, light and dark, Korean and English.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { blinking, hoppingCat } from './gif.mjs'
import { DESKTOP, openBrowser, PHONE, Person, Server } from './support.mjs'
import { Wire } from './wire.mjs'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Say into which folder: node shots-gifs.mjs /tmp/shots')
await mkdir(folder, { recursive: true })
const file = (buffer) => ({ name: 'cat.gif', mimeType: 'image/gif', buffer })
/** A change after the last message takes a number of the order, too. */
const DESCRIBED = 1
const WORDS = {
  'ko-KR': ['그림자 위로 폴짝 뛰는 주황 고양이. 뛸 때마다 하트가 떠올라요.', '나는 이미 이런 상태'],
  'en-GB': ['An orange cat that hops over its shadow. Hearts rise with every hop.', 'This is me already'],
}

const browser = await openBrowser()
const server = await Server.start({ GIFCHAT_EMPTY_GRACE: '10m', GIFCHAT_EXIT_DAMPING: '30s', GIFCHAT_OWNER_GRACE: '10m', GIFCHAT_UPLOAD_RATE: '0' })
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
  const [words, said] = WORDS[look.locale]
  const [me, ben] = [await Person.arrive(browser, server.url, look), await Person.arrive(browser, server.url, look)]
  const wire = await Wire.of(me)
  const shoot = async (what) => {
    await me.page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished)))
    await me.page.screenshot({ path: join(folder, `gif-${what}-${name}.png`) })
  }
  const inMenu = async (...acts) => {
    await me.page.click('[popovertarget=menu]')
    await me.page.waitForFunction(() => document.querySelector('[data-act=gif-play] .now').textContent !== '')
    for (const act of acts) await me.page.click(`#menu [data-act=${act}]`)
    if (acts.length === 0) await shoot('menu')
    await me.page.keyboard.press('Escape')
  }
  await me.page.goto('/room')
  const id = await me.makeRoom({ title: locale(look, '점심 뭐 먹지', 'Lunch?'), max: 8 })
  await ben.toRoom(() => ben.page.goto(`/room/${id}`))
  await ben.say(said)
  await ben.page.setInputFiles('#gif', file(hoppingCat()))
  await ben.page.locator('.msg[data-seq] [data-gif]').waitFor()
  await ben.page.click('.frame.gif .alt')
  await ben.page.fill('#alt-text', words)
  await ben.page.click('#alt-panel .save')
  await me.page.locator('.frame.gif[data-alt][data-play=playing]').waitFor()
  await me.page.setInputFiles('#gif', file(blinking(140, 20, 100)))
  await me.page.locator('.msg.mine[data-seq] [data-play=playing]').waitFor()
  await me.page.waitForTimeout(400)
  await shoot('plays')
  await inMenu()
  await inMenu('gif-pause')
  await me.page.locator('.mine [data-play=still]').waitFor()
  await shoot('rests')
  await me.page.click('.other .alt')
  await me.page.locator('#alt-panel .words').waitFor()
  await shoot('words')
  await me.page.keyboard.press('Escape')
  await me.page.click('.mine .alt')
  await me.page.locator('#alt-panel textarea').waitFor()
  await me.page.fill('#alt-text', words)
  await shoot('describe')
  await me.page.click('#alt-panel .save')

  const next = await me.page.evaluate(() => {
    const all = [...document.querySelectorAll('#chat-list [data-seq]')].map((one) => Number(one.dataset.seq))
    return { seq: Math.max(...all) + 1, gif: `${document.querySelector('.other [data-gif]').dataset.gif.replace(/^.*\//, '')}.gif`, room: document.querySelector('chat-room').dataset.room }
  })
  const flashing = { user: '#8a2be2', member: 'f'.repeat(24), name: locale(look, '번쩍이는 너구리', 'Quick Otter'), width: 280, height: 200, color: '#ffecc8', duration: 2100, flashes: true }
  wire.say('chat', { _id: 'f'.repeat(24), createdAt: new Date().toISOString(), ...flashing, ...next, seq: next.seq + DESCRIBED })
  await me.page.locator('[data-flashes][data-play=still]').waitFor()
  await shoot('flashes')

  let go
  const held = new Promise((resolve) => (go = resolve))
  await me.page.route('**/gif', (route) => held.then(() => route.abort()).catch(() => undefined))
  await me.page.setInputFiles('#gif', file(hoppingCat()))
  await me.page.locator('.msg.pending .upload').waitFor()
  await me.page.evaluate(() => {
    const bar = document.querySelector('.upload')
    bar.querySelector('.leader').style.setProperty('--part', '0.64')
    bar.querySelector('b').textContent = '64'
  })
  await shoot('upload')
  go()
  await me.page.locator('.msg.broken').waitFor()
  await shoot('failed')
  await me.page.setInputFiles('#gif', { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') })
  await me.shows('#chat-form .wrong')
  await me.page.evaluate(() => (document.querySelector('.drop').hidden = false))
  await shoot('drop')
  for (const { context } of [me, ben]) await context.close()
}

function locale(look, ko, en) {
  return look.locale === 'ko-KR' ? ko : en
}
