// Keeping a room: its owner's tools by keyboard alone, names, settings, search, and what those see who are sent out.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { PHONE, stories } from './support.mjs'

const story = stories()

/** The first makes a room and the others come in; everybody sees everybody. */
async function together(people, room = {}) {
  const [owner, ...guests] = people
  await owner.page.goto('/room')
  const id = await owner.makeRoom({ title: '점심 뭐 먹지?', max: 8, ...room })
  for (const guest of guests) await guest.toRoom(() => guest.page.goto(`/room/${id}`))
  for (const { page } of people) await page.waitForFunction((n) => document.querySelectorAll('.person').length === n, people.length)
  return id
}

const me = (person) => person.page.locator('chat-room').getAttribute('data-me')
const rowOf = async (viewer, whom) => viewer.page.locator(`.person[data-member="${await me(whom)}"]`)
const press = (person, ...keys) => keys.reduce((before, key) => before.then(() => person.page.keyboard.press(key)), Promise.resolve())
const focused = (person) => person.page.evaluate(() => document.activeElement?.textContent.trim() || document.activeElement?.getAttribute('aria-label') || '')

/** Opens the menu of a member with Enter, and goes to the item of this name with the arrow keys. */
async function choose(owner, whom, item) {
  await (await rowOf(owner, whom)).locator('[data-member-menu]').focus()
  await press(owner, 'Enter')
  await owner.shows('.of-member')
  const count = await owner.page.locator('.of-member [role=menuitem]').count()
  for (let step = 0; step < count && !(await focused(owner)).startsWith(item); step += 1) await press(owner, 'ArrowDown')
  assert.ok((await focused(owner)).startsWith(item), item)
}

story('an owner sends somebody out and takes it back, with nothing but a keyboard', async ({ person }) => {
  const [anna, ben, carl] = [await person(), await person({ viewport: PHONE }), await person()]
  const id = await together([anna, ben, carl])
  const benName = await ben.name
  await ben.page.fill('#chat', '이건 아직 안 보낸 말')

  // Escape closes the menu, and the focus is back on its button.
  await choose(anna, ben, '귓속말')
  await accessible(anna, 'the menu of a member')
  await press(anna, 'Escape')
  await anna.loses('.of-member')
  assert.match(await focused(anna), new RegExp(benName))

  await choose(anna, ben, '내보내기')
  await press(anna, 'Enter')
  await anna.shows('dialog.ask')
  await accessible(anna, 'the question before somebody is sent out')
  // Enter alone does nothing: it cancels.
  assert.equal(await focused(anna), '취소')
  await press(anna, 'Enter')
  await anna.loses('dialog.ask')
  assert.match(await focused(anna), new RegExp(benName))

  await choose(anna, ben, '내보내기')
  await press(anna, 'Enter')
  await anna.shows('dialog.ask')
  await press(anna, 'Tab', 'Enter')

  await ben.shows('main.said h1')
  assert.equal(await ben.page.innerText('main.said h1'), '방장이 내보냈어요')
  assert.match(await ben.page.innerText('main.said .why'), /^10분 뒤, \d\d:\d\d부터 다시 들어올 수 있어요\.$/)
  assert.equal(await ben.page.inputValue('#draft'), '이건 아직 안 보낸 말')
  await accessible(ben, 'the page of who was sent out')
  await carl.page.locator('#chat-list .line', { hasText: benName }).last().waitFor()
  await carl.page.waitForFunction(() => document.querySelectorAll('.person').length === 2)

  // The server says the same to who opens the link again.
  ben.expects(/status of 403/)
  await ben.page.goto(`/room/${id}`)
  assert.equal(await ben.page.innerText('main.said h1'), '방장이 내보냈어요')
  assert.match(await ben.page.innerText('main.said'), /10분|9분 \d+초/)
  await accessible(ben, 'the server’s page of who was sent out')

  // The focus waits at the way back.
  await anna.shows('.undo')
  assert.equal(await focused(anna), '되돌리기')
  await accessible(anna, 'the offer to take it back')
  await press(anna, 'Enter')
  await anna.page.locator('.toast', { hasText: '다시 들어올 수 있어요' }).waitFor()
  await ben.toRoom(() => ben.page.goto(`/room/${id}`))
  await carl.page.waitForFunction(() => document.querySelectorAll('.person').length === 3)
})

