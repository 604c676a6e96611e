// Takes pictures of every page and state: npm run shots -- FOLDER [room|unsent|keeping|talk|picker]
//
// Two sizes, light and dark, Korean and English. With `room`: only the picture for the README, FOLDER/room.png. With
// `unsent`: only what a broken connection looks like. With `keeping`: only members, the owner's tools and being shut out.
// With `talk`: only what people say to each other. With `picker`: only how a GIF is chosen.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { blinking, hoppingCat } from './gif.mjs'
import { Library } from './library.mjs'
import { SAYINGS } from './sayings.mjs'
import { DESKTOP, openBrowser, PHONE, Person, Server } from './support.mjs'
import { Wire } from './wire.mjs'

const [folder, only] = process.argv.slice(2)
if (!folder) throw new Error('Say into which folder: npm run shots -- /tmp/shots')

const SIZES = { desktop: DESKTOP, phone: PHONE }

await mkdir(folder, { recursive: true })
const browser = await openBrowser()
try {
  if (only === 'room') await forReadme()
  else {
    for (const locale of Object.keys(SAYINGS)) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        for (const colorScheme of ['light', 'dark']) {
          const look = { locale, viewport, colorScheme }
          const name = `${locale.slice(0, 2)}-${size}-${colorScheme}`
          if (!only) await everything(look, name)
          if (!only || only === 'unsent') await unsent(look, name)
          if (!only || only === 'talk') await talk(look, name)
          if (!only || only === 'keeping') await keeping(look, name)
          if (!only || only === 'picker') await picker(look, name)
        }
      }
    }
  }
} finally {
  await browser.close()
}

/** A server with long times, so that nothing ends while it is looked at. */
function patientServer() {
  return Server.start({ GIFCHAT_EMPTY_GRACE: '10m', GIFCHAT_EXIT_DAMPING: '30s', GIFCHAT_OWNER_GRACE: '10m' })
}

async function forReadme() {
  const server = await patientServer()
  const look = { locale: 'ko-KR', viewport: DESKTOP, colorScheme: 'light' }
  const people = await crowd(server, look, 3)
  await converse(people, SAYINGS[look.locale])
  await people[0].page.screenshot({ path: join(folder, 'room.png') })
  for (const { context } of people) await context.close()
  await server.stop()
}

async function crowd(server, look, count) {
  const people = []
  for (let i = 0; i < count; i += 1) people.push(await Person.arrive(browser, server.url, look))
  return people
}

async function open(person, room) {
  await person.page.goto('/room')
  return person.makeRoom(room)
}

/** The first makes the room, the others enter, and all talk; the first looks at its end. */
async function converse(people, { title, talk }) {
  const id = await open(people[0], { title, max: 6 })
  for (const guest of people.slice(1)) {
    await guest.toRoom(() => guest.page.goto(`/room/${id}`))
    await people[0].page.locator('.line.system', { hasText: await guest.name }).waitFor()
  }
  for (const line of talk) {
    if (line === 'gif') {
      await people[1].page.setInputFiles('#gif', { name: 'cat.gif', mimeType: 'image/gif', buffer: hoppingCat() })
      await people[0].newestGif('other')
    } else {
      const [who, text] = line
      await people[who].say(text)
      await people[0].sees(text, who === 0 ? 'mine' : 'other')
    }
  }
  await people[0].page.locator('#chat').blur()
  await settled(people[0].page)
  return id
}

/** Until nothing moves that ends by itself, and the letters are there. */
function settled(page) {
  return page.evaluate(async () => {
    await document.fonts.ready
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity)
    await Promise.allSettled(ending.map((one) => one.finished))
  })
}

