// Three people talk to each other: answers, reactions, corrections, whispers, commands, and what was said meanwhile.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { DESKTOP, PHONE, stories } from './support.mjs'

const story = stories()

/** The first makes a room, the others enter it. */
async function together(first, ...others) {
  await first.page.goto('/room')
  const id = await first.makeRoom({ title: '셋이서', max: 5 })
  for (const other of others) await other.toRoom(() => other.page.goto(`/room/${id}`))
  return id
}

const message = (person, text) => person.page.locator('#chat-list .msg[data-seq]', { has: person.page.locator('.text', { hasText: text }) })

/** By mouse: the button beside a message. */
async function tool(person, text, which) {
  await message(person, text).locator('.frame').hover()
  await person.page.click(`[data-tool=${which}]`)
}

/** By keyboard: from the line one writes in to the message, its menu, and an item of it. */
async function deed(person, text, which) {
  await message(person, text).focus()
  await person.page.keyboard.press('Enter')
  await person.page.locator(`#message-menu [data-deed=${which}]`).focus()
  await person.page.keyboard.press('Enter')
}

story('three people answer, react, correct and delete', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  const carl = await person({ viewport: PHONE })
  const all = [anna, ben, carl]
  await together(anna, ben, carl)

  await anna.say('라멘 먹을 사람?')
  for (const one of [ben, carl]) await one.sees('라멘 먹을 사람?')

  await tool(ben, '라멘 먹을 사람?', 'reply')
  assert.match(await ben.page.innerText('.aim'), /라멘 먹을 사람\?/)
  assert.equal(await ben.page.evaluate(() => document.activeElement.id), 'chat')
  await ben.page.keyboard.type('저요')
  await ben.page.keyboard.press('Enter')
  await anna.sees('저요')
  assert.equal(await ben.page.isVisible('.aim'), false)
  for (const one of all) assert.match(await message(one, '저요').locator('.quote').innerText(), new RegExp(`${await anna.name}.*라멘 먹을 사람`, 's'))

  // By keyboard: up from the line one writes in, Enter, an emoji.
  await carl.page.locator('message-log').focus()
  await carl.page.keyboard.press('ArrowUp')
  await carl.page.keyboard.press('Enter')
  await carl.page.locator('#message-menu [data-emoji="🔥"]').focus()
  await carl.page.keyboard.press('Enter')
  for (const one of all) await message(one, '저요').locator('.reactions [data-react="🔥"][data-count="1"]').waitFor()
  assert.equal(await message(carl, '저요').locator('[data-react="🔥"]').getAttribute('aria-pressed'), 'true')
  await message(anna, '저요').locator('[data-react="🔥"]').click()
  for (const one of all) await message(one, '저요').locator('[data-react="🔥"][data-count="2"]').waitFor()
  assert.equal(await message(ben, '저요').locator('[data-react="🔥"]').getAttribute('aria-pressed'), 'false')
  await message(anna, '저요').locator('[data-react="🔥"]').click()
  for (const one of all) await message(one, '저요').locator('[data-react="🔥"][data-count="1"]').waitFor()
  // Any other emoji.
  await tool(ben, '라멘 먹을 사람?', 'react')
  await ben.page.locator('#message-menu input').fill('🍜')
  await message(anna, '라멘').locator('[data-react="🍜"][data-count="1"]').waitFor()

  // The arrow up in an empty line corrects what one said last.
  await anna.page.focus('#chat')
  await anna.page.keyboard.press('ArrowUp')
  assert.equal(await anna.page.inputValue('#chat'), '라멘 먹을 사람?')
  await anna.page.fill('#chat', '냉면 먹을 사람?')
  await anna.page.keyboard.press('Enter')
  for (const one of all) {
    await message(one, '냉면 먹을 사람?').locator('.edited').waitFor()
    await message(one, '저요').locator('.quote', { hasText: '냉면 먹을 사람?' }).waitFor()
  }
  assert.equal(await anna.page.inputValue('#chat'), '')

  // Deleted, taken back, and deleted.
  await deed(anna, '냉면', 'remove')
  await anna.page.locator('.doomed .restore button').click()
  assert.equal(await message(anna, '냉면').count(), 1)
  await deed(anna, '냉면', 'remove')
  for (const one of [anna, ben, carl]) {
    await one.page.locator('#chat-list .msg.gone[data-seq]').waitFor()
    assert.match(await message(one, '저요').locator('.quote').innerText(), /지운 메시지/)
    assert.equal(await one.page.locator('.msg.gone .reactions').count(), 0)
  }
  // It is the same for who comes later, and nothing of the text is on the page.
  await ben.toRoom(() => ben.page.reload())
  assert.match(await message(ben, '저요').locator('.quote').innerText(), /지운 메시지/)
  assert.equal(await message(ben, '저요').locator('[data-react="🔥"]').getAttribute('data-count'), '1')
  assert.doesNotMatch(await ben.page.content(), /냉면|라멘/)
})

