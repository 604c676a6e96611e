// What the tests of the picker do again and again.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PHONE } from './support.mjs'

export const TOUCH = { viewport: PHONE, hasTouch: true, isMobile: true }

export async function alone(person, title = '고양이 방') {
  await person.page.goto('/room')
  return person.makeRoom({ title })
}

export async function open(person) {
  await person.page.focus('.gif-button')
  await person.page.keyboard.press('Enter')
  await person.shows('#picker')
}

export const press = (person, ...keys) => keys.reduce((before, key) => before.then(() => person.page.keyboard.press(key)), Promise.resolve())
export const names = (person) => person.page.locator('#picker .pick').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))
export const focused = (person) => person.page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.id)
export const counted = (person, text) => person.page.locator('#picker .about .edge', { hasText: text }).waitFor()

/** Sends a file of one's own, and waits until it is kept as recent. */
export async function upload(person, buffer, name = '깜빡.gif') {
  await person.page.setInputFiles('#gif', { name, mimeType: 'image/gif', buffer })
  await person.newestGif('mine')
  await person.page.waitForFunction(isKept, await hashOf(person, 'mine'), { polling: 100 })
}

/** In the page. Opens only what is there: who opens it first decides what is in it. */
async function isKept(hash) {
  const answer = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: () => reject(request.error) }))
  if (!(await indexedDB.databases()).some(({ name }) => name === 'gifs')) return false
  const db = await answer(indexedDB.open('gifs'))
  const keys = await answer(db.transaction('files').objectStore('files').getAllKeys())
  db.close()
  return keys.some((key) => key.includes(hash))
}

/** Fills the server's own library. */
export async function fill(server, pictures) {
  const folder = await mkdtemp(join(tmpdir(), 'gifchat-library-'))
  try {
    for (const [name, buffer] of pictures) {
      await mkdir(join(folder, name, '..'), { recursive: true })
      await writeFile(join(folder, name), buffer)
    }
    await server.run('gifs', 'import', folder, '--approve')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const newest = (person, whose) => person.page.locator(`#chat-list .msg.${whose}[data-seq]:not([data-pending]) .gif img`).last()
export const hashOf = (person, whose) => newest(person, whose).evaluate((image) => /[0-9a-f]{64}/.exec(image.closest('.frame').dataset.gif)[0])
