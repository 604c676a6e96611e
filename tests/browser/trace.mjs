// What a room with 100 GIFs costs a phone: npm run trace. Scrolls through the whole conversation and back,
// then looks at it at rest; beside it, in the same run, the same page with plain `<img>`s that move by themselves.
//
// An emulated phone: its window, touch, and a processor four times slower. Long tasks and dropped frames are the
// browser's own trace; a task counts with the time that its thread had, so that other programs do not lengthen it.
// Processor time at rest is what the browser counts for its processes, unthrottled (throttling itself takes time).
// ROUNDS=3 of each, in turns; medians.

import { gif } from './gif.mjs'
import { openBrowser, Person, Server } from './support.mjs'

const GIFS = Number(process.env.GIFS ?? 100)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const SLOWER = 4
const LONG_TASK_MS = 50
const REST_MS = 5000
const PHONE = { viewport: { width: 412, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
const SPEED = 1500
/** In the place of what plays the GIFs: nothing; every picture is its GIF from the start, as a plain `<img>` shows it. */
const PLAIN = `
const plain = (root) => { for (const frame of root.querySelectorAll('.frame.gif[data-gif]')) { const one = frame.querySelector('img.picture'); const to = frame.dataset.gif + '.gif'; if (!one.src.endsWith(to)) one.src = to } }
export class GifFrames { constructor(room, log) { plain(log); log.onpicture = plain } take() {} act() {} describe() {} }`

const browser = await openBrowser()
const server = await Server.start({ GIFCHAT_UPLOAD_RATE: '0', GIFCHAT_EMPTY_GRACE: '30m', GIFCHAT_OWNER_GRACE: '30m' })
try {
  const room = await fill()
  const found = { ours: [], plain: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const what of round % 2 === 0 ? ['ours', 'plain'] : ['plain', 'ours']) found[what].push(await measure(room, what))
  }
  tell(found)
} finally {
  await browser.close()
  await server.stop()
}

/** A room in which somebody has shown so many GIFs, a line of text after each, and a long text at the end. */
async function fill() {
  const owner = await Person.arrive(browser, server.url)
  await owner.page.goto('/room')
  const room = await owner.makeRoom({ title: '움직이는 방', max: 8 })
  for (let seed = 0; seed < GIFS; seed += 1) {
    const bytes = busy(seed).toString('base64')
    const status = await owner.page.evaluate(async ([room, bytes, id]) => {
      const form = new FormData()
      form.append('clientMessageId', id)
      form.append('gif', new Blob([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))]), 'a.gif')
      return (await fetch(`/room/${room}/gif`, { method: 'POST', body: form })).status
    }, [room, bytes, `t-${seed}`])
    if (status !== 201) throw new Error(`a GIF was refused: ${status}`)
    await owner.page.waitForTimeout(20)
  }
  // What the server still makes would be measured, too.
  await owner.page.waitForFunction(
    async () => {
      const all = [...document.querySelectorAll('[data-gif]')].map((one) => `${one.dataset.gif}.webp`)
      const answers = await Promise.all(all.map((address) => fetch(address, { method: 'HEAD', cache: 'no-store' })))
      return answers.every((answer) => answer.headers.get('cache-control').includes('immutable'))
    },
    undefined,
    { polling: 2000, timeout: 600_000 },
  )
  await owner.say('끝. '.repeat(450))
  await owner.page.locator('.msg.mine[data-seq] .text').last().waitFor()
  await owner.context.close()
  return room
}

/** Drifting noise, as from a camera: nothing in it repeats. */
function busy(seed) {
  const [width, height, count] = [[240, 180, 16], [200, 240, 12], [300, 140, 20]][seed % 3]
  let state = seed + 1
  const random = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff
  const palette = Array.from({ length: 16 }, () => [random() * 255, random() * 255, random() * 255].map(Math.floor))
  const noise = Array.from({ length: width * height }, () => Math.floor(random() * 3))
  const frames = Array.from({ length: count }, (_, time) => {
    const shift = time * 5 + seed
    return Array.from({ length: width * height }, (_, i) => (noise[(i * 7 + shift * 13) % noise.length] + Math.floor((i % width) / 40 + i / width / 30 + time / 4)) % 16)
  })
  return gif({ width, height, palette, frames, delay: 7 })
}

