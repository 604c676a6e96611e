// What the page loads when it is needed cannot be loaded: it is said, can be tried again, and nothing that was chosen or
// written is lost.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { COLORS, film } from './film.mjs'
import { blinking, hoppingCat } from './gif.mjs'
import { PHONE, stories } from './support.mjs'

const story = stories()

/** Somebody in a room, whose connection to everything but the room itself is in our hands. `lacks`: what alone does not come. */
async function cutOff(person, options, room) {
  const anna = await person(options)
  anna.expects(/ERR_FAILED|preload CSS|blob:/)
  if (room) await anna.toRoom(() => anna.page.goto(`/room/${room}`))
  else {
    await anna.page.goto('/room')
    await anna.makeRoom({ title: '끊긴 방' })
  }
  const net = { files: true, server: true, lacks: /nothing/ }
  await anna.context.route(/\/assets\//, (route) => (net.files && !net.lacks.test(route.request().url()) ? route.fallback() : route.abort()))
  await anna.context.route(/\/favicon\.svg/, (route) => (net.server ? route.fallback() : route.abort()))
  return { anna, net }
}

/** Chooses a file, as from the button of the composer. */
const choose = (anna, name, buffer = hoppingCat(), mimeType = 'image/gif') => anna.page.setInputFiles('#gif', { name, mimeType, buffer })
const sent = (anna, count) => anna.page.waitForFunction((n) => document.querySelectorAll('.msg.mine[data-seq]:not([data-pending]) .frame.gif').length === n, count)

const notice = (anna, text) => anna.page.locator('.undo p', { hasText: text }).waitFor()
const again = (anna) => anna.page.locator('.undo button', { hasText: '다시 해 보기' }).click()
const paste = (anna, html) =>
  anna.page.evaluate((html) => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File([new Uint8Array(8)], 'image.png', { type: 'image/png' }))
    clipboardData.setData('text/html', html)
    document.querySelector('#chat').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, html)

story('a picker that does not load says so, and opens with its looks when it is tried again', async ({ person }) => {
  const { anna, net } = await cutOff(person)
  Object.assign(net, { files: false, server: false })
  await anna.page.click('.gif-button')
  await notice(anna, '불러올 수 없어요')
  await accessible(anna, 'a part that does not load')
  assert.equal(await anna.page.getAttribute('.gif-button', 'aria-expanded'), 'false')
  // It waits for the reader, and they for it.
  await again(anna)
  await notice(anna, '연결을 확인해 주세요')
  Object.assign(net, { files: true, server: true })
  // Who presses both gets it once.
  await anna.page.evaluate(() => {
    document.querySelector('.undo button').click()
    document.querySelector('.gif-button').click()
  })
  await anna.shows('#picker')
  await anna.loses('.undo')
  assert.equal(await anna.page.locator('#picker').evaluate((one) => getComputedStyle(one).borderRadius), '16px')
  assert.equal(await anna.page.locator('#picker').count(), 1)
  assert.equal(await anna.page.getAttribute('.gif-button', 'aria-expanded'), 'true')
  await anna.page.click('.gif-button')
  await anna.loses('#picker')
})

story('what was dropped or pasted waits for the part that it needs', async ({ person }) => {
  const { anna, net } = await cutOff(person, { viewport: PHONE })
  const buffer = await film(anna.page, { width: 64, height: 48, colors: COLORS.slice(0, 1) })
  net.files = net.server = false
  await anna.page.setInputFiles('#gif', { name: 'clip.webm', mimeType: 'video/webm', buffer })
  await notice(anna, '불러올 수 없어요')
  net.files = net.server = true
  await again(anna)
  await anna.shows('#maker .trim')
  await anna.page.keyboard.press('Escape')
  await anna.loses('#maker')

  // The same for what is no file of the reader's disk.
  const { anna: dora, net: hers } = await cutOff(person, { viewport: PHONE })
  hers.files = hers.server = false
  await paste(dora, '<img src="https://media.example/cat/dance.gif">')
  await notice(dora, '불러올 수 없어요')
  await accessible(dora, 'a part that does not load, on a phone')
  hers.files = hers.server = true
  await again(dora)
  await dora.shows('#pasted a.amber')
})

story('a browser that goes on refusing is helped by a new page, on which what was written stands', async ({ person }) => {
  const { anna, net } = await cutOff(person)
  await anna.page.fill('#chat', '반쯤 쓴 글')
  net.files = false
  await anna.page.click('.for-search')
  await notice(anna, '연결을 확인해 주세요')
  await again(anna)
  await notice(anna, '새로 고치면')
  net.files = true
  await anna.toRoom(() => anna.page.locator('.undo button', { hasText: '새로 고침' }).click())
  assert.equal(await anna.page.inputValue('#chat'), '반쯤 쓴 글')
  await anna.page.click('.for-search')
  await anna.shows('#search')
})

story('it can be left, and the focus is where it was', async ({ person }) => {
  const { anna, net } = await cutOff(person)
  await anna.page.setInputFiles('#gif', { name: 'cat.gif', mimeType: 'image/gif', buffer: hoppingCat() })
  await anna.newestGif('mine')
  net.files = net.server = false
  await anna.page.focus('.gif-button')
  await anna.page.keyboard.press('Enter')
  await notice(anna, '불러올 수 없어요')
  await anna.page.locator('.undo button[aria-label="닫기"]').focus()
  await anna.page.keyboard.press('Enter')
  await anna.loses('.undo')
  assert.equal(await anna.page.evaluate(() => document.activeElement.matches('.gif-button')), true)
})

