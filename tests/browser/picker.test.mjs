// Choosing a GIF: the library, recent ones and favourites, by mouse, finger and keyboard.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { blinking } from './gif.mjs'
import { ENTRIES, Library } from './library.mjs'
import { alone, counted, fill, focused, names, open, press, TOUCH, upload } from './picker.mjs'
import { PHONE, stories } from './support.mjs'
import { Wire } from './wire.mjs'

const story = stories()
const alts = (lang) => ENTRIES.map(({ alt }) => alt[lang])

story('the picker by keyboard: it opens, is walked with arrows, closes, and the focus is back', async ({ person }) => {
  const anna = await person()
  const library = await Library.of(anna)
  await alone(anna)
  // Nothing of it is loaded before it is wanted.
  const scripts = () => anna.page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => /picker-/.test(name) && !/seat-picker/.test(name)).length)
  assert.equal(await scripts(), 0)
  await open(anna)
  await counted(anna, '12칸')
  assert.notEqual(await scripts(), 0)
  assert.equal(await anna.page.getAttribute('.gif-button', 'aria-expanded'), 'true')
  assert.deepEqual(await names(anna), alts('ko'))
  assert.equal(await focused(anna), '모음에서 찾기: 웃김, 축하, 고양이')
  await accessible(anna, 'the picker with the library')

  await press(anna, 'ArrowDown')
  assert.equal(await focused(anna), ENTRIES[0].alt.ko)
  await press(anna, 'ArrowRight', 'ArrowRight')
  assert.equal(await focused(anna), ENTRIES[2].alt.ko)
  await press(anna, 'ArrowDown')
  const below = await focused(anna)
  await press(anna, 'ArrowUp', 'Home')
  assert.equal(await focused(anna), ENTRIES[0].alt.ko)
  assert.notEqual(below, ENTRIES[2].alt.ko)
  // The star of the picture comes next, then the foot: no press is needed for each of the others.
  await press(anna, 'Tab')
  assert.equal(await focused(anna), `즐겨찾기: ${ENTRIES[0].alt.ko}`)
  // Whoever writes on a picture searches.
  await press(anna, 'Shift+Tab', 'g', 'o')
  await counted(anna, '2칸')
  await anna.page.fill('#picker-q', '')
  await counted(anna, '12칸')
  await press(anna, 'ArrowDown', 'ArrowUp')
  assert.equal(await focused(anna), '모음에서 찾기: 웃김, 축하, 고양이')

  await press(anna, 'Escape')
  await anna.loses('#picker')
  assert.equal(await focused(anna), 'GIF 고르기')
  assert.equal(await anna.page.getAttribute('.gif-button', 'aria-expanded'), 'false')
  assert.ok(library.loaded.filter((one) => one.startsWith('poster')).length >= 9)
})

story('one picture moves, the one that is looked at, and none for who wants no motion', async ({ person }) => {
  const anna = await person()
  const library = await Library.of(anna)
  await alone(anna)
  await open(anna)
  await counted(anna, '12칸')
  const moving = anna.page.locator('#picker .moving')
  assert.equal(await moving.count(), 0)
  await press(anna, 'ArrowDown')
  await anna.page.locator('#picker .cell:nth-child(1) .moving').waitFor()
  await press(anna, 'ArrowRight')
  await anna.page.locator('#picker .cell:nth-child(2) .moving').waitFor()
  assert.equal(await moving.count(), 1)
  await anna.page.hover('#picker .cell:nth-child(3) .pick')
  await anna.page.locator('#picker .cell:nth-child(3) .moving').waitFor()
  assert.equal(await moving.count(), 1)
  assert.deepEqual([...new Set(library.loaded.filter((one) => one.startsWith('webp')))], ['webp 0', 'webp 1', 'webp 2'])

  const calm = await person({ reducedMotion: 'reduce' })
  const still = await Library.of(calm)
  await alone(calm, '조용한 방')
  await open(calm)
  await counted(calm, '12칸')
  await press(calm, 'ArrowDown', 'ArrowRight')
  await calm.page.hover('#picker .cell:nth-child(3) .pick')
  await press(calm, 'ArrowDown')
  assert.equal(await calm.page.locator('#picker .moving').count(), 0)
  assert.deepEqual(still.loaded.filter((one) => one.startsWith('webp')), [])
})

