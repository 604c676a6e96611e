// The program on a free port, people in Chromium, and what both leave behind when a test ends.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const BIN = process.env.GIFCHAT_BIN || fileURLToPath(new URL('../../target/debug/gifchat', import.meta.url))
const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium'
/** Longest that anything on a page, or the end of the program, may take on a busy machine. */
export const PATIENCE_MS = 20_000

export const DESKTOP = { width: 1280, height: 800 }
export const PHONE = { width: 360, height: 780 }

/** `more`: switches of Chromium beside the usual ones. */
export function openBrowser(more = []) {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

/** The running program, with a data folder of its own. Who goes is gone soon; an empty room stays: a page may be slow to come. */
export class Server {
  #child
  #data
  #log = ''

  /** `settings`: environment variables over the short times that the tests use. */
  static async start(settings = {}) {
    const server = new Server()
    server.#data = await mkdtemp(join(tmpdir(), 'gifchat-browser-'))
    server.settings = settings
    await server.#run('127.0.0.1:0')
    return server
  }

  async #run(address) {
    const child = spawn(BIN, ['--listen', address], {
      env: {
        PATH: process.env.PATH,
        GIFCHAT_DATA: this.#data,
        GIFCHAT_EXIT_DAMPING: '1s',
        GIFCHAT_OWNER_GRACE: '1s',
        ...this.settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stderr.on('data', (text) => (this.#log += text))
    this.url = await new Promise((resolve, reject) => {
      child.on('error', (error) => reject(new Error(`${BIN} does not start: ${error.message}`)))
      child.on('exit', (code) => reject(new Error(`${BIN} ended with ${code}: ${this.#log}`)))
      createInterface(child.stdout).on('line', (line) => {
        const open = /^GIF Chat is open at (http:\S+)$/.exec(line)
        if (open) resolve(open[1].replace(/\/$/, ''))
      })
    })
  }

  /** Ends the program and keeps its data. `SIGKILL`: it crashes. */
  async halt(signal = 'SIGTERM') {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    child.kill(signal)
    await gone
    clearTimeout(late)
  }

  /** Starts it again on the same address and data. */
  resume() {
    return this.#run(new URL(this.url).host)
  }

  /** Another run of the program beside it, on the same data, as `gifchat gifs list`; answers what it says. */
  async run(...command) {
    const env = { PATH: process.env.PATH, GIFCHAT_DATA: this.#data, ...this.settings }
    const { stdout } = await promisify(execFile)(BIN, command, { env, timeout: PATIENCE_MS })
    return stdout
  }

  async stop() {
    await this.halt()
    await rm(this.#data, { recursive: true, force: true })
  }
}

/** Somebody with a browser profile of their own, and everything that their pages complained about. */
export class Person {
  complaints = []
  #expected = []

  static async arrive(browser, url, options = {}) {
    const person = new Person()
    person.context = await browser.newContext({ baseURL: url, locale: 'ko-KR', viewport: DESKTOP, ...options })
    person.context.setDefaultTimeout(PATIENCE_MS)
    person.page = await person.context.newPage()
    person.page.on('console', (line) => line.type() === 'error' && person.#note(`${line.text()} (${line.location().url})`))
    person.page.on('pageerror', (error) => person.#note(String(error.stack ?? error)))
    return person
  }

  #note(text) {
    if (!this.#expected.some((pattern) => pattern.test(text))) this.complaints.push(text)
  }

  /** Chromium reports every answer of 400 and above as an error; this one is part of the story. */
  expects(pattern) {
    this.#expected.push(pattern)
  }

  /** Does `act`, and waits until a Socket.IO packet that begins with `prefix` has come after it. */
  async #untilPacket(prefix, act) {
    const { page } = this
    let heard
    const packet = new Promise((resolve) => {
      heard = (socket) => socket.on('framereceived', ({ payload }) => String(payload).startsWith(prefix) && resolve())
      page.on('websocket', heard)
    })
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no packet ${prefix} at ${page.url()}`)), PATIENCE_MS)
    })
    try {
      await Promise.race([Promise.all([packet, act()]), late])
    } finally {
      clearTimeout(timer)
      page.off('websocket', heard)
    }
  }

  /** From the next page on: does this when the page's markup is there and none of its scripts has run. */
  beforeScripts(act) {
    return this.page.addInitScript(`addEventListener('readystatechange', () => document.readyState === 'interactive' && (${act})(), true)`)
  }

  /** Does what leads to the lobby, until its list is live. */
  async toLobby(act = () => this.page.goto('/')) {
    await this.#untilPacket('40/room,', act)
  }

  /** Does what leads into a room, until this person is one of its members. */
  async toRoom(act) {
    await this.#untilPacket('43/chat,', act)
    await this.page.waitForSelector('chat-room #chat')
  }

  /** Fills the form for a new room, which is open, and sends it; answers the id of the room. */
  async makeRoom({ title, max, password }) {
    const form = this.page.locator('form.make:visible')
    await form.locator('[name=title]').fill(title)
    if (max) await form.locator('[name=max]').fill(String(max))
    if (password) await form.locator('[name=password]').fill(password)
    await this.toRoom(() => form.locator('button.wide').click())
    return this.roomId
  }

  get roomId() {
    return /\/room\/([0-9a-f]{24})$/.exec(this.page.url())?.[1]
  }

  get name() {
    return this.page.locator('chat-room').getAttribute('data-me-name')
  }

  /** Writes a line and sends it with Enter. */
  async say(text) {
    await this.page.fill('#chat', text)
    await this.page.press('#chat', 'Enter')
  }

  /** Presses Enter while the last syllable of a word is still being composed, as keyboards for Korean do it. */
  async composes(selector, before, syllable) {
    const keyboard = await this.context.newCDPSession(this.page)
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 }
    await this.page.focus(selector)
    await keyboard.send('Input.insertText', { text: before })
    await keyboard.send('Input.imeSetComposition', { text: syllable, selectionStart: 1, selectionEnd: 1 })
    await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter })
    await keyboard.send('Input.insertText', { text: syllable })
    await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter })
    await keyboard.detach()
  }

  /** Waits until the conversation shows this text as stored. */
  async sees(text, whose = 'other') {
    await this.page.locator(`#chat-list .msg.${whose}[data-seq]:not([data-pending])`, { hasText: text }).waitFor()
  }

  texts(selector) {
    return this.page.locator(selector).allInnerTexts()
  }

  async shows(selector) {
    await this.page.locator(selector).first().waitFor({ state: 'visible' })
  }

  async loses(selector) {
    await this.page.locator(selector).first().waitFor({ state: 'detached' })
  }

  /** Waits until the newest picture of the conversation is drawn; answers its size in pixels. */
  async newestGif(whose) {
    const picture = this.page.locator(`#chat-list .msg.${whose}[data-seq]:not([data-pending]) .gif img`).last()
    await picture.waitFor()
    const drawn = await picture.evaluateHandle(async (image) => {
      for (let shown; shown !== image.src; ) {
        shown = image.src
        // It may have got a lighter file meanwhile.
        await image.decode().catch((error) => shown === image.src && Promise.reject(error))
      }
      return { width: image.naturalWidth, height: image.naturalHeight }
    })
    return drawn.jsonValue()
  }
}

/** Opens a browser, with these switches, for the tests of one file; answers `story(title, tell, settings)`. */
export function stories(switches = []) {
  let browser
  before(async () => {
    browser = await openBrowser(switches)
  })
  after(() => browser?.close())

  /** A test with a server of its own (`settings`: see `Server.start`); afterwards no page may have complained about anything. */
  return function story(title, tell, settings) {
    test(title, { timeout: 120_000 }, async () => {
      const server = await Server.start(settings)
      const people = []
      try {
        await tell({
          server,
          person: async (options) => {
            const person = await Person.arrive(browser, server.url, options)
            people.push(person)
            return person
          },
        })
        assert.deepEqual(people.flatMap(({ complaints }) => complaints), [], 'the pages are silent in the console')
      } finally {
        for (const { context } of people) await context.close()
        await server.stop()
      }
    })
  }
}
