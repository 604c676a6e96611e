// Connections that end, die unnoticed or lose something: the page finds out by itself and misses nothing.

import assert from 'node:assert/strict'
import { stories } from './support.mjs'
import { Wire } from './wire.mjs'

const story = stories()
const TEXTS = '#chat-list .msg .text'

/** `clock`: the first one's time can be moved. */
async function two(person, { clock = false } = {}) {
  const anna = await person()
  if (clock) await anna.page.clock.install()
  const ben = await person()
  for (const one of [anna, ben]) one.expects(/WebSocket connection to|ERR_CONNECTION_|ERR_EMPTY_RESPONSE|status of 50/)
  const wire = await Wire.of(anna)
  await anna.page.goto('/room')
  const id = await anna.makeRoom({ title: '다시 이어지는 방' })
  await ben.toRoom(() => ben.page.goto(`/room/${id}`))
  return { anna, ben, id, wire }
}

story('the server is restarted: the page comes back by itself with nothing missing', async ({ server, person }) => {
  const { anna, ben } = await two(person)
  await anna.say('하나')
  await ben.sees('하나')
  await server.halt()
  await anna.shows('connection-bar')
  await anna.say('둘')
  await ben.say('셋')
  await server.resume()
  for (const one of [anna, ben]) {
    await one.page.waitForFunction(() => document.querySelectorAll('.msg[data-seq]:not([data-pending]) .text').length === 3)
    await one.page.locator('connection-bar').waitFor({ state: 'hidden' })
  }
  const texts = await anna.texts(TEXTS)
  assert.deepEqual([...texts].sort(), ['둘', '셋', '하나'])
  assert.deepEqual(await ben.texts(TEXTS), texts)
})

// With so long a spread nobody is told to come back within seconds; the page waits a minute at most.
story('a server that ends says when to come back, and the page does', async ({ server, person }) => {
  const { anna, wire } = await two(person, { clock: true })
  await server.halt()
  const { opened } = wire
  await anna.page.clock.fastForward(6000)
  await anna.shows('connection-bar')
  assert.match(await anna.page.innerText('connection-bar p'), /^서버를 새로 켜고 있어요\. \d+초 뒤에 다시 이어 붙일게요\.$/)
  assert.equal(wire.opened, opened, 'it waits as it was told')
  await server.resume()
  await anna.page.click('[data-act=reconnect]')
  await anna.page.locator('connection-bar').waitFor({ state: 'hidden' })
  assert.equal(wire.opened, opened + 1)
  await anna.say('돌아왔어')
  await anna.sees('돌아왔어', 'mine')
}, { GIFCHAT_RECONNECT_SPREAD: '30d' })

story('an event that was lost in silence is noticed by the head of the room, with one join', async ({ person }) => {
  const { anna, ben, id, wire } = await two(person)
  await ben.say('하나')
  await anna.sees('하나')
  const epoch = Number(await anna.page.getAttribute('chat-room', 'data-epoch'))
  const joins = wire.sent('join')
  wire.say('head', { room: id, epoch, seq: 1 })
  await anna.say('둘')
  await anna.sees('둘', 'mine')
  assert.equal(wire.sent('join'), joins, 'a page that has everything does not ask')
  wire.loseEvents(1)
  await ben.say('셋')
  await ben.sees('셋', 'mine')
  for (let n = 0; n < 20; n += 1) wire.say('head', { room: id, epoch, seq: 3 })
  await anna.sees('셋')
  assert.deepEqual(await anna.texts(TEXTS), ['하나', '둘', '셋'])
  assert.equal(wire.sent('join'), joins + 1)

  // The same, found by the next message.
  wire.loseEvents(1)
  await ben.say('넷')
  await ben.say('다섯')
  await anna.sees('다섯')
  assert.deepEqual(await anna.texts(TEXTS), ['하나', '둘', '셋', '넷', '다섯'])
  assert.equal(wire.sent('join'), joins + 2)
})

story('a connection that died in its sleep is found out on waking', async ({ person }) => {
  const { anna, ben, wire } = await two(person, { clock: true })
  wire.die()
  await ben.say('자니?')
  await ben.sees('자니?', 'mine')
  const { opened } = wire
  // The lid is closed for 32 seconds: less than the heartbeat needs to notice. The page asks, and waits for 5 seconds.
  const asked = wire.next('join')
  await anna.page.clock.fastForward(32_000)
  await asked
  assert.equal(wire.opened, opened, 'it asks on the connection that it has')
  await anna.page.clock.fastForward(5500)
  await anna.sees('자니?')
  assert.equal(wire.opened, opened + 1)
  assert.equal(await anna.page.locator('connection-bar').isVisible(), false)
})

story('a page that is shown from the cache again resumes from the history that it has', async ({ person }) => {
  const { anna, ben } = await two(person)
  await ben.say('하나')
  await anna.sees('하나')
  await anna.toLobby(() => anna.page.click('#exit-btn'))
  await ben.say('둘')
  await ben.sees('둘', 'mine')
  await anna.page.goBack()
  await anna.sees('둘')
  assert.deepEqual(await anna.texts(TEXTS), ['하나', '둘'])

  // Old pages from a browser's disk: before anything was said, and of another epoch.
  await anna.beforeScripts(() => {
    const room = document.querySelector('chat-room')
    const { seq, epoch } = JSON.parse(sessionStorage.getItem('old') ?? '{}')
    if (!room || seq === undefined) return
    room.dataset.seq = seq
    room.dataset.epoch = epoch ?? room.dataset.epoch
    for (const item of room.querySelectorAll('.history .msg')) if (Number(item.dataset.seq) > seq) item.remove()
  })
  for (const old of [{ seq: 0 }, { seq: 1, epoch: 7 }, { seq: 9 }]) {
    await anna.page.evaluate((text) => sessionStorage.setItem('old', text), JSON.stringify(old))
    await anna.toRoom(() => anna.page.reload())
    await anna.sees('둘')
    assert.deepEqual(await anna.texts(TEXTS), ['하나', '둘'])
  }
})

story('older messages come page by page as one reads upwards, down to the first', async ({ person }) => {
  const { anna, ben, id } = await two(person)
  await anna.page.evaluate(async (room) => {
    for (let number = 1; number <= 120; number += 1) {
      const body = JSON.stringify({ chat: String(number) })
      await fetch(`/room/${room}/chat`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    }
  }, id)
  await ben.page.reload()
  await ben.sees('120')
  assert.equal((await ben.texts(TEXTS)).length, 50)
  for (const count of [100, 120]) {
    await ben.page.locator('message-log').evaluate((log) => log.scrollTo(0, 0))
    await ben.page.waitForFunction((wanted) => document.querySelectorAll('.msg[data-seq]').length === wanted, count)
  }
  assert.deepEqual(await ben.texts(TEXTS), Array.from({ length: 120 }, (_, index) => String(index + 1)))
  assert.ok(await ben.page.locator('.older').isHidden())
}, { GIFCHAT_MESSAGE_RATE: '0' })
