// What stands in the way of an upload for a while: it is waited out, sent again by itself and stored once, and nothing that
// was chosen is lost without a question.

import assert from 'node:assert/strict'
import { blinking, hoppingCat } from './gif.mjs'
import { stories } from './support.mjs'
import { Wire } from './wire.mjs'

const story = stories()

const file = (buffer, name = 'cat.gif', mimeType = 'image/gif') => ({ name, mimeType, buffer })
const choose = (person, ...files) => person.page.setInputFiles('#gif', files)
const STORED = '.msg.mine[data-seq]:not([data-pending]) [data-gif]'
const stored = (person, count) => person.page.waitForFunction(([one, n]) => document.querySelectorAll(one).length === n, [STORED, count])
/** Whether the browser would ask before it leaves the page. */
const asks = (person) => person.page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))
const press = (person, key) => person.page.keyboard.press(key)
/** What has the focus: the class of a message, or the name of an element. */
const focused = (person) => person.page.evaluate(() => (document.activeElement.matches('.msg') ? 'msg' : document.activeElement.localName))

/** The first makes a room, the others enter it. */
async function together(first, ...others) {
  await first.page.goto('/room')
  const id = await first.makeRoom({ title: '다시 올리는 방', max: 5 })
  for (const other of others) await other.toRoom(() => other.page.goto(`/room/${id}`))
  return id
}

/** From now on: whether anything has been shown as not sent. */
function watchFailures(person) {
  return person.page.evaluate(() => {
    globalThis.failures = 0
    new MutationObserver(() => (globalThis.failures += document.querySelectorAll('.msg.broken').length)).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] })
  })
}
const failures = (person) => person.page.evaluate(() => globalThis.failures)

story('who uploads faster than the server takes it waits, and loses nothing', async ({ person }) => {
  const anna = await person()
  await together(anna)
  anna.expects(/status of 429/)
  await watchFailures(anna)
  await choose(anna, ...[0, 1, 2].map((n) => file(blinking(40 + 2 * n, 30, 50), `${n}.gif`)))
  await stored(anna, 3)
  assert.equal(await failures(anna), 0)
  const widths = await anna.page.locator('#chat-list img.picture').evaluateAll((all) => all.map((one) => one.getAttribute('width')))
  assert.deepEqual(widths, ['40', '42', '44'], 'in order')
}, { GIFCHAT_UPLOAD_RATE: '1/s', GIFCHAT_UPLOAD_BURST: '1' })

story('an upload whose answer is lost is stored once, and one without a connection goes on the next', async ({ server, person }) => {
  const anna = await person()
  const ben = await person()
  const wire = await Wire.of(anna)
  await together(anna, ben)
  for (const one of [anna, ben]) one.expects(/WebSocket|ERR_/)
  await watchFailures(anna)
  wire.loseAnswers()
  let bodies = 0
  await anna.page.route('**/gif', async (route) => {
    bodies += 1
    if (bodies > 1) return route.continue()
    await route.fetch()
    return route.abort()
  })
  await choose(anna, file(hoppingCat()))
  await stored(anna, 1)
  assert.equal(bodies, 2)
  await ben.newestGif('other')

  await server.halt('SIGKILL')
  await choose(anna, file(blinking(46, 30, 50)))
  await anna.shows('.msg.pending .upload')
  await server.resume()
  for (const one of [anna, ben]) await one.page.evaluate(() => dispatchEvent(new Event('online')))
  await stored(anna, 2)
  await ben.page.waitForFunction(() => document.querySelectorAll('.msg.other .frame.gif').length === 2)
  assert.equal(await failures(anna), 0)
}, { GIFCHAT_EMPTY_GRACE: '1m' })

story('an upload that failed and can be sent again is not lost without a question, and keeps the place of who works by keyboard', async ({ person }) => {
  const anna = await person()
  await together(anna)
  anna.expects(/status of 4/)
  let go
  let held = new Promise((resolve) => (go = resolve))
  const later = { code: 'too-fast', title: '', detail: '잠시 뒤에 다시 해 주세요.', status: 429, retryAfter: 61 }
  await anna.page.route('**/gif', (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', body: JSON.stringify(later) }), { times: 1 })
  await choose(anna, file(hoppingCat()))
  await anna.shows('.msg.broken [data-do=retry]')
  assert.equal(await asks(anna), true)
  await anna.page.route('**/gif', async (route) => {
    await held
    await route.continue().catch(() => undefined)
  })
  await anna.page.focus('.msg.broken [data-do=retry]')
  await press(anna, 'Enter')
  await anna.shows('.msg.pending .upload')
  assert.equal(await focused(anna), 'msg')
  // Stored, while the way back has the focus.
  await anna.page.focus('.msg .cancel')
  go()
  await stored(anna, 1)
  assert.equal(await focused(anna), 'msg')
  assert.equal(await asks(anna), false)

  // Given up: the message beside it is next.
  held = new Promise(() => undefined)
  await choose(anna, file(blinking(46, 30, 50)))
  await anna.page.focus('.msg .cancel')
  await press(anna, 'Enter')
  await anna.loses('.msg.pending')
  assert.equal(await focused(anna), 'msg')

  // What the server would refuse again is nothing to stay for.
  await anna.page.unroute('**/gif')
  await choose(anna, file(Buffer.from('GIF89a\x01\0\x01\0, says a liar', 'latin1')))
  await anna.shows('.msg.broken .failed')
  assert.equal(await asks(anna), false)
})

story('a room that ends takes what is on its way with it, and nobody is asked about that', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  await together(anna, ben)
  await ben.page.route('**/gif', () => undefined)
  await choose(ben, file(hoppingCat()))
  await ben.shows('.msg.pending .upload')
  assert.equal(await asks(ben), true)
  await anna.page.click('[popovertarget=menu]')
  await anna.page.click('#menu [data-act=remove]')
  await anna.page.click('dialog#remove [data-act=remove-now]')
  await ben.shows('main.said')
  assert.equal(await asks(ben), false)
})

story('a file is the answer that it is meant to be, and one that is refused leaves it to the next', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  await together(anna, ben)
  await ben.say('고양이 보여 줘')
  await anna.sees('고양이 보여 줘')
  await anna.page.locator('#chat-list .msg.other[data-seq]').last().focus()
  await press(anna, 'Enter')
  await anna.page.click('#message-menu [data-deed=reply]')
  await anna.shows('.aim')
  await choose(anna, file(Buffer.from('hello'), 'a.txt', 'text/plain'))
  await anna.page.locator('#chat-form .wrong', { hasText: 'GIF, PNG, JPEG, WebP' }).waitFor()
  await anna.shows('.aim')
  await choose(anna, file(hoppingCat()))
  await anna.page.locator('.msg.mine .quote', { hasText: '고양이 보여 줘' }).waitFor()
  await ben.page.locator('.msg.other .quote', { hasText: '고양이 보여 줘' }).waitFor()
  assert.equal(await anna.page.isVisible('.aim'), false)
  await anna.say('이거야')
  await ben.sees('이거야')
  assert.equal(await ben.page.locator('.msg.other .quote').count(), 1)
})