story('an owner silences somebody and hands the room over, by keyboard', async ({ person }) => {
  const [anna, ben, carl] = [await person(), await person(), await person()]
  await together([anna, ben, carl])

  await choose(anna, ben, '음소거')
  await press(anna, 'Enter')
  await ben.shows('.hush')
  assert.match(await ben.page.innerText('.hush'), /음소거했어요/)
  await accessible(ben, 'somebody who was silenced')
  await (await rowOf(carl, ben)).locator('.is.muted').waitFor()
  assert.equal(await focused(anna), '되돌리기')
  await press(anna, 'Enter')
  await ben.page.locator('.hush').waitFor({ state: 'hidden' })
  await ben.say('고마워')
  await carl.sees('고마워')

  await choose(anna, ben, '방장 넘기기')
  await press(anna, 'Enter')
  await anna.shows('dialog.ask')
  await accessible(anna, 'the question before the room is handed over')
  await press(anna, 'Tab', 'Enter')
  await (await rowOf(carl, ben)).locator('.tag.owner').waitFor()
  assert.equal(await carl.page.locator('.person .tag.owner:visible').count(), 1)
  assert.equal(await carl.page.locator('.person').first().getAttribute('data-member'), await me(ben))
  await ben.shows('chat-room.owner')
  assert.equal(await anna.page.locator('chat-room.owner').count(), 0)
  await choose(anna, carl, '귓속말')
  assert.equal(await anna.page.locator('.of-member [role=menuitem]', { hasText: '내보내기' }).count(), 0)
})

story('a ban holds for the time that was chosen, takes the messages along, and is listed with a way back', async ({ person }) => {
  const [anna, ben, carl] = [await person({ viewport: PHONE }), await person(), await person()]
  const id = await together([anna, ben, carl])
  await ben.say('도배 도배 도배')
  await carl.sees('도배 도배 도배')
  const benName = await ben.name

  await anna.page.click('[data-act=people]')
  await choose(anna, ben, '못 들어오게')
  await accessible(anna, 'the menu that unfolds in the sheet')
  await press(anna, 'Enter')
  await anna.shows('dialog.ask .one-of')
  await accessible(anna, 'the question before somebody is shut out')
  await anna.page.check('dialog.ask [value=""]')
  await anna.page.check('dialog.ask [name=purge]')
  await anna.page.click('dialog.ask .danger')
  await ben.shows('main.said')
  assert.equal(await ben.page.innerText('main.said h1'), '이 방에는 들어올 수 없어요')
  await carl.page.locator('#chat-list .msg', { hasText: '도배 도배' }).waitFor({ state: 'detached' })
  ben.expects(/status of 403/)
  await ben.page.goto(`/room/${id}`)
  assert.match(await ben.page.innerText('main.said'), /이 방이 없어질 때까지/)

  // The first Escape is for the offer to take it back, the second for the sheet.
  await press(anna, 'Escape', 'Escape')
  await anna.page.click('[popovertarget=menu]')
  await anna.page.click('#menu [data-act=tools]')
  const listed = anna.page.locator('#room-tools .sent-out .person', { hasText: benName })
  await listed.waitFor()
  await accessible(anna, 'the room settings on a phone')
  await listed.locator('button').click()
  await anna.page.locator('#room-tools .sent-out', { hasText: '아무도 없어요' }).waitFor()
  await ben.toRoom(() => ben.page.goto(`/room/${id}`))
})

story('people change their names, and the next room offers the last one', async ({ person }) => {
  const [anna, ben] = [await person(), await person({ viewport: PHONE })]
  await together([anna, ben])
  await (await rowOf(anna, anna)).locator('[data-member-menu]').focus()
  await press(anna, 'Enter')
  await anna.shows('.of-member')
  await press(anna, 'Enter')
  await anna.shows('#rename')
  await accessible(anna, 'the dialog for one’s own name')
  await anna.page.fill('#own-name', await ben.name)
  await press(anna, 'Enter')
  await anna.shows('#own-name[aria-invalid]')
  assert.notEqual(await anna.page.innerText('#own-name-error'), '')
  await accessible(anna, 'a name that was refused')
  await anna.page.fill('#own-name', '밤새는 여우')
  await press(anna, 'Enter')
  await anna.loses('#rename')
  await (await rowOf(ben, anna)).locator('.name', { hasText: '밤새는 여우' }).waitFor({ state: 'attached' })
  await ben.page.locator('#chat-list .line', { hasText: '밤새는 여우' }).waitFor()

  await anna.page.goto('/room')
  await anna.makeRoom({ title: '다른 방' })
  await anna.shows('.undo')
  assert.notEqual(await anna.name, '밤새는 여우')
  await anna.page.click('.undo button')
  await (await rowOf(anna, anna)).locator('.name', { hasText: '밤새는 여우' }).waitFor({ state: 'attached' })
})

