// Pictures on their way: what is refused before, and how; what they look like meanwhile; described and cancelled.

import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { blinking, hoppingCat } from './gif.mjs'
import { stories } from './support.mjs'

const story = stories()

const file = (buffer, name = 'cat.gif', mimeType = 'image/gif') => ({ name, mimeType, buffer })

/** The first makes a room, the others enter it. */
async function together(first, ...others) {
  await first.page.goto('/room')
  const id = await first.makeRoom({ title: '올리는 방', max: 5 })
  for (const other of others) await other.toRoom(() => other.page.goto(`/room/${id}`))
}

story('what cannot be sent is said before, and each refusal in words', async ({ person }) => {
  const anna = await person()
  await together(anna)
  assert.equal(await anna.page.getAttribute('[data-act=file]', 'aria-description'), '5 MB까지의 GIF, PNG, JPEG, WebP를 보낼 수 있어요.')
  const refused = async (one, text) => {
    await anna.page.setInputFiles('#gif', one)
    await anna.page.locator('#chat-form .wrong', { hasText: text }).waitFor()
  }
  await refused(file(Buffer.from('hello'), 'a.txt', 'text/plain'), 'GIF, PNG, JPEG, WebP 그림만 보낼 수 있어요.')
  await refused(file(Buffer.alloc(5 * 1024 * 1024 + 1), 'a.gif'), '이 파일은 5.1 MB예요. 5 MB까지 보낼 수 있어요.')
  await refused(file(Buffer.alloc(0), 'a.gif'), '빈 파일이에요. 다른 파일을 골라 주세요.')
  await refused(file(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'a.svg', 'image/svg+xml'), 'GIF, PNG, JPEG, WebP 그림만 보낼 수 있어요.')
  await refused(file(Buffer.from('ID3'), 'a.mp3', 'audio/mpeg'), 'GIF, PNG, JPEG, WebP 그림만 보낼 수 있어요.')
  const { width } = await anna.page.locator('#gif').evaluate(({ dataset }) => ({ width: Number(dataset.mostWidth) }))
  await refused(file(blinking(width + 2, 1)), `이 그림의 크기는 ${width + 2}×1, 보낼 수 있는 크기는 ${width}×${width}까지예요.`)

  // A video is cut first: one that is none says so there, and no other is lost for it.
  anna.expects(/blob:/)
  await anna.page.setInputFiles('#gif', file(Buffer.from('no video at all'), 'broken.mp4', 'video/mp4'))
  await anna.page.locator('#maker [role=alert]', { hasText: '이 동영상은 이 브라우저에서 열 수 없어요. MP4나 WebM 파일로 다시 해 주세요.' }).waitFor()
  await anna.page.keyboard.press('Escape')
  await anna.loses('#maker')

  // The server's own words stand at the message. What would be refused again is not offered again.
  anna.expects(/status of 4/)
  await anna.page.setInputFiles('#gif', file(Buffer.from('GIF89a\x01\0\x01\0, says a liar', 'latin1'), 'a.gif'))
  await anna.shows('.msg.broken .failed')
  assert.match(await anna.page.innerText('.msg.broken .why'), /못 보냈어요: .+/)
  assert.equal(await anna.page.locator('.msg.broken [data-do=retry]').count(), 0)
  await accessible(anna, 'a refusal')
  await anna.page.click('.msg.broken [data-do=remove]')
  await anna.loses('.msg.broken')
})

story('an upload is described and cancelled while it is on its way', async ({ person }) => {
  const anna = await person()
  const ben = await person()
  await together(anna, ben)
  let go
  const held = new Promise((resolve) => (go = resolve))
  let bodies = 0
  await anna.page.route('**/gif', async (route) => {
    bodies += 1
    await held
    await route.continue().catch(() => undefined)
  })
  await anna.page.setInputFiles('#gif', [file(hoppingCat()), file(blinking(46, 30, 50))])
  await anna.page.locator('.msg.pending .upload').nth(1).waitFor()
  await accessible(anna, 'on its way')
  await anna.page.locator('.msg.pending .alt').first().click()
  await anna.page.fill('#alt-text', '폴짝')
  await anna.page.click('#alt-panel .save')
  assert.equal(await anna.page.locator('#chat-list .frame.gif').first().locator('img.picture').getAttribute('alt'), '폴짝')
  await anna.page.locator('.msg.pending .cancel').nth(1).click()
  await anna.page.waitForFunction(() => document.querySelectorAll('.frame.gif').length === 1)
  go()
  await anna.page.locator('.msg.mine[data-seq] [data-gif]').waitFor()
  // It had gone before it was described: the words follow.
  await ben.shows('.frame.gif .alt')
  assert.equal(await ben.page.locator('#chat-list .frame.gif').locator('img.picture').getAttribute('alt'), '폴짝')
  assert.equal(bodies, 1)
})