story('a whisper is for two, and the third hears nothing of it', async ({ person }) => {
  const anna = await person()
  const ben = await person({ viewport: PHONE })
  const carl = await person()
  const heard = []
  carl.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => heard.push(String(payload))))
  await together(anna, ben, carl)
  const [annaName, benName] = [await anna.name, await ben.name]

  await ben.say('여기 있어요')
  await anna.sees('여기 있어요')
  await tool(anna, '여기 있어요', 'more')
  await anna.page.click('[data-deed=whisper]')
  await anna.page.keyboard.type('생일 케이크는 내가 살게')
  await anna.page.keyboard.press('Enter')
  await ben.page.locator('.msg.whisper.other', { hasText: '생일 케이크는 내가 살게' }).waitFor()
  assert.match(await ben.page.innerText('.msg.whisper'), /나에게만 온 귓속말/)
  await anna.page.locator('.msg.whisper.mine[data-number]', { hasText: `${benName} 님에게 귓속말` }).waitFor()

  // The line stays a whisper until it is left.
  await anna.page.keyboard.press('Escape')
  await anna.say('다들 모였나요')
  await carl.sees('다들 모였나요')
  await ben.say(`/w ${annaName} 쉿`)
  await anna.page.locator('.msg.whisper.other', { hasText: '쉿' }).waitFor()
  await ben.page.locator('.msg.whisper.mine[data-number]', { hasText: '쉿' }).waitFor()

  const order = ['여기 있어요', '생일 케이크는 내가 살게', '다들 모였나요', '쉿']
  for (const one of [anna, ben]) {
    assert.deepEqual(await one.texts('#chat-list .msg .text'), order)
    await one.toRoom(() => one.page.reload())
    assert.deepEqual(await one.texts('#chat-list .msg .text'), order)
  }
  assert.deepEqual(await carl.texts('#chat-list .msg .text'), ['여기 있어요', '다들 모였나요'])
  await carl.toRoom(() => carl.page.reload())
  assert.doesNotMatch(await carl.page.content(), /케이크|쉿/)
  assert.equal(heard.some((frame) => /케이크|쉿|whisper"/.test(frame)), false, 'not even on the wire')
})

story('commands are completed by keyboard, and answered kindly', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  await together(anna, ben)
  const benName = await ben.name
  const chosen = () => anna.page.locator(`#completion [aria-selected=true]`)

  await anna.page.focus('#chat')
  await anna.page.keyboard.type('/')
  await anna.shows('#completion')
  assert.match(await chosen().innerText(), /^\/귓/)
  await anna.page.keyboard.press('ArrowDown')
  assert.match(await chosen().innerText(), /^\/이름/)
  assert.equal(await anna.page.getAttribute('#chat', 'aria-activedescendant'), await chosen().getAttribute('id'))
  await anna.page.keyboard.press('ArrowUp')
  await anna.page.keyboard.press('Enter')
  assert.equal(await anna.page.inputValue('#chat'), '/귓 ')
  assert.match(await chosen().innerText(), new RegExp(benName))
  await anna.page.keyboard.press('Tab')
  assert.equal(await anna.page.inputValue('#chat'), `/귓 ${benName} `)
  await anna.page.keyboard.type('안녕')
  await anna.page.keyboard.press('Enter')
  await ben.page.locator('.msg.whisper', { hasText: '안녕' }).waitFor()

  // Escape closes the list, and it stays closed.
  await anna.page.keyboard.type('/')
  await anna.shows('#completion')
  await anna.page.keyboard.press('Escape')
  assert.equal(await anna.page.isVisible('#completion'), false)
  await anna.page.fill('#chat', '')

  await anna.page.keyboard.type('@')
  await anna.page.keyboard.press('Enter')
  await anna.page.keyboard.type('여기')
  await anna.page.keyboard.press('Enter')
  await ben.page.locator('.msg.to-me mark', { hasText: `@${benName}` }).waitFor()

  await anna.say('/도움')
  await anna.shows('.answer dl')
  assert.match(await anna.page.innerText('.answer'), /\/귓 이름 할 말/)
  await anna.say('/없는명령')
  await anna.shows('.composer .wrong')
  assert.equal(await anna.page.inputValue('#chat'), '/없는명령', 'it can be mended')
  await anna.page.fill('#chat', '')
  await anna.say('/usr/bin 은 명령이 아니다')
  await ben.sees('/usr/bin 은 명령이 아니다')
  await ben.say('/이름 마지막 상영')
  await anna.page.locator('.line.system', { hasText: '마지막 상영' }).waitFor()
  assert.equal(await anna.page.locator('.msg', { hasText: '/' }).count(), 1, 'commands stand nowhere')
})

