// People in Firefox, over WebDriver BiDi: what the stories of `firefox.test.mjs` do again and again.

import puppeteer from 'puppeteer-core'
import { DESKTOP, PATIENCE_MS } from './support.mjs'

const FIREFOX = process.env.FIREFOX || '/usr/bin/firefox-esr'

/** Without a screen it would know no pointer: the pages would be those of a touch screen. */
const PRECISE_AND_HOVERS = 6

export function openFirefox() {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    defaultViewport: DESKTOP,
    // The first start of a day reads all of it from the disk.
    timeout: 3 * PATIENCE_MS,
    extraPrefsFirefox: {
      'intl.accept_languages': 'ko-KR, ko',
      'ui.primaryPointerCapabilities': PRECISE_AND_HOVERS,
      'ui.allPointerCapabilities': PRECISE_AND_HOVERS,
    },
  })
}

/** Somebody with cookies and storage of their own, and everything that their page complained about. */
export class Person {
  complaints = []

  static async arrive(browser, url) {
    const person = new Person()
    person.url = url
    person.context = await browser.createBrowserContext()
    // A window of their own: in a tab behind another nothing would move.
    person.page = await person.context.newPage({ type: 'window' })
    person.page.setDefaultTimeout(PATIENCE_MS)
    person.page.on('console', (line) => line.type() === 'error' && person.complaints.push(line.text()))
    // What the Content-Security-Policy forbids is told here, too.
    person.page.on('pageerror', (error) => person.complaints.push(String(error.message ?? error)))
    return person
  }

  /** Makes a room; answers its path. */
  async makeRoom(title) {
    await this.page.goto(`${this.url}/room`)
    await this.focus('form.make [name=title]')
    await this.type(title)
    await this.press('Enter')
    await this.entered()
    // Asked of the page itself: the driver may not have heard of it yet.
    return this.page.evaluate(() => location.pathname)
  }

  async join(path) {
    await this.page.goto(this.url + path)
    await this.entered()
  }

  /** Until the room is there, and the script that listens in it. */
  entered() {
    return this.until(() => document.querySelector('chat-room #chat') && customElements.get('chat-room'))
  }

  /** Once it is in the page and can be seen. */
  shows(selector) {
    return this.page.waitForSelector(selector, { visible: true })
  }

  async loses(selector) {
    await this.until((gone) => !document.querySelector(gone), selector)
  }

  /** Until this is true in the page. It is looked at again and again: a page that rests draws no frames. */
  until(isSo, ...given) {
    return this.page.waitForFunction(isSo, { polling: 100 }, ...given)
  }

  /** The keyboard belongs to one window at a time. */
  async sits() {
    await this.page.bringToFront()
    await this.until(() => document.hasFocus())
  }

  async press(...keys) {
    await this.sits()
    for (const key of keys) await this.page.keyboard.press(key)
  }

  async type(text) {
    await this.sits()
    await this.page.keyboard.type(text)
  }

  focus(selector) {
    return this.page.$eval(selector, (element) => element.focus())
  }

  async say(text) {
    await this.focus('#chat')
    await this.type(text)
    await this.press('Enter')
  }

  /** Until the conversation shows these texts as stored, in this order, each once. */
  async agrees(...texts) {
    const shown = () => [...document.querySelectorAll('#chat-list .msg')].map((one) => (one.matches('[data-seq]:not([data-pending])') ? '' : 'pending ') + (one.querySelector('.text')?.textContent ?? 'GIF'))
    await this.until(`(${shown})().join('|') === ${JSON.stringify(texts.join('|'))}`).catch(async () => {
      throw new Error(`shown are ${await this.page.evaluate(shown)}`)
    })
  }

  /** Until so many GIFs move. */
  async moving(count) {
    await this.until((n) => [...document.querySelectorAll('[data-play=playing] img.picture')].filter((one) => one.complete && one.naturalWidth > 0).length === n, count)
  }
}