story('an upload whose connection has died unnoticed is sent again', async ({ person }) => {
  const anna = await person()
  await anna.page.clock.install()
  await together(anna)
  let asked
  const silent = new Promise((resolve) => (asked = resolve))
  await anna.page.route('**/gif', () => asked(), { times: 1 })
  await anna.page.setInputFiles('#gif', file(hoppingCat()))
  await silent
  await anna.shows('.msg.pending .upload')
  await anna.page.clock.fastForward(20_000)
  await anna.shows('.msg.pending .upload')
  await anna.page.clock.fastForward(40_000)
  await anna.page.locator('.msg.mine[data-seq]:not([data-pending]) [data-gif]').waitFor()
})

story('what is on its way rests for who wants that, and moves for the others', async ({ person }) => {
  const frames = (anna) =>
    anna.page.locator('.msg.pending img.picture').evaluate(async ({ src }) => {
      const file = globalThis.previews.get(src)
      const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type: file.type })
      await Promise.all([decoder.completed, decoder.tracks.ready])
      return decoder.tracks.selectedTrack.frameCount
    })
  /** Into a room; it is remembered of what each preview is made. */
  const enter = async (anna) => {
    await anna.page.addInitScript(() => {
      const { createObjectURL } = URL
      globalThis.previews = new Map()
      URL.createObjectURL = (file) => {
        const url = createObjectURL.call(URL, file)
        globalThis.previews.set(url, file)
        return url
      }
    })
    await together(anna)
  }
  const send = async (anna) => {
    await anna.page.route('**/gif', () => undefined)
    await anna.page.setInputFiles('#gif', file(hoppingCat()))
    await anna.page.locator('.msg.pending .upload').waitFor()
  }
  const pause = async (anna) => {
    await anna.page.click('[popovertarget=menu]')
    await anna.page.click('#menu [data-act=gif-pause]')
    await anna.page.locator('#menu [data-act=gif-pause][aria-pressed=true]').waitFor()
    await anna.page.keyboard.press('Escape')
  }
  const anna = await person()
  await enter(anna)
  await send(anna)
  assert.equal(await frames(anna), 8)
  // Pausing all of them stops it, too.
  const moving = await anna.page.locator('.msg.pending img.picture').getAttribute('src')
  await pause(anna)
  await anna.page.locator(`.msg.pending img.picture:not([src="${moving}"])`).waitFor()
  assert.equal(await frames(anna), 1)

  const calm = await person({ reducedMotion: 'reduce' })
  await enter(calm)
  await send(calm)
  assert.equal(await frames(calm), 1)
  assert.deepEqual(await calm.page.locator('.msg.pending img.picture').evaluate(({ width, height, naturalWidth }) => [naturalWidth, height > 0 && width > 0]), [280, true])

  // Who has paused all of them sees no other one move.
  const paused = await person()
  await enter(paused)
  await pause(paused)
  await send(paused)
  assert.equal(await frames(paused), 1)
})

story('a GIF is found in the room by what it shows', async ({ person }) => {
  const anna = await person()
  await together(anna)
  await anna.page.setInputFiles('#gif', file(hoppingCat()))
  await anna.page.locator('.msg.mine[data-seq]:not([data-pending]) [data-gif]').waitFor()
  await anna.page.locator('.frame.gif .alt').click()
  await anna.page.fill('#alt-text', '그림자 위로 폴짝 뛰는 고양이')
  await anna.page.click('#alt-panel .save')
  await anna.page.locator('.frame.gif[data-alt]').waitFor()
  await anna.page.click('.for-search')
  await anna.page.fill('#search-q', '폴짝 뛰')
  await anna.shows('#search .results button')
  assert.deepEqual(await anna.texts('#search mark'), ['폴짝', '뛰'])
  await accessible(anna, 'a GIF that was found')
  await anna.page.click('#search .results button')
  await anna.shows('.msg.found .frame.gif')
})
