// The chapter's exercises with three people: who is here, system messages that stay, and an owner who leaves. (Whispers are
// in conversation.test.mjs, kicking and handing over in keeping.test.mjs.)

import assert from 'node:assert/strict'
import { PHONE, stories } from './support.mjs'

const story = stories()

async function together(people) {
  const [owner, ...guests] = people
  await owner.page.goto('/room')
  const id = await owner.makeRoom({ title: '점심 뭐 먹지?', max: 8 })
  for (const guest of guests) {
    await guest.toRoom(() => guest.page.goto(`/room/${id}`))
    await owner.page.locator(`.person[data-member="${await me(guest)}"]`).waitFor()
  }
  return id
}

const me = (person) => person.page.locator('chat-room').getAttribute('data-me')
const listed = (person) => person.page.locator('.person').evaluateAll((rows) => rows.map((row) => row.dataset.member))
const owners = (person) => person.page.locator('.person .tag.owner:visible').count()

story('who is here: the owner first, then the reader, then as they came, while they come and go', async ({ person }) => {
  const [anna, ben, carl] = [await person(), await person(), await person({ viewport: PHONE })]
  await together([anna, ben, carl])
  const all = [await me(anna), await me(ben), await me(carl)]
  for (const one of [anna, ben, carl]) {
    await one.page.waitForFunction((count) => document.querySelectorAll('.person').length === count, 3)
    const self = await me(one)
    assert.deepEqual(await listed(one), [...new Set([all[0], self, ...all])])
  }
  assert.equal(await owners(anna), 1)
  // A second tab is nobody new.
  const tab = await anna.context.newPage()
  await tab.goto(anna.page.url())
  await tab.locator('.person').nth(2).waitFor()
  await tab.close()
  await ben.toLobby(() => ben.page.click('#exit-btn'))
  for (const one of [anna, carl]) {
    await one.page.locator(`.person[data-member="${all[1]}"]`).waitFor({ state: 'detached' })
    assert.deepEqual(await listed(one), [all[0], all[2]])
  }
})

story('system messages stay in the room, and each reader is told in their own language', async ({ person }) => {
  const [anna, ben, carl] = [await person(), await person({ locale: 'en-GB' }), await person()]
  const id = await together([anna, ben, carl])
  await anna.say('/slow 5')
  await anna.page.locator('.line.system', { hasText: '느린 대화' }).waitFor()
  await ben.page.locator('.line.system', { hasText: /slow/i }).waitFor()
  await ben.say('/nick Lunch Hero')
  await anna.page.locator('.line.system', { hasText: 'Lunch Hero' }).waitFor()
  // They are in the history that the server sends, before any script runs.
  await carl.toRoom(() => carl.page.reload())
  const lines = await carl.page.locator('.history .line.system').allInnerTexts()
  assert.ok(lines.some((line) => line.includes('느린 대화')), lines.join('\n'))
  assert.ok(lines.some((line) => line.includes('Lunch Hero')), lines.join('\n'))
  const late = await person({ locale: 'en-GB' })
  await late.toRoom(() => late.page.goto(`/room/${id}`))
  const english = await late.page.locator('.history .line.system').allInnerTexts()
  assert.ok(english.some((line) => /slow/i.test(line)), english.join('\n'))
})

story('an owner leaves, and who has been here longest takes over', async ({ person }) => {
  const [anna, ben, carl] = [await person(), await person(), await person()]
  const id = await together([anna, ben, carl])
  const benId = await me(ben)
  await anna.toLobby(() => anna.page.click('#exit-btn'))
  for (const one of [ben, carl]) {
    await one.page.locator(`.person[data-member="${benId}"] .tag.owner:visible`).waitFor()
    assert.equal(await owners(one), 1)
    assert.equal((await listed(one))[0], benId)
    await one.page.locator('.line.system', { hasText: '방장' }).last().waitFor()
  }
  await ben.shows('chat-room.owner')
  // Who comes back does not seize it.
  await anna.toRoom(() => anna.page.goto(`/room/${id}`))
  await carl.page.locator('.person').nth(2).waitFor()
  assert.equal((await listed(carl))[0], benId)
  assert.equal(await anna.page.locator('chat-room.owner').count(), 0)
})