story('the owner sets the room, and everybody sees how it is', async ({ person }) => {
  const [anna, ben] = [await person(), await person({ viewport: PHONE })]
  const id = await together([anna, ben])
  await anna.page.click('[popovertarget=menu]')
  await anna.page.click('#menu [data-act=tools]')
  await anna.shows('#room-tools')
  await accessible(anna, 'the room settings')
  await anna.page.fill('#tool-title', '저녁 뭐 먹지?')
  await anna.page.fill('#tool-max', '5')
  await anna.page.fill('#tool-password', 'cake')
  await anna.page.click('#room-tools button.amber')
  await ben.page.locator('h1', { hasText: '저녁 뭐 먹지?' }).waitFor()
  await ben.page.locator('.room-head .count', { hasText: '2/5' }).waitFor()
  await anna.page.fill('#tool-title', ' ')
  await anna.page.click('#room-tools button.amber')
  assert.notEqual(await anna.page.innerText('#tool-title-error'), '')
  assert.equal(await anna.page.evaluate(() => document.activeElement.id), 'tool-title')

  await anna.page.focus('#tool-lock')
  await press(anna, 'Space')
  await ben.page.locator('.states', { hasText: '방이 잠겨 있어요' }).waitFor()
  await anna.page.selectOption('#tool-slow', '10')
  await ben.page.locator('.states', { hasText: '10초에 한 번씩 말해요' }).waitFor()
  await accessible(ben, 'the states of a room')
  await ben.say('하나')
  await anna.sees('하나')
  await ben.shows('.hush')

  const carl = await person()
  carl.expects(/status of 403/)
  await carl.page.goto(`/room/${id}`)
  assert.equal(await carl.page.innerText('main.said h1'), '방이 잠겨 있어요')
  await accessible(carl, 'the page of a locked room')
  await anna.page.focus('#tool-lock')
  await press(anna, 'Space')
  await ben.page.locator('.states', { hasText: '방이 잠겨 있어요' }).waitFor({ state: 'detached' })
  await carl.page.goto(`/room/${id}`)
  await carl.page.fill('#password', 'pie')
  await carl.page.press('#password', 'Enter')
  await carl.shows('#password-error[role=alert]')
  await carl.page.fill('#password', 'cake')
  await carl.toRoom(() => carl.page.press('#password', 'Enter'))
})

story('a search finds what was said, and leads to it', async ({ person }) => {
  const [anna, ben] = [await person(), await person({ viewport: PHONE })]
  await together([anna, ben])
  await anna.say('첫 번째 떡볶이 이야기')
  for (let n = 1; n <= 60; n += 1) {
    await anna.page.evaluate(
      ([room, chat]) => fetch(`/room/${room}/chat`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ chat }) }),
      [anna.roomId, `줄 ${n}`],
    )
    if (n % 5 === 0) await ben.sees(`줄 ${n}`)
  }
  await ben.toRoom(() => ben.page.reload())
  assert.equal(await ben.page.locator('.msg', { hasText: '떡볶이' }).count(), 0, 'it is on an older page')

  await ben.page.click('[popovertarget=menu]')
  await ben.page.click('#menu [data-act=search]')
  await ben.shows('#search')
  await accessible(ben, 'a search before anything was asked')
  await ben.page.fill('#search-q', '떡볶이')
  await ben.shows('#search .results button')
  assert.deepEqual(await ben.texts('#search mark'), ['떡볶이'])
  await accessible(ben, 'what was found')
  await press(ben, 'ArrowDown', 'Enter')
  await ben.loses('#search')
  await ben.shows('.msg.found')
  assert.match(await ben.page.innerText('.msg.found'), /첫 번째 떡볶이 이야기/)
  assert.equal(await ben.page.locator('.msg.found').evaluate((item) => item === document.activeElement), true)

  await ben.page.click('[popovertarget=menu]')
  await ben.page.click('#menu [data-act=search]')
  await ben.page.fill('#search-q', '없는 말')
  await ben.page.locator('#search [role=status]', { hasText: '찾는 말이 없어요' }).waitFor()
})

story('the raid button asks newcomers to work, and one press takes it back', async ({ person }) => {
  const [anna, ben] = [await person(), await person({ viewport: PHONE })]
  const id = await together([anna, ben])
  await anna.page.click('[popovertarget=menu]')
  await anna.page.click('#menu [data-act=tools]')
  await anna.page.click('#room-tools [aria-labelledby=tools-raid] button')
  await ben.page.locator('.states', { hasText: '방을 지키는 중이에요' }).waitFor()

  // The work is done by itself, and the newcomer is in.
  const carl = await person({ viewport: PHONE })
  carl.expects(/status of 403/)
  await carl.toRoom(() => carl.page.goto(`/room/${id}`))
  await anna.page.waitForFunction(() => document.querySelectorAll('.person').length === 3)

  await anna.page.click('#room-tools [aria-labelledby=tools-raid] button')
  await anna.shows('dialog.ask [name=clean]')
  await accessible(anna, 'the question before the room is guarded no more')
  await anna.page.click('dialog.ask .danger')
  await ben.page.locator('.states').waitFor({ state: 'hidden' })
})
