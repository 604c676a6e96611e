// Takes pictures of every page and state: npm run shots -- FOLDER [room]
//
// Two sizes, light and dark, Korean and English. With `room`: only the picture for the README, FOLDER/room.png.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { blinking, hoppingCat } from './gif.mjs'
import { DESKTOP, openBrowser, PHONE, Person, Server } from './support.mjs'

const [folder, only] = process.argv.slice(2)
if (!folder) throw new Error('Say into which folder: npm run shots -- /tmp/shots')

const SIZES = { desktop: DESKTOP, phone: PHONE }
const SAYINGS = {
  'ko-KR': {
    title: '금요일 저녁 뭐 먹지?',
    others: ['고양이 자랑하는 방', '마감 전날의 우리', '비밀 생일 파티', '둘이서만'],
    talk: [
      [0, '오늘 저녁 같이 먹을 사람?'],
      [2, '저요. 매운 거 빼고 다 좋아요'],
      [1, '그럼 망원동 파스타 어때? 지난번에 못 갔잖아'],
      'gif',
      [2, '고양이도 신났네 ㅋㅋㅋ'],
      [0, '일곱 시에 역 앞에서 만나요'],
    ],
  },
  'en-GB': {
    title: 'Friday dinner, anyone?',
    others: ['Show me your cat', 'The night before the deadline', 'A secret birthday', 'Just us two'],
    talk: [
      [0, 'Who is up for dinner tonight?'],
      [2, 'Me. Anything but spicy food'],
      [1, 'Then pasta by the river? We never made it last time'],
      'gif',
      [2, 'Even the cat is excited'],
      [0, 'Seven o’clock, in front of the station'],
    ],
  },
}

await mkdir(folder, { recursive: true })
const browser = await openBrowser()
try {
  if (only === 'room') await forReadme()
  else {
    for (const locale of Object.keys(SAYINGS)) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        for (const colorScheme of ['light', 'dark']) await everything({ locale, viewport, colorScheme }, `${locale.slice(0, 2)}-${size}-${colorScheme}`)
      }
    }
  }
} finally {
  await browser.close()
}

/** A server with long times, so that nothing ends while it is looked at. */
function patientServer() {
  return Server.start({ GIFCHAT_EMPTY_GRACE: '10m', GIFCHAT_EXIT_DAMPING: '30s' })
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