story('the maker does not blame a file for what did not load, and keeps it', async ({ person }) => {
  const { anna } = await cutOff(person)
  await anna.page.setInputFiles('#gif', { name: 'cat.gif', mimeType: 'image/gif', buffer: hoppingCat() })
  await anna.newestGif('mine')
  let blocked = /\/assets\/decode-/
  await anna.context.route(/\/assets\//, (route) => (blocked.test(route.request().url()) ? route.abort() : route.fallback()))
  await anna.page.locator('.msg.mine').last().focus()
  await anna.page.keyboard.press('Enter')
  await anna.page.locator('[data-deed=caption]').click()
  await anna.page.locator('#maker [role=alert]', { hasText: '불러올 수 없어요' }).waitFor()
  await accessible(anna, 'a maker that lacks a part')
  blocked = /\/assets\/encode-worker/
  await anna.page.locator('#maker footer .plain').click()
  await anna.shows('#maker .trim')
  await anna.page.fill('#maker-words', '안녕')
  await anna.page.click('#maker footer .amber')
  await anna.page.locator('#maker .wrong', { hasText: '불러올 수 없어요' }).waitFor()
  blocked = /nothing/
  await anna.page.click('#maker footer .amber')
  await anna.loses('#maker')
  await anna.page.waitForFunction(() => document.querySelectorAll('.msg.mine[data-seq]:not([data-pending]) .frame.gif').length === 2)
})

story('a style that stays away keeps only its own part away', async ({ person }) => {
  const owner = await person()
  await owner.page.goto('/room')
  const { anna, net } = await cutOff(person, {}, await owner.makeRoom({ title: '옛 서버' }))
  await choose(anna, 'cat.gif')
  await sent(anna, 1)
  net.lacks = /picker.*\.css/
  await anna.page.click('.gif-button')
  await notice(anna, '불러올 수 없어요')

  // What plays and what sends is there already.
  await choose(anna, 'dots.gif', blinking())
  await sent(anna, 2)
  await anna.page.click('[popovertarget=menu]')
  await anna.page.click('#menu [data-act=gif-pause]')
  await anna.shows('#menu [data-act=gif-pause][aria-pressed=true]')

  // And who is sent out is told so.
  await owner.page.locator(`.person[data-member="${await anna.page.locator('chat-room').getAttribute('data-me')}"] [data-member-menu]`).click()
  await owner.page.locator('.of-member [role=menuitem]', { hasText: '내보내기' }).click()
  await owner.page.locator('dialog.ask button', { hasText: '내보내기' }).click()
  await anna.shows('main.said h1')
})

story('a notice that keeps something is there again after another, and goes when its part has come', async ({ person }) => {
  const { anna, net } = await cutOff(person)
  const buffer = await film(anna.page, { width: 64, height: 48, colors: COLORS.slice(0, 1) })
  net.files = net.server = false
  await choose(anna, 'clip.webm', buffer, 'video/webm')
  await notice(anna, '불러올 수 없어요')
  const first = await anna.page.locator('.undo').elementHandle()
  await anna.page.click('.gif-button')
  await anna.page.waitForFunction((one) => !one.isConnected && document.querySelector('.undo'), first)
  net.files = net.server = true
  await anna.page.click('.gif-button')
  await anna.shows('#picker')
  await anna.page.click('.gif-button')
  await anna.loses('#picker')
  // The picker's own is gone; that of the video stands there, and is the only one.
  assert.equal(await first.evaluate((one) => one.isConnected && one.matches(':popover-open')), true)
  assert.equal(await anna.page.locator('.undo').count(), 1)
  await again(anna)
  await anna.shows('#maker .trim')
  await anna.loses('.undo')

  // One that came over a dialog does not go with it.
  net.files = false
  await anna.page.evaluate(() => document.querySelector('.for-search').click())
  await anna.shows('#maker .undo')
  await anna.page.locator('#maker header .round').click()
  await anna.loses('#maker')
  await anna.shows('body > .undo:popover-open')
  net.files = true
  await again(anna)
  await anna.shows('#search')
})

story('a picture is kept until what sends it has come, and its sender knows', async ({ person }) => {
  const { anna, net } = await cutOff(person)
  const asks = () => anna.page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))
  net.files = false
  await choose(anna, 'cat.gif')
  await notice(anna, '연결을 확인해 주세요')
  assert.equal(await asks(), true)
  // A browser that goes on refusing is helped here, too.
  await again(anna)
  await notice(anna, '새로 고치면')
  net.files = true
  await choose(anna, 'dots.gif', blinking())
  await sent(anna, 2)
  await anna.loses('.undo')
  assert.equal(await asks(), false)
})

story('a maker whose part stays away is helped by a new page, too', async ({ person }) => {
  const { anna, net } = await cutOff(person)
  await choose(anna, 'cat.gif')
  await sent(anna, 1)
  const caption = async () => {
    await anna.page.locator('.msg.mine').last().focus()
    await anna.page.keyboard.press('Enter')
    await anna.page.locator('[data-deed=caption]').click()
  }
  net.lacks = /\/decode-/
  await caption()
  await anna.page.locator('#maker [role=alert]', { hasText: '연결을 확인해 주세요' }).waitFor()
  await anna.page.click('#maker footer .plain')
  await anna.page.locator('#maker [role=alert]', { hasText: '새로 고치면' }).waitFor()
  await accessible(anna, 'a maker that needs a new page')
  net.lacks = /nothing/
  await anna.toRoom(() => anna.page.locator('#maker footer button', { hasText: '새로 고침' }).click())
  await caption()
  await anna.shows('#maker .trim')
})