async function everything(look, name) {
  const server = await patientServer()
  const people = await crowd(server, look, 4)
  const [me, , , visitor] = people
  const shoot = async (person, what) => {
    await settled(person.page)
    await person.page.screenshot({ path: join(folder, `${what}-${name}.png`) })
  }
  const sayings = SAYINGS[look.locale]
  const [cats, deadline, secret, two] = sayings.others

  await visitor.toLobby()
  await shoot(visitor, 'lobby-empty')
  await visitor.page.click('[data-make]')
  await visitor.page.locator('form.make:visible').waitFor()
  await shoot(visitor, 'make')
  await visitor.page.locator('form.make:visible [name=max]').fill('1')
  await visitor.page.locator('form.make:visible button.wide').click()
  await shoot(visitor, 'make-wrong')

  const owner = people[2]
  const locked = await open(owner, { title: secret, max: 8, password: 'cake' })
  await open(people[1], { title: cats, max: 30 })
  const full = await open(people[1], { title: two, max: 2 })
  await me.toRoom(() => me.page.goto(`/room/${full}`))
  const alone = await open(me, { title: deadline, max: 5 })
  await shoot(me, 'room-empty')

  await converse(people.slice(0, 3), sayings)
  await shoot(me, 'room')
  if (look.viewport === PHONE) {
    await me.page.click('[data-act=people]')
    await shoot(me, 'room-people')
    await me.page.keyboard.press('Escape')
  }
  await me.page.click('[popovertarget=menu]')
  await shoot(me, 'room-menu')
  await me.page.keyboard.press('Escape')
  await me.page.click('[data-act=invite]')
  await shoot(me, 'room-invite')
  await me.page.keyboard.press('Escape')

  await visitor.toLobby()
  await shoot(visitor, 'lobby')
  await visitor.page.goto(`/room/${locked}`)
  await shoot(visitor, 'password')
  await visitor.page.fill('#password', 'pie')
  await visitor.page.press('#password', 'Enter')
  await visitor.shows('#password-error[role=alert]')
  await shoot(visitor, 'password-wrong')
  await visitor.page.goto('/nowhere')
  await shoot(visitor, 'missing')
  await visitor.page.goto('/room/0123456789abcdef01234567')
  await shoot(visitor, 'error-no-room')

  const guest = people[1]
  await me.toRoom(() => me.page.goto(`/room/${alone}`))
  await guest.toRoom(() => guest.page.goto(`/room/${alone}`))
  await guest.page.setInputFiles('#gif', { name: 'board.gif', mimeType: 'image/gif', buffer: blinking(30, 90) })
  await guest.newestGif('mine')
  await me.page.click('[popovertarget=menu]')
  await me.page.click('#menu [data-act=remove]')
  await shoot(me, 'room-remove')
  await me.page.click('dialog#remove [data-act=remove-now]')
  await guest.shows('main.said')
  await shoot(guest, 'ended')

  for (const { context } of people) await context.close()
  await server.stop()
}

/** A message that was refused, some that wait for the connection, and a server that restarts. */
async function unsent(look, name) {
  const server = await patientServer()
  const people = await crowd(server, look, 2)
  const [me] = people
  const sayings = SAYINGS[look.locale]
  const wire = await Wire.of(me)
  const shoot = async (what) => {
    await settled(me.page)
    await me.page.screenshot({ path: join(folder, `${what}-${name}.png`) })
  }
  await converse(people, { title: sayings.title, talk: sayings.talk.filter((line) => line[0] === 0 || line[0] === 1) })

  const detail = look.locale === 'ko-KR' ? '지금은 저장할 수 없어요.' : 'Nothing can be stored right now.'
  wire.answerWith((command) => command === 'chat' && { error: { code: 'unavailable', title: '', status: 503, detail, retryAfter: 60 } })
  await me.say(sayings.unsent[1])
  await me.shows('.msg.broken')
  await shoot('room-failed')
  await me.page.click('.msg.broken [data-do=remove]')

  await server.halt('SIGKILL')
  for (const text of sayings.unsent) await me.say(text)
  await me.page.locator('.msg.pending.slow').nth(2).waitFor()
  await me.shows('connection-bar')
  await shoot('room-queued')

  await server.resume()
  await me.page.click('[data-act=reconnect]')
  await me.sees(sayings.unsent[2], 'mine')
  wire.say('shutdown', { reconnectionDelay: 30_000 })
  await server.halt()
  await me.shows('connection-bar')
  await shoot('room-restarting')

  for (const { context } of people) await context.close()
  await server.stop()
}

