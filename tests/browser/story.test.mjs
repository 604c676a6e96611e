// Two people, and now and then a third, do with real browsers what the chat is for.

import assert from 'node:assert/strict'
import { blinking } from './gif.mjs'
import { DESKTOP, PHONE, stories } from './support.mjs'

const story = stories()

const row = (id) => `tr[data-id="${id}"]`

/** The maker's room, as somebody who has the link enters it. */
async function enter(person, id) {
  await person.toRoom(() => person.page.goto(`/room/${id}`))
}

story('two people make a room, talk, send a GIF, reload, leave, and the room is gone', async ({ person }) => {
  const anna = await person()
  const ben = await person({ viewport: PHONE })
  const watcher = await person()
  await ben.toLobby()
  await watcher.toLobby()
  await ben.shows('room-list .empty')

  await anna.toLobby()
  await anna.page.click('[data-make]')
  await anna.shows('dialog#make')
  const id = await anna.makeRoom({ title: '점심 뭐 먹지?', max: 4 })
  await anna.shows('chat-room.alone .invitation')

  await ben.shows(row(id))
  assert.match(await ben.page.innerText(`${row(id)} .title`), /점심 뭐 먹지\?/)
  assert.equal(await ben.page.isVisible('room-list .empty'), false)
  await ben.toRoom(() => ben.page.click(`${row(id)} .title a`))
  assert.equal(ben.roomId, id)
  const benName = await ben.name
  await anna.page.locator('.line.system', { hasText: `${benName} 님이 들어왔어요` }).waitFor()

  await anna.say('떡볶이 어때?')
  await ben.sees('떡볶이 어때?')
  await anna.sees('떡볶이 어때?', 'mine')
  await ben.say('좋아, 튀김도! <b>&amp;</b>')
  await anna.sees('좋아, 튀김도! <b>&amp;</b>')
  assert.equal(await anna.page.locator('#chat-list .msg.other .name').first().innerText(), benName)

  await ben.page.setInputFiles('#gif', { name: '냠냠.gif', mimeType: 'image/gif', buffer: blinking(48, 32) })
  assert.deepEqual(await anna.newestGif('other'), { width: 48, height: 32 })
  assert.deepEqual(await ben.newestGif('mine'), { width: 48, height: 32 })
  const gif = await anna.page.locator('#chat-list .msg.other .gif img').getAttribute('src')
  assert.match(gif, /^\/gif\/[0-9a-f]+(\.poster)?\.webp$/)

  // A reload: everything is there again, and nobody hears of it. What the next visitor does is told after it, so
  // that a line about the reload would stand before or in those lines.
  await ben.toRoom(() => ben.page.reload())
  assert.equal(await ben.page.locator('#chat-list .history .msg').count(), 3)
  await ben.sees('떡볶이 어때?')
  assert.deepEqual(await ben.newestGif('mine'), { width: 48, height: 32 })
  await ben.say('나 다시 왔다')
  await anna.sees('나 다시 왔다')
  const carl = await person()
  await enter(carl, id)
  const carlName = await carl.name
  await anna.page.locator('.line.system', { hasText: `${carlName} 님이 들어왔어요` }).waitFor()
  await carl.toLobby(() => carl.page.click('#exit-btn'))
  // Who came and left again, with nothing said between, leaves no line.
  await anna.page.locator('.line.system', { hasText: carlName }).waitFor({ state: 'detached' })
  const lines = await anna.texts('#chat-list .line.system')
  assert.deepEqual(lines.map((line) => line.replaceAll(/\s+/g, ' ')), [`${benName} 님이 들어왔어요`])

  await anna.say('난 먼저 갈게')
  await ben.sees('난 먼저 갈게')
  await ben.toLobby(() => ben.page.click('#exit-btn'))
  await anna.page.locator('.line.system', { hasText: `${benName} 님이 나갔어요` }).waitFor()
  await watcher.shows(row(id))
  assert.equal(await watcher.page.getAttribute(row(id), 'data-members'), '1')
  await anna.toLobby(() => anna.page.click('#exit-btn'))
  await watcher.loses(row(id))
  await watcher.shows('room-list .empty')

  await ben.page.goto(`/room/${id}`)
  await ben.shows('.hero [role=alert]')
  assert.equal(await ben.page.innerText('.hero h1'), '그 방은 이제 없어요')
  // The picture went with its room. (Who has seen it may keep it: it is cached as immutable.)
  watcher.expects(/404/)
  assert.equal((await watcher.page.goto(gif)).status(), 404)
}, { GIFCHAT_EMPTY_GRACE: '5s' })

story('Enter sends a Korean syllable that is being composed, once', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  await anna.page.goto('/room')
  const id = await anna.makeRoom({ title: '한글' })
  await enter(ben, id)

  await anna.composes('#chat', '안', '녕')
  await ben.sees('안녕')
  await anna.say('끝')
  await ben.sees('끝')
  assert.deepEqual(await ben.texts('#chat-list .msg .text'), ['안녕', '끝'])
  assert.equal(await anna.page.inputValue('#chat'), '')

  await anna.page.fill('#chat', '첫 줄')
  await anna.page.press('#chat', 'Shift+Enter')
  await anna.page.type('#chat', '둘째 줄')
  await anna.page.press('#chat', 'Enter')
  await ben.sees('둘째 줄')
  assert.deepEqual(await ben.texts('#chat-list .msg .text'), ['안녕', '끝', '첫 줄\n둘째 줄'])
})