story('search finds by words in Korean and English, says when there is nothing, and loads page after page', async ({ person }) => {
  const anna = await person()
  const library = await Library.of(anna, { size: 5 })
  await alone(anna)
  await open(anna)
  // The next pages come by themselves while there is room for them.
  await anna.page.locator('#picker .cell').nth(11).waitFor()
  await counted(anna, '12칸')
  assert.deepEqual(await names(anna), alts('ko'))

  await anna.page.fill('#picker-q', '고양이')
  await counted(anna, '1칸')
  assert.deepEqual(await names(anna), ['졸린 검은 고양이'])
  await anna.page.fill('#picker-q', 'ca')
  await counted(anna, '2칸')
  assert.deepEqual(await names(anna), [ENTRIES[1], ENTRIES[2]].map(({ alt }) => alt.ko))
  // Enter does not wait, and leads to what was found.
  await anna.page.fill('#picker-q', 'ghost')
  await press(anna, 'Enter')
  await anna.page.waitForFunction((name) => document.activeElement?.getAttribute('aria-label') === name, ENTRIES[3].alt.ko)

  await anna.page.fill('#picker-q', '코끼리')
  await anna.page.locator('#picker .none', { hasText: '‘코끼리’에 맞는 GIF가 없어요' }).waitFor()
  await accessible(anna, 'the picker that found nothing')
  assert.ok(library.asked.includes('고양이'))

  const ben = await person({ locale: 'en-GB' })
  await Library.of(ben)
  await alone(ben, 'Cats')
  await open(ben)
  await counted(ben, '12 frames')
  assert.deepEqual(await names(ben), alts('en'))
  await ben.page.fill('#picker-q', '고양')
  await counted(ben, '1 frame')
  assert.deepEqual(await names(ben), ['A sleepy black cat'])
})

story('a server without a library, an empty one, and one that does not answer', async ({ person }) => {
  const anna = await person()
  await Library.of(anna, { entries: [] })
  await alone(anna)
  await open(anna)
  await anna.page.locator('#picker .none', { hasText: '모음이 아직 비어 있어요' }).waitFor()
  await accessible(anna, 'the picker of an empty library')
  await anna.page.click('#picker-favourites')
  await anna.page.locator('#picker .none', { hasText: '별을 누르면 여기에 모여요' }).waitFor()
  await accessible(anna, 'no favourites')

  const ben = await person({ viewport: PHONE })
  ben.expects(/404/)
  await Library.of(ben, { off: true })
  await alone(ben, '모음 없는 방')
  await open(ben)
  await ben.page.locator('#picker .none', { hasText: '보낸 GIF가 여기에 모여요' }).waitFor()
  assert.deepEqual(await ben.page.locator('#picker [role=tab]:visible').allInnerTexts(), ['최근', '즐겨찾기'])
  await accessible(ben, 'the picker of a server without a library')

  // Storage that is forbidden: a star lasts as long as the page.
  const dora = await person()
  await Library.of(dora)
  await dora.page.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { get: () => { throw new DOMException('no', 'SecurityError') } }))
  await alone(dora, '비밀 창')
  await open(dora)
  await counted(dora, '12칸')
  await Promise.all([dora.page.waitForResponse((answer) => answer.url().endsWith(ENTRIES[0].gif)), dora.page.locator('#picker .star').first().click()])
  await dora.page.click('#picker-favourites')
  await counted(dora, '1칸')

  const carl = await person()
  carl.expects(/ERR_FAILED|429/)
  let down = true
  await Library.of(carl)
  await carl.context.route(/\/library\?/, (route) => (down ? route.abort() : route.fallback()))
  await alone(carl, '느린 방')
  await open(carl)
  await carl.page.locator('#picker .none', { hasText: '지금은 모음을 볼 수 없어요' }).waitFor()
  down = false
  await carl.page.click('#picker .none button')
  await counted(carl, '12칸')
  // Asked too often, it asks again when it may.
  let refusals = 1
  const problem = { code: 'too-often', title: 'x', detail: 'x', status: 429, retryAfter: 1 }
  await carl.context.route(/\/library\?/, (route) => (refusals-- > 0 ? route.fulfill({ status: 429, contentType: 'application/json', body: JSON.stringify(problem) }) : route.fallback()))
  await carl.page.fill('#picker-q', 'cat')
  await counted(carl, '1칸')
})