async function measure(room, what) {
  const phone = await Person.arrive(browser, server.url, PHONE)
  try {
    if (what === 'plain') await phone.page.route(/\/assets\/gif-frames-.*\.js$/, (route) => route.fulfill({ contentType: 'text/javascript', body: PLAIN }))
    const cdp = await phone.context.newCDPSession(phone.page)
    await throttle(phone, SLOWER)
    await phone.toRoom(() => phone.page.goto(`/room/${room}`))
    await phone.page.waitForTimeout(3000)
    const away = await rest(phone)

    const trace = await record(async () => {
      // Up through all pages of history, and down again.
      for (let page = 0; page < 12 && (await onPage(phone)) < GIFS; page += 1) {
        await swipe(cdp, await phone.page.evaluate(() => document.querySelector('message-log').scrollTop + 100))
        await phone.page.waitForTimeout(300)
      }
      await swipe(cdp, await phone.page.evaluate(() => document.querySelector('message-log').scrollTop + 100))
      const count = await onPage(phone)
      if (count !== GIFS) throw new Error(`${count} of ${GIFS} GIFs are on the page`)
      await swipe(cdp, -(await phone.page.evaluate(() => document.querySelector('message-log').scrollHeight)))
    })
    await phone.page.evaluate(() => document.querySelectorAll('#chat-list .frame.gif')[10].scrollIntoView({ block: 'center' }))
    await phone.page.waitForTimeout(2500)
    const inSight = await rest(phone)
    await phone.page.evaluate(() => document.querySelector('message-log').scrollTo(0, 1e9))
    await phone.page.waitForTimeout(2500)
    const awayAfter = await rest(phone)
    return { away, ...trace, inSight, awayAfter }
  } finally {
    await phone.context.close()
  }
}

function onPage(phone) {
  return phone.page.locator('#chat-list .frame.gif').count()
}

async function swipe(cdp, distance) {
  await cdp.send('Input.synthesizeScrollGesture', { x: 200, y: 400, yDistance: distance, speed: SPEED, gestureSourceType: 'mouse', preventFling: true })
}

async function throttle({ context, page }, rate) {
  const cdp = await context.newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate })
}

/** Processor time of the browser's pages and of its painting, in percent of one core, while nothing is done. */
async function rest(phone) {
  const cdp = await browser.newBrowserCDPSession()
  const spent = async () => {
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
    return processInfo.filter(({ type }) => type === 'renderer' || type === 'GPU').reduce((sum, { cpuTime }) => sum + cpuTime, 0)
  }
  await throttle(phone, 1)
  await phone.page.waitForTimeout(500)
  const before = await spent()
  const from = performance.now()
  await phone.page.waitForTimeout(REST_MS)
  const used = (await spent()) - before
  await cdp.detach()
  await throttle(phone, SLOWER)
  return (used * 1000 * 100) / (performance.now() - from)
}

/** Long tasks of the page's main thread, and frames of its scrolling that were to be shown and were not. */
async function record(act) {
  const cdp = await browser.newBrowserCDPSession()
  const events = []
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value))
  const categories = 'devtools.timeline,disabled-by-default-devtools.timeline,disabled-by-default-devtools.timeline.frame,toplevel,cc,benchmark'
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: categories.split(',') } })
  await act()
  const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve))
  await cdp.send('Tracing.end')
  await complete
  await cdp.detach()
  const mains = new Set(events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`))
  const times = events.filter((one) => one.name === 'ThreadControllerImpl::RunTask' && mains.has(`${one.pid} ${one.tid}`)).map(({ tdur = 0 }) => tdur / 1000)
  // A frame can have two reports: one of what the compositor had at once, one of what the page's own thread added later.
  const reports = events.filter(({ name, args }) => name === 'PipelineReporter' && (args?.frame_reporter?.scroll_state ?? 'SCROLL_NONE') !== 'SCROLL_NONE')
  const frames = (which) => new Set(reports.flatMap(({ args }) => (args.frame_reporter.state.startsWith(which) ? [args.frame_reporter.frame_sequence] : [])))
  const [shown, whole] = [frames('STATE_PRESENTED'), frames('STATE_PRESENTED_ALL')]
  const moving = new Set([...shown, ...frames('STATE_DROPPED')]).size
  if (moving < 600) throw new Error(`only ${moving} frames of scrolling: this trace tells nothing`)
  return {
    longTasks: times.filter((time) => time >= LONG_TASK_MS).length,
    longest: Math.max(0, ...times),
    busy: times.reduce((sum, time) => sum + time, 0) / 1000,
    frames: moving,
    dropped: (100 * (moving - shown.size)) / moving,
    late: (100 * (moving - whole.size)) / moving,
  }
}

function tell({ ours, plain }) {
  const median = (list, key) => list.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(list.length / 2)]
  const rows = [
    ['Long tasks (50 ms and more) while scrolling', 'longTasks', 0],
    ['The longest, ms', 'longest', 0],
    ['Main thread while scrolling, s', 'busy', 1],
    ['Frames of scrolling', 'frames', 0],
    ['Dropped of them, %', 'dropped', 1],
    ['Shown without the newest of the page, %', 'late', 1],
    ['Processor with no GIF in sight, never seen one, % of a core', 'away', 1],
    ['Processor with GIFs in sight, %', 'inSight', 1],
    ['Processor with no GIF in sight, all seen before, %', 'awayAfter', 1],
  ]
  console.log(`| ${GIFS} GIFs, processor ${SLOWER} times slower, median of ${ROUNDS} | ours | plain <img> |\n|---|---:|---:|`)
  for (const [text, key, digits] of rows) console.log(`| ${text} | ${median(ours, key).toFixed(digits)} | ${median(plain, key).toFixed(digits)} |`)
  console.log(JSON.stringify({ ours, plain }))
}
