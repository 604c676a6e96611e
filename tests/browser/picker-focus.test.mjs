// What the picker leaves behind: the focus where it is of use, nothing of a long press, and no memory.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
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
  // Closed before it knows what is kept, it fetches nothing of that.
  await anna.page.evaluate(() => {
    const closed = new Promise((resolve) => {
      new MutationObserver((_, observer) => {
        const close = document.querySelector('#picker [data-close]')
        if (!close) return
        observer.disconnect()
        close.click()
        resolve()
      }).observe(document.body, { childList: true, subtree: true })
    })
    document.querySelector('.gif-button').click()
    return closed
  })
  await anna.loses('#picker')
  await open(anna)
  await anna.page.locator('#picker .cell img[src^=blob]').first().waitFor()
  await press(anna, 'Escape')
  await anna.loses('#picker')
  assert.equal(await anna.page.evaluate(() => globalThis.held.size), 0)
})

story('Enter leads to what was found also while a syllable is being composed', async ({ person }) => {
  const anna = await person()
  await Library.of(anna)
  await alone(anna)
  await open(anna)
  await counted(anna, '12칸')
  await anna.composes('#picker-q', '유', '령')
  await anna.page.waitForFunction((name) => document.activeElement?.getAttribute('aria-label') === name, ENTRIES[3].alt.ko)
  await anna.shows('#picker')
})

story('a next page that does not come can be asked for again, and what is said is said where it is heard', async ({ person }) => {
  const anna = await person()
  anna.expects(/ERR_FAILED/)
  let down = true
  await Library.of(anna, { size: 5 })
  await anna.context.route(/\/library\?.*after=5/, (route) => (down ? route.abort() : route.fallback()))
  await alone(anna)
  await open(anna)
  // A status that comes with its words in it is not read.
  await anna.page.evaluate(() => document.querySelectorAll('#picker [role=status]').forEach((one) => one.checkVisibility({ visibilityProperty: true }) && (one.dataset.first = '')))
  const said = (text) => anna.page.locator('#picker [role=status][data-first]', { hasText: text }).waitFor()
  await said('다음 GIF를 불러오지 못했어요')
  await said('5칸')
  assert.equal(await anna.page.locator('#picker .cell').count(), 5)
  await accessible(anna, 'a page of the library that did not come')
  down = false
  await anna.page.locator('#picker .none button').focus()
  await press(anna, 'Enter')
  await anna.page.locator('#picker .cell').nth(11).waitFor()
  await said('12칸')
  assert.equal(await anna.page.innerText('#picker .none'), '')
  // The focus goes on from where it was.
  assert.equal(await anna.page.evaluate(() => document.activeElement.getAttribute('aria-label')), ENTRIES[4].alt.ko)
  await anna.page.fill('#picker-q', '코끼리')
  await said('‘코끼리’')
})