story('a star keeps a GIF in this browser, also after a reload, and is taken out again', async ({ person }) => {
  const anna = await person({ viewport: PHONE })
  const library = await Library.of(anna)
  await alone(anna)
  await open(anna)
  await counted(anna, '12칸')
  const star = (at) => anna.page.locator('#picker .star').nth(at)
  const kept = anna.page.waitForResponse((answer) => answer.url().endsWith(ENTRIES[1].gif))
  await star(1).click()
  assert.equal(await star(1).getAttribute('aria-pressed'), 'true')
  await kept
  await anna.page.click('#picker-favourites')
  await counted(anna, '1칸')
  await anna.toRoom(() => anna.page.reload())
  await open(anna)
  await anna.page.click('#picker-favourites')
  await counted(anna, '1칸')
  assert.deepEqual(await names(anna), [ENTRIES[1].alt.ko])
  // It is shown from what this browser has: the server may have forgotten it.
  assert.match(await anna.page.locator('#picker .cell img').first().getAttribute('src'), /^blob:/)
  await accessible(anna, 'favourites on a phone')
  await anna.page.fill('#picker-q', 'dog')
  await anna.page.locator('#picker .none').waitFor()
  await anna.page.fill('#picker-q', 'cat')
  await counted(anna, '1칸')
  await star(0).click()
  await anna.page.waitForFunction(() => document.querySelector('#picker .star').getAttribute('aria-pressed') === 'false')
  await anna.page.click('#picker-library')
  await counted(anna, '1칸')
  await anna.page.fill('#picker-q', '')
  await counted(anna, '12칸')
  assert.equal(await anna.page.locator('#picker .star[aria-pressed=true]').count(), 0)

  // What cannot be loaded is not kept, and that is said.
  anna.expects(/404/)
  library.gone.add(2)
  await star(2).click()
  await anna.page.locator('.toast', { hasText: '지금은 담을 수 없어요' }).waitFor()
  assert.equal(await star(2).getAttribute('aria-pressed'), 'false')
})

story('the picker on a phone is a sheet: it calls no keyboard, a press sends, a long press looks', async ({ person }) => {
  const anna = await person(TOUCH)
  await Library.of(anna)
  const wire = await Wire.of(anna)
  await alone(anna)
  await anna.page.tap('.gif-button')
  await counted(anna, '12칸')
  assert.equal(await focused(anna), 'picker-library')
  assert.ok(await anna.page.locator('dialog#picker:modal').isVisible())
  await accessible(anna, 'the picker on a phone')
  const box = await anna.page.locator('#picker').boundingBox()
  assert.equal(Math.round(box.y + box.height), PHONE.height)
  assert.equal(await anna.page.evaluate(() => document.documentElement.scrollWidth), PHONE.width)

  const touch = await anna.context.newCDPSession(anna.page)
  const cell = await anna.page.locator('#picker .pick').first().boundingBox()
  const point = { x: cell.x + 30, y: cell.y + 30 }
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] })
  await anna.shows('#picker .moving')
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  assert.equal(await anna.page.locator('#picker .moving').count(), 1)
  assert.equal(wire.sent('gif'), 0)

  const said = wire.next('gif')
  await anna.page.touchscreen.tap(point.x, point.y)
  assert.equal((await said).gif, ENTRIES[0].gif)
  await anna.loses('#picker')
  // Its keyboard stays away.
  assert.notEqual(await focused(anna), 'chat')

  for (const close of ['#picker [data-close]', 'handle']) {
    await anna.page.tap('.gif-button')
    await counted(anna, '12칸')
    if (close === 'handle') {
      // It has come up.
      await anna.page.evaluate(() => Promise.all(document.querySelector('#picker').getAnimations().map((one) => one.finished)))
      const grip = await anna.page.locator('#picker .grip').boundingBox()
      await anna.page.mouse.move(grip.x + 100, grip.y + 10)
      await anna.page.mouse.down()
      await anna.page.mouse.move(grip.x + 100, grip.y + 160, { steps: 4 })
      await anna.page.mouse.up()
    } else await anna.page.tap(close)
    await anna.loses('#picker')
  }
})

