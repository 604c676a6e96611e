// What a person has written and the server has not confirmed: nothing of it is lost, nothing is said twice.

import assert from 'node:assert/strict'
import { DESKTOP, PHONE, stories } from './support.mjs'
import { Wire } from './wire.mjs'

const story = stories()

const TEXTS = '#chat-list .msg .text'
const PENDING = '.msg.mine[data-pending]'

/** Two in one room; what the browser reports of connections that it cannot open is part of the story. */
async function two(person) {
  const anna = await person({ viewport: DESKTOP })
  const ben = await person({ viewport: PHONE })
  for (const one of [anna, ben]) one.expects(/WebSocket connection to|ERR_CONNECTION_|ERR_EMPTY_RESPONSE|status of 50/)
  const wire = await Wire.of(anna)
  await anna.page.goto('/room')
  const id = await anna.makeRoom({ title: '한 마디도 잃지 않기' })
  await ben.toRoom(() => ben.page.goto(`/room/${id}`))
  return { anna, ben, id, wire }
}

/** Both pages show these texts, stored, in this order, each once. */
async function agree(people, texts) {
  for (const one of people) {
    await one.page.locator('.msg[data-seq]:not([data-pending])', { hasText: texts.at(-1) }).first().waitFor()
    assert.deepEqual(await one.texts(TEXTS), texts)
    assert.equal(await one.page.locator('.msg[data-pending]').count(), 0)
  }
}

story('what is written while the server is away survives a reload of the page, in order', async ({ server, person }) => {
  const { anna, ben } = await two(person)
  await anna.say('하나')
  await agree([anna, ben], ['하나'])
  await server.halt('SIGKILL')
  for (const text of ['둘', '셋', '넷']) await anna.say(text)
  assert.deepEqual(await anna.texts(TEXTS), ['하나', '둘', '셋', '넷'])
  await anna.page.locator(PENDING).nth(2).waitFor()
  await server.resume()
  await anna.toRoom(() => anna.page.reload())
  await agree([anna, ben], ['하나', '둘', '셋', '넷'])
  assert.equal(await anna.page.evaluate(() => Object.keys(sessionStorage).length), 0, 'nothing is kept of what is stored')
})

story('a message that was stored although its answer was lost stands there once', async ({ person }) => {
  const { anna, ben, wire } = await two(person)
  wire.loseAnswers()
  await anna.say('들렸어?')
  await ben.sees('들렸어?')
  await anna.page.locator(PENDING).waitFor()
  // The history of the next page holds it.
  await anna.toRoom(() => anna.page.reload())
  await agree([anna, ben], ['들렸어?'])
  assert.equal(wire.sent('chat'), 1, 'it is not even sent again')

  // A history that does not say which of its messages this page sent: the answer to the retry says it.
  wire.loseAnswers()
  await anna.say('이번엔?')
  await ben.sees('이번엔?')
  await anna.beforeScripts(() => {
    for (const item of document.querySelectorAll('[data-client]')) delete item.dataset.client
  })
  await anna.toRoom(() => anna.page.reload())
  await anna.loses(PENDING)
  await agree([anna, ben], ['들렸어?', '이번엔?'])
  assert.equal(wire.sent('chat'), 3)

  // Without a reload: the connection is cut, and the page comes back for what it missed.
  wire.loseAnswers()
  await anna.say('아직?')
  await ben.sees('아직?')
  await wire.cut()
  await agree([anna, ben], ['들렸어?', '이번엔?', '아직?'])
})

story('the server crashes while messages are under way: each arrives once and in order', async ({ server, person }) => {
  const { anna, ben } = await two(person)
  const all = Array.from({ length: 40 }, (_, n) => `줄 ${String(n).padStart(2, '0')}`)
  for (const [n, text] of all.entries()) {
    await anna.say(text)
    if (n === 20) await server.halt('SIGKILL')
  }
  await server.resume()
  await agree([anna, ben], all)
  await ben.say('다 왔어')
  await agree([anna, ben], [...all, '다 왔어'])
})

