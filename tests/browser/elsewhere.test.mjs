// GIFs of another server, through the operator's provider: the browser never speaks to it.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after } from 'node:test'
import { accessible } from './axe.mjs'
import { blinking } from './gif.mjs'
import { PHONE, stories } from './support.mjs'

const GIFS = { red: blinking(48, 32), tall: blinking(30, 60) }
const asked = []

const provider = createServer((request, response) => {
  const url = new URL(request.url, 'http://provider')
  asked.push(url)
  const file = GIFS[url.pathname.slice(1).replace('.gif', '')]
  if (file) return response.end(file)
  const media = (name, dims) => ({ url: `${base}/${name}.gif`, dims, size: GIFS[name].length })
  const entry = (name, title, dims) => ({ content_description: title, media_formats: { gif: media(name, dims), tinygif: media(name, dims) } })
  const all = [entry('red', '빨간 네모', [48, 32]), entry('tall', 'a tall box', [30, 60])]
  const q = url.searchParams.get('q')
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ results: q ? all.filter(({ content_description: title }) => title.includes(q)) : all, next: '' }))
})
await new Promise((resolve) => provider.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${provider.address().port}`
after(() => provider.close())

const story = stories()

story('what another server has is found, looked at and sent, and only our server asks', async ({ server, person }) => {
  const anna = await person()
  const ben = await person()
  const foreign = []
  for (const { page } of [anna, ben]) page.on('request', (request) => request.url().startsWith(server.url) || /^(blob|data):/.test(request.url()) || foreign.push(request.url()))
  await anna.page.goto('/room')
  const room = await anna.makeRoom({ title: '다른 곳' })
  await ben.toRoom(() => ben.page.goto(`/room/${room}`))
  await anna.page.click('.gif-button')
  await anna.page.click('#picker-elsewhere')
  await anna.page.locator('#picker .about .edge', { hasText: '2칸' }).waitFor()
  await anna.page.locator('#picker .about', { hasText: '127.0.0.1에서 찾아요' }).waitFor()
  await anna.page.waitForFunction(() => [...document.querySelectorAll('#picker .pick img')].every((one) => one.complete && one.naturalWidth > 0))
  await accessible(anna, 'the picker elsewhere')
  await anna.page.fill('#picker-q', '빨간')
  await anna.page.locator('#picker .about .edge', { hasText: '1칸' }).waitFor()
  assert.equal(await anna.page.locator('#picker .star').count(), 0)
  await anna.page.locator('#picker .pick').click()
  assert.deepEqual(await ben.newestGif('other'), { width: 48, height: 32 })
  assert.deepEqual(await anna.newestGif('mine'), { width: 48, height: 32 })
  assert.equal(await anna.page.locator('#chat-list .msg.mine').count(), 1)
  // It is a GIF of this server now, and among the recent ones.
  await anna.page.click('.gif-button')
  await anna.page.click('#picker-recent')
  await anna.page.locator('#picker .about .edge', { hasText: '1칸' }).waitFor()
  assert.deepEqual(foreign, [])
  assert.ok(asked.some((url) => url.pathname === '/v2/search' && url.searchParams.get('key') === 'k'))
}, { GIFCHAT_PROVIDER_URL: `${base}/v2`, GIFCHAT_PROVIDER_KEY: 'k' })

story('on a phone the picker with four tabs shows them and its way out, in both languages', async ({ person }) => {
  for (const locale of ['ko-KR', 'en-GB']) {
    const anna = await person({ viewport: PHONE, locale })
    await anna.page.goto('/room')
    await anna.makeRoom({ title: 'Four' })
    await anna.page.click('.gif-button')
    await anna.shows('#picker')
    const [tabs, close] = await anna.page.evaluate(() => ['#picker [role=tab]:last-child', '#picker [data-close]'].map((one) => document.querySelector(one).getBoundingClientRect().right))
    assert.ok(tabs < close && close <= PHONE.width, `${locale}: ${tabs}, ${close}`)
    // Where there is too little room, the way out has it.
    await anna.page.setViewportSize({ width: 260, height: 700 })
    assert.ok((await anna.page.evaluate(() => document.querySelector('#picker [data-close]').getBoundingClientRect().right)) <= 260, locale)
  }
}, { GIFCHAT_PROVIDER_URL: `${base}/v2`, GIFCHAT_PROVIDER_KEY: 'k' })