story('a GIF of the conversation becomes a favourite, and is offered to the library with words to find it by', async ({ person }) => {
  const anna = await person()
  const library = await Library.of(anna)
  const room = await alone(anna)
  await upload(anna, blinking(48, 32))
  await anna.toRoom(() => anna.page.reload())
  const message = anna.page.locator('#chat-list .msg[data-seq]').last()
  const menu = async (deed) => {
    await message.focus()
    await press(anna, 'Enter')
    await anna.page.click(`#message-menu [data-deed=${deed}]`)
  }
  await menu('star')
  await anna.page.locator('.toast', { hasText: '즐겨찾기에 담았어요' }).waitFor()
  await message.focus()
  await press(anna, 'Enter')
  await anna.shows('#message-menu [data-deed=star][aria-checked=true]')
  await accessible(anna, 'the menu of a GIF')
  await press(anna, 'Escape')

  await menu('offer')
  await anna.shows('#offer')
  await accessible(anna, 'the offer to the library')
  await anna.page.click('#offer button.amber')
  assert.match(await anna.page.innerText('#offer-tags-error'), /하나는/)
  await anna.page.keyboard.type('깜빡, 고')
  await anna.page.click('#offer .idea')
  assert.equal(await anna.page.inputValue('#offer-tags'), '깜빡, 고양이, ')
  await anna.page.fill('#offer-alt', '깜빡이는 체스판')
  await press(anna, 'Enter')
  await anna.page.locator('.toast', { hasText: '제안했어요' }).waitFor()
  await anna.loses('#offer')
  const seq = Number(await message.getAttribute('data-seq'))
  assert.deepEqual(library.offers, [{ room, seq, tags: ['깜빡', '고양이'], altKo: '깜빡이는 체스판' }])
})

story('a GIF of the server’s library is found in Korean and English, and sent to all with Enter', async ({ server, person }) => {
  await fill(server, [['고양이/하품_yawn.gif', blinking(40, 30, 60)], ['cats/black-cat.gif', blinking(30, 40, 60)], ['dogs/번쩍.gif', blinking(32, 32)]])
  const anna = await person()
  const ben = await person({ viewport: PHONE, locale: 'en-GB' })
  const room = await alone(anna)
  await ben.toRoom(() => ben.page.goto(`/room/${room}`))
  await ben.say('오늘 어땠어?')
  await anna.sees('오늘 어땠어?')
  await open(anna)
  await counted(anna, '3칸')
  await accessible(anna, 'the picker with the library of the server')
  // What flashes is marked, and stands still.
  const flashing = anna.page.locator('#picker .pick[aria-label$="(번쩍여요)"]')
  assert.equal(await flashing.count(), 1)
  await flashing.hover()
  assert.equal(await anna.page.locator('#picker .moving').count(), 0)
  await anna.page.fill('#picker-q', '고양')
  await counted(anna, '1칸')
  await press(anna, 'ArrowDown')
  await anna.shows('#picker .moving')
  await press(anna, 'Enter')
  await anna.loses('#picker')
  assert.deepEqual(await ben.newestGif('other'), { width: 40, height: 30 })
  assert.deepEqual(await anna.newestGif('mine'), { width: 40, height: 30 })
  // Whoever sent it goes on writing.
  assert.equal(await anna.page.evaluate(() => document.activeElement.id), 'chat')

  // It is an answer, when one was begun.
  await anna.page.locator('#chat-list .msg.other').first().focus()
  await press(anna, 'Enter')
  await anna.page.click('#message-menu [data-deed=reply]')
  await open(anna)
  await anna.page.click('#picker-library')
  await anna.page.fill('#picker-q', 'BLACK cat')
  await press(anna, 'Enter')
  await anna.page.waitForFunction(() => document.activeElement?.matches('.pick'))
  await press(anna, 'Enter')
  await ben.page.locator('#chat-list .msg.other .quote', { hasText: '오늘 어땠어?' }).waitFor()
  assert.deepEqual(await ben.newestGif('other'), { width: 30, height: 40 })
  assert.equal(await anna.page.isVisible('.aim'), false)

  // Ben offers one of his own; the operator finds it with its words.
  await upload(ben, blinking(36, 36, 60))
  await ben.toRoom(() => ben.page.reload())
  await ben.page.locator('#chat-list .msg.mine:has(.gif)').last().focus()
  await press(ben, 'Enter')
  await ben.page.click('#message-menu [data-deed=offer]')
  await ben.page.fill('#offer-tags', '체스판 board')
  await ben.page.locator('#offer .amber').click()
  await ben.page.locator('.toast', { hasText: 'Offered' }).waitFor()
  assert.match(await server.run('gifs', 'offers'), /체스판 board/)

  // Both are recent now, the last one first.
  await open(anna)
  await anna.page.click('#picker-recent')
  await counted(anna, '2칸')
  await anna.page.fill('#picker-q', 'yawn')
  await counted(anna, '1칸')
})
