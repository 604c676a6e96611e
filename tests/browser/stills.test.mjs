// What a GIF shows while it rests, and what is asked for to show it; its buttons and its words for who hears the page.

import assert from 'node:assert/strict'
import { hoppingCat } from './gif.mjs'
import { stories } from './support.mjs'
import { Wire } from './wire.mjs'

const story = stories()

const file = (buffer, name = 'cat.gif', mimeType = 'image/gif') => ({ name, mimeType, buffer })
const picture = (person) => person.page.locator('#chat-list .frame.gif img.picture').last()
const becomes = (person, state) => person.page.locator(`#chat-list .frame.gif[data-play=${state}]`).waitFor({ state: 'attached' })
const shows = (person, source) => person.page.waitForFunction((source) => new RegExp(source).test(document.querySelector('#chat-list img.picture').src), source)

/** The first makes a room with one GIF in it, the others enter it. */
async function together(first, ...others) {
  await first.page.goto('/room')
  const id = await first.makeRoom({ title: '가만히 있는 방', max: 5 })
  for (const other of others) await other.toRoom(() => other.page.goto(`/room/${id}`))
  return id
}

async function send(person) {
  await person.page.setInputFiles('#gif', file(hoppingCat()))
  await person.page.locator('.msg.mine[data-seq]:not([data-pending]) [data-gif]').waitFor()
}

story("one's own upload moves on as the lightest file there is, and nothing else is asked for", async ({ person }) => {
  const anna = await person()
  await together(anna)
  const asked = []
  // To be shown: what is kept as recent is fetched.
  anna.page.on('request', (request) => {
    if (request.resourceType() === 'image') asked.push(/\/gif\/[0-9a-f]{64}(.*)$/.exec(request.url())?.[1])
  })
  await send(anna)
  await becomes(anna, 'playing')
  await shows(anna, '/[0-9a-f]{64}\\.webp$')
  assert.deepEqual(asked.filter(Boolean), ['.webp'])
})

story('a GIF rests also where its poster does not come, and has it as soon as that is there', async ({ person }) => {
  const anna = await person()
  const ben = await person({ reducedMotion: 'reduce' })
  const id = await together(anna)
  await send(anna)
  ben.expects(/status of 404/)
  await ben.page.route('**/*.poster.webp', (route) => route.fulfill({ status: 404 }))
  await ben.toRoom(() => ben.page.goto(`/room/${id}`))
  // Its colour, as large as it is.
  await shows(ben, '^blob:')
  const looks = () =>
    picture(ben).evaluate(async (image) => {
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = 2
      const pen = canvas.getContext('2d')
      pen.drawImage(image, 0, 0, 2, 2)
      return { size: [image.naturalWidth, image.naturalHeight], dots: new Set(new Uint32Array(pen.getImageData(0, 0, 2, 2).data.buffer)).size }
    })
  assert.deepEqual(await looks(), { size: [280, 200], dots: 1 })
  // Once it has moved, what was there stands still.
  await ben.page.locator('.frame.gif .player').click()
  await becomes(ben, 'playing')
  await shows(ben, '\\.webp$')
  await ben.page.locator('.frame.gif .player').click()
  await becomes(ben, 'still')
  await shows(ben, '^blob:')
  assert.notEqual((await looks()).dots, 1)
  await ben.page.unroute('**/*.poster.webp')
  await shows(ben, '\\.poster\\.webp$')
})

story('what stands on a picture is not read when it comes, nor is each letter that is counted', async ({ person }) => {
  const anna = await person()
  await together(anna)
  await send(anna)
  await becomes(anna, 'playing')
  const live = (selector) => anna.page.locator(selector).evaluateAll((all) => [...new Set(all.map((one) => one.closest('[aria-live]').getAttribute('aria-live')))])
  assert.equal(await anna.page.locator('#log .frame.gif button').count(), 2)
  assert.deepEqual(await live('#log .frame.gif button'), ['off'])
  assert.deepEqual(await live('#log .msg, #log .msg .picture'), ['polite'])
  await anna.page.click('.frame.gif .alt')
  await anna.shows('#alt-panel textarea')
  assert.deepEqual(await live('#alt-panel output'), ['off'])
})

story('words for a picture: Enter in the middle of a syllable saves; what is written on meanwhile stays; a refusal is heard', async ({ person }) => {
  const anna = await person()
  const wire = await Wire.of(anna)
  await together(anna)
  await send(anna)
  const panel = (open) => anna.page.waitForFunction((open) => document.querySelector('#alt-panel').matches(':popover-open') === open, open)
  const described = (alt) => anna.page.locator(`.frame.gif[data-alt="${alt}"]`).waitFor()
  await anna.page.click('.frame.gif .alt')
  await anna.composes('#alt-text', '고양', '이')
  await described('고양이')
  await panel(false)

  /** Saves this, and does the other before the answer can have come. */
  const saveAnd = async (text, act) => {
    await anna.page.click('.frame.gif .alt')
    await anna.page.click('#alt-panel .choices .plain')
    await anna.page.fill('#alt-text', text)
    await anna.page.evaluate(`document.querySelector('#alt-panel .save').click(); ${act}`)
  }
  await saveAnd('고양이가', `const field = document.querySelector('#alt-text'); field.value += ' 폴짝'; field.dispatchEvent(new Event('input'))`)
  await described('고양이가')
  assert.equal(await anna.page.inputValue('#alt-text'), '고양이가 폴짝')
  await panel(true)
  // Back to what it was before all that.
  await anna.page.fill('#alt-text', '고양이')
  await anna.page.click('#alt-panel .save')
  await described('고양이')
  await panel(false)

  wire.answerWith((name) => name === 'edit' && { error: { code: 'unavailable', title: '', detail: '지금은 저장할 수 없어요.', status: 503 } })
  await saveAnd('강아지', `document.querySelector('#alt-panel').hidePopover()`)
  await anna.page.locator('#chat-form .wrong', { hasText: '지금은 저장할 수 없어요.' }).waitFor()
})