story('what was said while the reader was elsewhere stands behind a splice', async ({ person }) => {
  const anna = await person({ viewport: PHONE })
  const ben = await person()
  await together(anna, ben)
  const title = await anna.page.title()
  for (let line = 0; line < 14; line += 1) await ben.say(`줄 ${line}`)
  await anna.sees('줄 13')
  await anna.page.locator('message-log').evaluate((log) => (log.scrollTop = 0))
  await anna.shows('.jump')
  await ben.say('새 소식')
  await ben.say('하나 더')
  await anna.page.locator('.splice', { hasText: '새 메시지 2' }).waitFor()
  assert.equal(await anna.page.title(), `(2) ${title}`)
  assert.match(await anna.page.innerText('.jump'), /새 메시지 2/)
  assert.match(await anna.page.locator('.splice').evaluate((splice) => splice.nextElementSibling.textContent), /새 소식/)
  await anna.page.click('.jump')
  await anna.page.waitForFunction((before) => document.title === before, title)
  assert.equal(await anna.page.isVisible('.splice'), true, 'it shows where to read on')
})

story('a busy door is one line, and who came and left was not there', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  const carl = await person()
  await together(anna, ben, carl)
  const [benName, carlName] = [await ben.name, await carl.name]
  const run = anna.page.locator('.run', { hasText: `${carlName}, ${benName} 님` })
  await run.waitFor()
  await run.click()
  await anna.page.locator('.line.system', { hasText: `${benName} 님이 들어왔어요` }).last().waitFor()
  await run.click()
  await carl.toLobby(() => carl.page.click('#exit-btn'))
  await anna.page.locator('.run', { hasText: carlName }).waitFor({ state: 'detached' })
  assert.match(await anna.page.innerText('#chat-list'), new RegExp(benName))
})

for (const [name, look] of Object.entries({
  'on a phone, dark': { viewport: PHONE, colorScheme: 'dark' },
  'on a desk, light, in English': { viewport: DESKTOP, colorScheme: 'light', locale: 'en-GB' },
})) {
  story(`a conversation is accessible ${name}`, async ({ person }) => {
    const anna = await person(look)
    const ben = await person()
    await together(anna, ben)
    await anna.say('https://a.example 봐')
    await ben.sees('https://a.example 봐')
    await tool(ben, '봐', 'reply')
    await ben.say(`@${await anna.name} 봤어`)
    await tool(ben, 'https://a.example', 'react')
    await ben.page.click('#message-menu [data-emoji="👍"]')
    await ben.say(`/w ${await anna.name} 쉿`)
    await ben.say('지울 것')
    await anna.sees('지울 것')
    await deed(ben, '지울 것', 'remove')
    await message(anna, '봐').locator('.reactions').first().waitFor()
    await anna.page.locator('.whisper').waitFor()
    await anna.page.locator('.msg.gone').waitFor()
    await accessible(anna, 'the log')
    await message(anna, '봤어').focus()
    await anna.page.keyboard.press('Enter')
    await anna.shows('#message-menu')
    await accessible(anna, 'the menu of a message')
    await anna.page.keyboard.press('Enter')
    await accessible(anna, 'an answer being written')
    await anna.page.keyboard.type('/')
    await anna.shows('#completion')
    await accessible(anna, 'completion')
    // Every message can be reached, and says who speaks.
    await anna.page.keyboard.press('Escape')
    await anna.page.keyboard.press('Escape')
    await anna.page.locator('message-log').focus()
    await anna.page.keyboard.press('Home')
    assert.match(await anna.page.evaluate(() => document.activeElement.textContent), /a\.example/)
    await anna.page.keyboard.press('End')
    assert.equal(await anna.page.evaluate(() => document.activeElement.matches('.msg.gone')), true)
  })
}