story('a private room opens with its password only', async ({ person }) => {
  const anna = await person()
  const ben = await person({ viewport: PHONE })
  await anna.page.goto('/room')
  const id = await anna.makeRoom({ title: '우리끼리', password: 'a&b+c#%41' })
  assert.equal(anna.page.url().includes('?'), false, 'no password in the address')
  await ben.toLobby()
  assert.equal(await ben.page.getAttribute(`${row(id)} .join-btn`, 'data-password'), 'true')

  await ben.page.click(`${row(id)} .join-btn`)
  await ben.shows('form.fields #password')
  ben.expects(/status of 403/)
  await ben.page.fill('#password', 'nope')
  await ben.page.press('#password', 'Enter')
  await ben.shows('#password-error[role=alert]')
  assert.equal(await ben.page.innerText('#password-error'), '비밀번호가 달라요. 다시 한번 적어 주세요.')
  await ben.page.fill('#password', 'a&b+c#%41')
  await ben.toRoom(() => ben.page.click('form.fields button.wide'))
  assert.equal(ben.page.url(), anna.page.url())
  await ben.say('똑똑')
  await anna.sees('똑똑')
})

story('an owner removes the room, and the others are told in place', async ({ person }) => {
  const anna = await person()
  const ben = await person({ viewport: PHONE })
  await anna.page.goto('/room')
  const id = await anna.makeRoom({ title: '곧 사라짐' })
  await enter(ben, id)
  await ben.page.fill('#chat', '아직 못 보낸 글')
  await ben.page.click('[popovertarget=menu]')
  await ben.shows('#menu [data-act=copy]')
  assert.equal(await ben.page.isVisible('#menu [data-act=remove]'), false, 'only an owner has the button')
  await ben.page.keyboard.press('Escape')

  await anna.page.click('[popovertarget=menu]')
  await anna.page.click('#menu [data-act=remove]')
  await anna.page.click('dialog#remove [data-act=remove-now]')
  for (const { page } of [anna, ben]) {
    await page.locator('main.said h1', { hasText: '이 방은 사라졌어요' }).waitFor()
    assert.equal(await page.locator('chat-room').count(), 0)
  }
  assert.equal(ben.roomId, id, 'the page did not go elsewhere')
  assert.equal(await ben.page.inputValue('#draft'), '아직 못 보낸 글')
  // Whoever comes back to the tab later finds the same, and the page connects to nothing.
  let connections = 0
  ben.page.on('websocket', () => (connections += 1))
  await ben.page.evaluate(async () => {
    document.dispatchEvent(new Event('visibilitychange'))
    dispatchEvent(new Event('online'))
    await fetch('/healthz')
  })
  assert.equal(connections, 0)
  await ben.toLobby(() => ben.page.click('main.said a.plain'))
  assert.equal(await ben.page.locator(row(id)).count(), 0)
})

story('a full room lets nobody else in', async ({ person }) => {
  const anna = await person({ viewport: PHONE })
  const ben = await person()
  const carl = await person()
  await carl.toLobby()
  await anna.toLobby()
  await anna.page.click('[data-make]')
  await anna.page.waitForURL('**/room')
  const id = await anna.makeRoom({ title: '둘만', max: 2 })
  await enter(ben, id)

  await carl.shows(`${row(id)}[data-full]`)
  await carl.page.goto(`/room/${id}`)
  await carl.shows('.hero [role=alert]')
  assert.equal(await carl.page.innerText('.hero h1'), '자리가 다 찼어요')
  // A second tab of somebody inside takes no further seat.
  const tab = await ben.context.newPage()
  await tab.goto(`/room/${id}`)
  await tab.waitForSelector('chat-room')
  assert.match(await tab.innerText('.room-head .count'), /2\/2/)
})

story('a form says what is wrong with it', async ({ person }) => {
  const anna = await person()
  await anna.page.goto('/room')
  await anna.page.fill('[name=max]', '1')
  await anna.page.click('form.make button.wide')
  await anna.shows('form.make .notice')
  assert.equal(await anna.page.innerText('form.make .notice'), '고칠 곳이 2군데 있어요.')
  assert.equal(await anna.page.innerText('#title-error'), '방 이름을 한 글자 이상 적어 주세요.')
  assert.match(await anna.page.innerText('#max-error'), /^2부터 \d+ 사이의 수를 적어 주세요\.$/)
  anna.expects(/404/)
  assert.equal((await anna.page.goto('/nowhere')).status(), 404)
  assert.equal(await anna.page.innerText('h1'), '이 칸은 필름에 없어요')
})

story('the server goes and comes back; what was written meanwhile arrives once', async ({ server, person }) => {
  const anna = await person({ viewport: DESKTOP })
  const ben = await person({ viewport: PHONE })
  // The browser reports every connection that it cannot open.
  for (const one of [anna, ben]) one.expects(/WebSocket connection to|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET/)
  await anna.page.goto('/room')
  const id = await anna.makeRoom({ title: '끊겨도 다시' })
  await enter(ben, id)
  await anna.say('하나')
  await ben.sees('하나')

  await server.halt()
  await anna.shows('connection-bar')
  await anna.say('둘')
  assert.equal(await anna.page.locator('.msg.mine[data-pending]').count(), 1)
  await server.resume()
  await anna.sees('둘', 'mine')
  await ben.sees('둘')
  await ben.say('셋')
  await anna.sees('셋')
  for (const one of [anna, ben]) assert.deepEqual(await one.texts('#chat-list .msg .text'), ['하나', '둘', '셋'])
})

story('a room that is made while the lobby is still connecting appears in it', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  let go
  const held = new Promise((resolve) => {
    go = resolve
  })
  await ben.page.route('**/assets/main*.js', async (route) => {
    await held
    await route.continue()
  })
  await ben.page.goto('/', { waitUntil: 'commit' })
  await ben.shows('room-list .empty')

  await anna.toLobby()
  await anna.page.click('[data-make]')
  const id = await anna.makeRoom({ title: '그 사이에', max: 2 })
  go()
  await ben.shows(row(id))
})
