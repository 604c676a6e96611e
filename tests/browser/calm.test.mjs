// GIFs keep calm: what moves, when, how many at once; what flashes; and the words for those who do not see them.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { blinking, gif, hoppingCat } from './gif.mjs'
import { PHONE, stories } from './support.mjs'
import { Wire } from './wire.mjs'

const story = stories()
/** Files that a page sends at once. */
const AT_ONCE = 10
const MANY = { GIFCHAT_UPLOAD_RATE: '0' }

const file = (buffer, name = 'cat.gif', mimeType = 'image/gif') => ({ name, mimeType, buffer })
/** Slow enough that nobody calls it flashing. */
const board = (n) => file(blinking(40 + 2 * n, 30, 50), `${n}.gif`)

/** Black and white, ten times a second. */
const lightning = (width, height) => gif({ width, height, palette: [[255, 255, 255], [0, 0, 0]], frames: [0, 1].map((color) => new Uint8Array(width * height).fill(color)) })

/** The first makes a room, the others enter it. */
async function together(first, ...others) {
  await first.page.goto('/room')
  const id = await first.makeRoom({ title: '움직이는 방', max: 5 })
  for (const other of others) await other.toRoom(() => other.page.goto(`/room/${id}`))
  return id
}

/** Sends these and waits until they stand in the conversation. */
async function show(person, ...files) {
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const some = files.slice(at, at + AT_ONCE)
    const before = await person.page.locator('.msg.mine[data-seq] [data-gif]').count()
    await person.page.setInputFiles('#gif', some)
    await person.page.waitForFunction((n) => document.querySelectorAll('.msg.mine[data-seq]:not([data-pending]) [data-gif]').length === n, before + some.length)
  }
}

const frame = (person, at = 0) => person.page.locator('#chat-list .frame.gif').nth(at)
const player = (person, at = 0) => frame(person, at).locator('.player')
const state = (person, at = 0) => frame(person, at).getAttribute('data-play')
const becomes = (person, state, at = 0) => person.page.locator(`:nth-match(#chat-list .frame.gif, ${at + 1})[data-play=${state}]`).waitFor({ state: 'attached' })
const source = (person, at = 0) => frame(person, at).locator('img.picture').getAttribute('src')
const press = async (person, ...keys) => {
  for (const key of keys) await person.page.keyboard.press(key)
}

async function wish(person, act) {
  await person.page.click('[popovertarget=menu]')
  await person.page.waitForFunction(() => document.querySelector('[data-act=gif-play] .now').textContent !== '')
  await person.page.click(`#menu [data-act=${act}]`)
  const now = await person.page.innerText(`#menu [data-act=${act}] .now`)
  await person.page.keyboard.press('Escape')
  return now
}

/** What the server would say of a GIF that flashes: it stands below the last message. */
async function flash(wire, person) {
  const last = await person.page.evaluate(() => {
    const all = [...document.querySelectorAll('#chat-list [data-seq]')].map((one) => Number(one.dataset.seq))
    const { gif } = document.querySelector('[data-gif]').dataset
    return { seq: Math.max(...all), gif: `${gif.replace(/^.*\//, '')}.gif`, room: document.querySelector('chat-room').dataset.room }
  })
  wire.say('chat', {
    _id: 'f'.repeat(24),
    room: last.room,
    user: '#e8542f',
    gif: last.gif,
    width: 42,
    height: 30,
    color: '#ffffff',
    duration: 200,
    flashes: true,
    createdAt: new Date().toISOString(),
    seq: last.seq + 1,
    member: 'f'.repeat(24),
    name: '번개',
  })
  await person.page.locator('[data-flashes]').waitFor()
}

