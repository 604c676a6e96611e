// What the picker leaves behind: the focus where it is of use, nothing of a long press, and no memory.

import assert from 'node:assert/strict'
import { blinking } from './gif.mjs'
import { ENTRIES, Library } from './library.mjs'
import { alone, counted, open, press, TOUCH, upload } from './picker.mjs'
import { stories } from './support.mjs'
import { Wire } from './wire.mjs'

const story = stories()

story('the focus stays in the picker when what had it goes', async ({ person }) => {
  const anna = await person()
  anna.expects(/ERR_FAILED|404/)
  let down = true
  await Library.of(anna)
  await anna.context.route(/\/library\?/, (route) => (down ? route.abort() : route.fallback()))
  await alone(anna)
  await open(anna)
  const again = anna.page.locator('#picker .none button')
  await again.focus()
  // Once more in vain: another button stands there, and has the focus.
  const asked = anna.page.waitForRequest(/\/library\?/)
  await again.evaluate((one) => (one.dataset.first = ''))
  await press(anna, 'Enter')
  await asked
  await anna.page.waitForFunction(() => document.activeElement.matches('#picker .none button:not([data-first])'))
  down = false
  await press(anna, 'Enter')
  await anna.page.waitForFunction(() => document.activeElement.matches('#picker .cell:first-child .pick'))
  // Another look takes the picture away on which the focus is.
  await anna.page.evaluate(() => {
    const field = document.querySelector('#picker-q')
    field.value = '코끼리'
    field.dispatchEvent(new Event('input'))
  })
  await anna.page.locator('#picker .none', { hasText: '‘코끼리’' }).waitFor()
  assert.equal(await anna.page.evaluate(() => document.activeElement.id), 'picker-q')

  const ben = await person(TOUCH)
  ben.expects(/404/)
  await Library.of(ben, { off: true })
  await alone(ben, '모음 없는 방')
  await ben.page.tap('.gif-button')
  await ben.page.locator('#picker .none', { hasText: '보낸 GIF가 여기에 모여요' }).waitFor()
  await ben.page.waitForFunction(() => document.activeElement.id === 'picker-recent')
})

story('after a finger has rested on a picture, a key or a screen reader sends it', async ({ person }) => {
  const anna = await person(TOUCH)
  await Library.of(anna)
  const wire = await Wire.of(anna)
  await alone(anna)
  await anna.page.tap('.gif-button')
  await counted(anna, '12칸')
  await anna.page.evaluate(() => Promise.all(document.querySelector('#picker').getAnimations().map((one) => one.finished)))
  const touch = await anna.context.newCDPSession(anna.page)
  const { x, y } = await anna.page.locator('#picker .pick').first().boundingBox()
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 30, y: y + 30 }] })
  await anna.shows('#picker .moving')
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  const said = wire.next('gif')
  await press(anna, 'Enter')
  await anna.loses('#picker')
  assert.equal((await said).gif, ENTRIES[0].gif)
})

story('pictures that are kept in this browser hold its memory only while they are shown', async ({ person }) => {
  const anna = await person()
  await anna.page.addInitScript(() => {
    const held = (globalThis.held = new Set())
    const { createObjectURL, revokeObjectURL } = URL
    URL.createObjectURL = (file) => {
      const url = createObjectURL.call(URL, file)
      held.add(url)
      return url
    }
    URL.revokeObjectURL = (url) => {
      held.delete(url)
      revokeObjectURL.call(URL, url)
    }
  })
  await alone(anna)
  await upload(anna, blinking(48, 32, 60))
  await anna.toRoom(() => anna.page.reload())
  await open(anna)
  await anna.page.click('#picker-recent')
  await counted(anna, '1칸')
  await anna.page.locator('#picker .cell img[src^=blob]').first().waitFor()
  for (let round = 0; round < 5; round += 1) {
    await anna.page.hover('#picker .pick')
    await anna.page.locator('#picker .moving[src^=blob]').waitFor()
    await anna.page.hover('#picker .tabs')
    await anna.loses('#picker .moving')
  }
  assert.equal(await anna.page.evaluate(() => globalThis.held.size), 1)
  await press(anna, 'Escape')
  await anna.loses('#picker')
  assert.equal(await anna.page.evaluate(() => globalThis.held.size), 0)
})