story('two tabs of one person: each sends its own, both show all once', async ({ server, person }) => {
  const { anna, ben, id } = await two(person)
  const tab = await anna.context.newPage()
  await tab.goto(`/room/${id}`)
  await tab.waitForSelector('chat-room #chat')
  const say = async (text) => {
    await tab.fill('#chat', text)
    await tab.press('#chat', 'Enter')
  }
  await say('왼쪽 하나')
  await agree([anna, ben], ['왼쪽 하나'])
  await server.halt('SIGKILL')
  await say('왼쪽 둘')
  await say('왼쪽 셋')
  await anna.say('오른쪽 하나')
  await anna.say('오른쪽 둘')
  // A copied tab has a copy of what waits: the server knows both tries as one.
  const copy = await anna.context.newPage()
  const waiting = await tab.evaluate((key) => sessionStorage.getItem(key), `unsent:${id}`)
  assert.equal(JSON.parse(waiting).entries.length, 2)
  await server.resume()
  await copy.addInitScript(([key, value]) => {
    if (!sessionStorage.getItem('copied')) sessionStorage.setItem(key, value)
    sessionStorage.setItem('copied', 'yes')
  }, [`unsent:${id}`, waiting])
  await copy.goto(`/room/${id}`)
  const texts = (page) => page.locator(TEXTS).allInnerTexts()
  const pages = [anna.page, ben.page, tab, copy]
  for (const page of pages) await page.waitForFunction((selector) => document.querySelectorAll(selector).length === 5, `.msg[data-seq]:not([data-pending]) .text`)
  for (const page of pages) {
    assert.equal(await page.locator('.msg[data-pending]').count(), 0)
    assert.deepEqual(await texts(page), await texts(ben.page))
  }
  const said = await ben.texts(TEXTS)
  for (const side of ['왼쪽', '오른쪽']) {
    const own = said.filter((text) => text.startsWith(side))
    assert.deepEqual(own, ['왼쪽 하나', '왼쪽 둘', '왼쪽 셋'].map((text) => text.replace('왼쪽', side)).slice(0, own.length))
  }
})

story('who writes faster than the server takes it waits, and loses nothing', async ({ person }) => {
  const { anna, ben } = await two(person)
  const all = Array.from({ length: 8 }, (_, n) => `빨리 ${n}`)
  for (const text of all) await anna.say(text)
  await agree([anna, ben], all)
}, { GIFCHAT_MESSAGE_RATE: '2/s', GIFCHAT_MESSAGE_BURST: '2' })

story('a refusal that passes is waited out; one that lasts is shown and can be sent again', async ({ person }) => {
  const { anna, ben, wire } = await two(person)
  const problem = (code, status, detail, more) => ({ error: { code, title: '', status, detail, ...more } })
  let full = true
  wire.answerWith((name) => (name === 'chat' && full ? problem('unavailable', 503, '지금은 저장할 수 없어요.', { retryAfter: 1 }) : undefined))
  await anna.say('디스크가 찼대')
  await anna.say('그래도 차례대로')
  await anna.page.locator(`${PENDING}.slow`).nth(1).waitFor()
  assert.equal(await anna.page.locator('.msg.broken').count(), 0)
  full = false
  await agree([anna, ben], ['디스크가 찼대', '그래도 차례대로'])

  wire.answerWith((name, { chat }) => (name === 'chat' && chat === '안 되는 글' ? problem('text-too-long', 422, '글이 너무 길어요.') : undefined))
  await anna.say('안 되는 글')
  await anna.say('되는 글')
  await ben.sees('되는 글')
  assert.match(await anna.page.innerText('.msg.broken .why'), /못 보냈어요: 글이 너무 길어요\./)
  // It stands there after a reload as well, and its writer decides.
  await anna.toRoom(() => anna.page.reload())
  assert.match(await anna.page.innerText('.msg.broken .why'), /못 보냈어요: 글이 너무 길어요\./)
  await anna.page.click('.msg.broken [data-do=retry]')
  await agree([anna, ben], ['디스크가 찼대', '그래도 차례대로', '되는 글', '안 되는 글'])
})