story('GIFs move where they are seen, and rest everywhere else', async ({ person }) => {
  const anna = await person()
  const ben = await person({ viewport: PHONE, hasTouch: true })
  await together(anna, ben)
  await show(anna, ...Array.from({ length: 12 }, (_, n) => board(n)))
  await ben.page.waitForFunction(() => document.querySelectorAll('[data-gif]').length === 12)

  // The last ones are in sight.
  await becomes(ben, 'playing', 11)
  assert.match(await source(ben, 11), /\.webp$/)
  assert.equal((await source(ben, 11)).endsWith('.poster.webp'), false)
  assert.match(await source(ben, 0), /\.poster\.webp$/)
  assert.ok([null, 'away'].includes(await state(ben, 0)))
  const moving = () => ben.page.evaluate(() => {
    const inSight = (one) => one.getBoundingClientRect().bottom > 0 && one.getBoundingClientRect().top < innerHeight
    const all = [...document.querySelectorAll('[data-play=playing], [data-play=starting]')]
    return { all: all.length, away: all.filter((one) => !inSight(one)).length }
  })
  assert.deepEqual(await moving().then(({ away }) => away), 0)

  await ben.page.evaluate(() => document.querySelector('message-log').scrollTo(0, 0))
  await becomes(ben, 'playing', 0)
  await becomes(ben, 'away', 11)
  await ben.page.waitForFunction(() => document.querySelectorAll('.frame.gif')[11].querySelector('img.picture').src.endsWith('.poster.webp'))
  const then = await moving()
  assert.equal(then.away, 0)
  assert.ok(then.all >= 1 && then.all <= 4, `${then.all} on a touch screen`)
  await accessible(ben, 'GIFs that move')
}, MANY)

story('no more move at once than the device bears, nearest to the middle first', async ({ person }) => {
  const anna = await person({ viewport: { width: 1280, height: 3600 } })
  await together(anna)
  await show(anna, ...Array.from({ length: 12 }, (_, n) => board(n)))
  await anna.page.waitForFunction(() => ['playing', 'still'].map((state) => document.querySelectorAll(`[data-play=${state}]`).length).join() === '8,4')
  const distances = await anna.page.evaluate(() => {
    const middle = (one) => Math.abs(one.getBoundingClientRect().top + one.getBoundingClientRect().height / 2 - innerHeight / 2)
    const of = (state) => [...document.querySelectorAll(`[data-play=${state}]`)].map(middle)
    return { moving: Math.max(...of('playing')), resting: Math.min(...of('still')) }
  })
  assert.ok(distances.moving <= distances.resting + 1, JSON.stringify(distances))
  // What is pressed moves, and another one rests for it.
  const pressed = await anna.page.locator('[data-play=still]').first().getAttribute('data-gif')
  await anna.page.locator('[data-play=still] .player').first().click()
  await anna.page.locator(`[data-gif="${pressed}"][data-play=playing]`).waitFor()
  await anna.page.waitForFunction(() => document.querySelectorAll('[data-play=playing]').length === 8)
}, MANY)