/** Answers, reactions, a whisper, a call by name, a correction, what was deleted, and the menus around them. */
async function talk(look, name) {
  const server = await patientServer()
  const people = await crowd(server, look, 3)
  const [me, ben, carl] = people
  const { title, talk: lines, replies } = SAYINGS[look.locale]
  const [answer, question, gone, secret, later] = replies
  const shoot = async (what) => {
    await settled(me.page)
    await me.page.screenshot({ path: join(folder, `${what}-${name}.png`) })
  }
  const said = (person, text) => person.page.locator('#chat-list .msg[data-seq]', { hasText: text }).last()
  const menu = async (person, text, selector) => {
    await said(person, text).focus()
    await person.page.keyboard.press('Enter')
    await person.page.click(`#message-menu ${selector}`)
  }
  await converse(people, { title, talk: lines.slice(0, 2) })
  const first = lines[0][1]
  await menu(ben, first, '[data-deed=reply]')
  await ben.say(answer)
  await me.sees(answer)
  await carl.sees(answer)
  await menu(carl, answer, '[data-emoji="🔥"]')
  await menu(me, answer, '[data-emoji="🔥"]')
  await menu(ben, first, '[data-emoji="👍"]')
  await carl.say(`@${await me.name} ${question}`)
  await me.say(gone)
  await me.sees(gone, 'mine')
  await menu(me, gone, '[data-deed=remove]')
  await shoot('talk-undo')
  await ben.say(`/w ${await me.name} ${secret}`)
  await me.page.locator('.whisper').waitFor()
  await me.page.locator('.msg.gone[data-seq]').waitFor()
  await carl.page.focus('#chat')
  await carl.page.keyboard.press('ArrowUp')
  await carl.page.fill('#chat', `@${await me.name} ${later}`)
  await carl.page.keyboard.press('Enter')
  await me.page.locator('.edited').waitFor()
  await carl.page.keyboard.type('…')
  await me.page.locator('.typing.on').waitFor()
  await shoot('talk')
  await said(me, later).focus()
  await me.page.keyboard.press('Enter')
  await shoot('talk-menu')
  await me.page.click('[data-deed=reply]')
  await me.page.keyboard.type(answer)
  await shoot('talk-answer')
  await me.page.keyboard.press('Escape')
  await me.page.fill('#chat', '')
  await me.page.keyboard.type('/')
  await shoot('talk-commands')
  await me.page.keyboard.press('Escape')
  await me.page.fill('#chat', '')
  await me.say(look.locale === 'ko-KR' ? '/도움' : '/help')
  await me.page.locator('.answer dl').waitFor()
  await shoot('talk-help')
  for (const { context } of people) await context.close()
  await server.stop()
}