story('a reader pauses one, all, or lets them move only under the pointer or when pressed', async ({ person }) => {
  const anna = await person()
  await together(anna)
  await show(anna, file(hoppingCat()), board(1))
  await becomes(anna, 'playing', 0)
  const tall = await anna.page.evaluate(() => document.querySelector('.log').getBoundingClientRect().height)

  assert.equal(await player(anna).getAttribute('aria-label'), 'GIF 멈추기')
  await player(anna).click()
  await becomes(anna, 'still', 0)
  await anna.page.waitForFunction(() => document.querySelector('img.picture').src.endsWith('.poster.webp'))
  assert.match(await player(anna).getAttribute('aria-label'), /^GIF 재생, 0\.7s$/)
  assert.equal(await state(anna, 1), 'playing')
  // By keyboard, and the focus stays.
  await player(anna).focus()
  await press(anna, 'Enter')
  await becomes(anna, 'playing', 0)
  assert.equal(await player(anna).evaluate((one) => one === document.activeElement), true)

  assert.equal(await wish(anna, 'gif-pause'), '켬')
  await becomes(anna, 'still', 0)
  await becomes(anna, 'still', 1)
  await accessible(anna, 'all paused')
  await frame(anna, 1).locator('img.picture').click({ position: { x: 100, y: 20 } })
  await becomes(anna, 'playing', 1)
  assert.equal(await wish(anna, 'gif-pause'), '끔')
  await becomes(anna, 'playing', 0)

  assert.equal(await wish(anna, 'gif-play'), '가리킬 때')
  await anna.page.mouse.move(10, 10)
  await anna.page.focus('#chat')
  await becomes(anna, 'still', 0)
  await frame(anna, 0).hover()
  await becomes(anna, 'playing', 0)
  assert.equal(await state(anna, 1), 'still')
  await anna.page.mouse.move(10, 10)
  await becomes(anna, 'still', 0)
  await anna.page.locator('.msg', { has: anna.page.locator('.frame.gif') }).nth(1).focus()
  await becomes(anna, 'playing', 1)

  assert.equal(await wish(anna, 'gif-play'), '누를 때')
  await becomes(anna, 'still', 1)
  await frame(anna, 0).hover()
  await player(anna, 0).click()
  await becomes(anna, 'playing', 0)
  assert.equal(await state(anna, 1), 'still')
  assert.equal(await anna.page.evaluate(() => document.querySelector('.log').getBoundingClientRect().height), tall, 'nothing has moved the page')

  // The wish is kept.
  await anna.toRoom(() => anna.page.reload())
  await becomes(anna, 'still', 0)
  assert.equal(await wish(anna, 'gif-play'), '항상')
  await becomes(anna, 'playing', 0)
  // Three rounds of 0.2 seconds, then it rests.
  assert.equal(await wish(anna, 'gif-loops'), '3번')
  await becomes(anna, 'still', 1)
  await player(anna, 1).click()
  await becomes(anna, 'playing', 1)
  await becomes(anna, 'still', 1)
})

story('GIFs rest for who wants no motion, and in a tab that nobody sees', async ({ person }) => {
  const anna = await person({ reducedMotion: 'reduce' })
  const ben = await person()
  const id = await together(anna, ben)
  await show(anna, file(hoppingCat()))
  await becomes(anna, 'still', 0)
  await becomes(ben, 'playing', 0)
  await anna.shows('.frame.gif .disc')
  await accessible(anna, 'no motion')
  await player(anna).click()
  await becomes(anna, 'playing', 0)
  assert.equal(await anna.page.isVisible('.ring'), false)

  await ben.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await becomes(ben, 'still', 0)
  await ben.page.evaluate(() => {
    delete document.visibilityState
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await becomes(ben, 'playing', 0)

  // Without a script they move by themselves.
  const carl = await person({ javaScriptEnabled: false })
  await carl.page.goto(`/room/${id}`)
  const shown = await carl.page.locator('.frame.gif source').evaluate((one) => ({ media: one.media, srcset: one.getAttribute('srcset') })).catch(() => undefined)
  assert.ok(shown === undefined || /scripting: none/.test(shown.media))
  assert.match(await carl.page.content(), /<source media="\(scripting: none\) and \(prefers-reduced-motion: no-preference\)" srcset="\/gif\/[0-9a-f]+\.webp">/)
})

story('what flashes moves only when it is pressed, and says so before', async ({ person }) => {
  const anna = await person({ viewport: PHONE, hasTouch: true })
  const wire = await Wire.of(anna)
  await together(anna)
  await show(anna, board(1))
  await becomes(anna, 'playing', 0)
  await flash(wire, anna)
  await becomes(anna, 'still', 1)
  assert.equal(await frame(anna, 1).locator('.warning').innerText(), '번쩍이는 그림이에요. 누르면 움직여요.')
  await accessible(anna, 'a warning')
  await player(anna, 1).tap()
  await becomes(anna, 'playing', 1)
  assert.equal(await frame(anna, 1).locator('.warning').isVisible(), false)
  // Whoever comes back to it is asked again.
  await anna.page.evaluate(() => document.querySelectorAll('.frame.gif')[1].style.setProperty('display', 'none'))
  await anna.page.waitForFunction(() => document.querySelectorAll('.frame.gif')[1].dataset.play === 'away')
  await anna.page.evaluate(() => document.querySelectorAll('.frame.gif')[1].style.removeProperty('display'))
  await becomes(anna, 'still', 1)
  await anna.shows('.frame.gif .warning')
})

story('the server sees what flashes, and its pages say so', async ({ person }) => {
  const anna = await person()
  await together(anna)
  await show(anna, board(1), file(lightning(60, 40), 'lightning.gif'))
  await becomes(anna, 'playing', 0)
  await becomes(anna, 'still', 1)
  await anna.toRoom(() => anna.page.reload())
  await becomes(anna, 'playing', 0)
  await becomes(anna, 'still', 1)
  assert.deepEqual([await frame(anna, 0).getAttribute('data-flashes'), await frame(anna, 1).getAttribute('data-flashes')], [null, ''])
  await player(anna, 1).click()
  await becomes(anna, 'playing', 1)
})

story('words for a picture: offered, written, read, and changed later, by keyboard', async ({ person }) => {
  const anna = await person()
  const ben = await person({ viewport: PHONE, hasTouch: true })
  const id = await together(anna, ben)
  await show(anna, file(hoppingCat()))
  await becomes(ben, 'playing', 0)
  assert.equal(await ben.page.isVisible('.frame.gif .alt'), false)

  await anna.page.locator('.frame.gif .alt').focus()
  assert.equal(await frame(anna).locator('.alt').innerText(), '설명 더하기')
  await press(anna, 'Enter')
  await anna.shows('#alt-panel textarea')
  assert.equal(await anna.page.evaluate(() => document.activeElement.id), 'alt-text')
  await accessible(anna, 'words are written')
  await anna.page.keyboard.type('그림자 위로')
  await press(anna, 'Escape')
  assert.equal(await anna.page.isVisible('#alt-panel'), false)
  assert.equal(await frame(anna).locator('.alt').evaluate((one) => one === document.activeElement), true)
  // What was written is there still.
  await press(anna, 'Enter')
  await anna.shows('#alt-panel textarea')
  await anna.page.keyboard.press('End')
  await anna.page.keyboard.type(' 폴짝 뛰는 고양이')
  await press(anna, 'Enter')
  await ben.shows('.frame.gif .alt')
  assert.equal(await anna.page.isVisible('#alt-panel'), false)
  for (const one of [anna, ben]) assert.equal(await frame(one).locator('img.picture').getAttribute('alt'), '그림자 위로 폴짝 뛰는 고양이')

  await frame(ben).locator('.alt').tap()
  await ben.shows('#alt-panel .words')
  assert.equal(await ben.page.innerText('#alt-panel .words'), '그림자 위로 폴짝 뛰는 고양이')
  assert.equal(await ben.page.locator('#alt-panel .choices').count(), 0)
  await accessible(ben, 'words are read')
  await press(ben, 'Escape')
  await ben.page.waitForFunction(() => !document.querySelector('#alt-panel').matches(':popover-open'))

  // A page that comes later knows them; their writer changes them from the menu of the message.
  await anna.toRoom(() => anna.page.goto(`/room/${id}`))
  assert.equal(await frame(anna).locator('.alt').innerText(), 'ALT')
  await anna.page.locator('.msg.mine', { has: anna.page.locator('.frame.gif') }).focus()
  await press(anna, 'Enter')
  await anna.page.locator('#message-menu [data-deed=describe]').focus()
  await press(anna, 'Enter')
  await anna.shows('#alt-panel textarea')
  assert.equal(await anna.page.inputValue('#alt-text'), '그림자 위로 폴짝 뛰는 고양이')
  await anna.page.fill('#alt-text', 'x'.repeat(501))
  await press(anna, 'Enter')
  await anna.shows('#alt-panel .wrong')
  assert.equal(await anna.page.innerText('#alt-panel .wrong'), '설명은 500자까지 적을 수 있어요.')
  await anna.page.fill('#alt-text', '')
  await anna.page.click('#alt-panel .save')
  await ben.page.waitForFunction(() => document.querySelector('.frame.gif .alt').checkVisibility() === false)
  assert.match(await frame(ben).locator('img.picture').getAttribute('alt'), /님이 보낸 움직이는 그림$/)
})