/** Members and their menu, names, the owner's tools, search, and what those see who are kept out. */
async function keeping(look, name) {
  const server = await patientServer()
  const people = await crowd(server, look, 3)
  const [me, ben, carl] = people
  const sayings = SAYINGS[look.locale]
  const shoot = async (person, what) => {
    await settled(person.page)
    await person.page.screenshot({ path: join(folder, `${what}-${name}.png`) })
  }
  const inMenu = async (person, act) => {
    await person.page.click('[popovertarget=menu]')
    await person.page.click(`#menu [data-act=${act}]`)
  }
  const list = async () => look.viewport === PHONE && me.page.click('[data-act=people]')
  const menuOf = async (person) => {
    const id = await person.page.locator('chat-room').getAttribute('data-me')
    await me.page.locator(`.person[data-member="${id}"] [data-member-menu]`).click()
  }
  const room = await converse(people, sayings)

  await list()
  await menuOf(ben)
  await shoot(me, 'member-menu')
  await me.page.locator('.of-member .danger').last().click()
  await me.shows('dialog.ask')
  await shoot(me, 'ban')
  await me.page.keyboard.press('Escape')
  await menuOf(carl)
  await me.page.locator('.of-member .danger').first().click()
  await me.shows('dialog.ask')
  await shoot(me, 'kick')
  await me.page.click('dialog.ask .danger')
  await me.shows('.undo')
  await shoot(me, 'kick-undo')
  await carl.shows('main.said')
  await shoot(carl, 'kicked')
  await me.page.click('.undo button')
  if (look.viewport === PHONE) await me.page.keyboard.press('Escape')

  await inMenu(me, 'rename')
  await me.page.fill('#own-name', '방장')
  await me.page.press('#own-name', 'Enter')
  await me.shows('#own-name[aria-invalid]')
  await shoot(me, 'rename-wrong')
  await me.page.keyboard.press('Escape')

  await inMenu(me, 'tools')
  await me.page.check('#tool-lock')
  await me.page.selectOption('#tool-slow', '10')
  await me.page.click('[aria-labelledby=tools-raid] button')
  await me.page.locator('.states span').nth(2).waitFor()
  await shoot(me, 'tools')
  await me.page.locator('[aria-labelledby=tools-raid]').scrollIntoViewIfNeeded()
  await shoot(me, 'tools-raid')
  await me.page.keyboard.press('Escape')
  await ben.say(sayings.unsent[0])
  await ben.shows('.hush')
  await shoot(ben, 'states')

  await carl.page.goto(`/room/${room}`)
  await shoot(carl, 'locked')
  if (look.viewport === PHONE) await inMenu(ben, 'search')
  else await ben.page.click('.for-search')
  await ben.page.fill('#search-q', sayings.talk[0][1].slice(-4, -1))
  await ben.shows('#search .results button')
  await shoot(ben, 'search')

  for (const { context } of people) await context.close()
  await server.stop()
}

/** The picker with each of its parts, and an offer to the library. */
async function picker(look, name) {
  const server = await patientServer()
  const touch = look.viewport === PHONE
  const people = await crowd(server, look, 3)
  const me = await Person.arrive(browser, server.url, { ...look, hasTouch: touch, isMobile: touch })
  await Library.of(me, { drawn: true })
  const { page } = me
  const shoot = async (what) => {
    await settled(page)
    await page.screenshot({ path: join(folder, `${what}-${name}.png`) })
  }
  const count = () => page.locator('#picker .about .edge', { hasText: '12' }).waitFor()
  const room = await converse(people, SAYINGS[look.locale])
  await me.toRoom(() => page.goto(`/room/${room}`))
  await page.click('.gif-button')
  await count()
  for (const at of [0, 6, 7]) {
    await Promise.all([page.waitForResponse((answer) => answer.url().endsWith('.gif')), page.locator('#picker .star').nth(at).click()])
  }
  await page.locator('#picker-panel').evaluate((panel) => panel.scrollTo(0, 0))
  await page.locator('#picker .pick').first().focus()
  await page.mouse.move(5, 5)
  await shoot('picker')
  await page.locator('#picker .pick').last().focus()
  await shoot('picker-end')
  await page.click('#picker-favourites')
  await page.locator('#picker .about .edge', { hasText: '3' }).waitFor()
  await shoot('picker-favourites')
  await page.fill('#picker-q', look.locale === 'ko-KR' ? '코끼리' : 'elephant')
  await page.locator('#picker .none').waitFor()
  await shoot('picker-none')
  await page.fill('#picker-q', '')
  await page.click('#picker-recent')
  await page.locator('#picker .none').waitFor()
  await shoot('picker-recent-none')
  await page.keyboard.press('Escape')
  await page.locator('#chat-list .msg:has(.gif)').last().focus()
  await page.keyboard.press('Enter')
  await shoot('picker-message-menu')
  await page.click('#message-menu [data-deed=offer]')
  await page.fill('#offer-tags', look.locale === 'ko-KR' ? '깜빡, 고' : 'blink, c')
  await page.locator('#offer-tags').dispatchEvent('input')
  await page.locator('#offer .idea').first().waitFor()
  await shoot('picker-offer')
  for (const { context } of [me, ...people]) await context.close()
  await server.stop()
}
