/**
 * Where a browser keeps them: one database, so that all tabs see the same. (Not the Cache API, which pages without
 * HTTPS do not have.) Storage may be forbidden or full: then this page goes on with what it remembers itself.
 */

import type { Kept } from './kept'

/** The GIF as it was sent, and a still of it. */
export interface Files {
  readonly gif: Blob
  readonly poster: Blob
}

const NAME = 'gifs'
const LIST = 'kept'
const FILES = 'files'

let remembered: readonly Kept[] = []
let opened: Promise<IDBDatabase> | undefined

export async function kept(): Promise<readonly Kept[]> {
  const db = await open()
  if (!db) return remembered
  return (await done(db.transaction(LIST).objectStore(LIST).getAll())) as Kept[]
}

export async function filesOf(gif: string): Promise<Files | undefined> {
  const db = await open()
  return db && ((await done(db.transaction(FILES).objectStore(FILES).get(gif))) as Files | undefined)
}

/**
 * Changes what is kept, in one step for all tabs: `change` gets the list as it is and returns what it becomes, or
 * nothing to leave it. `files` of one of them lie beside it as long as it says that it has bytes. Returns whether it
 * was changed.
 */
export async function update(change: (list: readonly Kept[]) => readonly Kept[] | undefined, files?: readonly [gif: string, files: Files]): Promise<boolean> {
  const db = await open()
  if (!db) {
    const next = change(remembered)
    remembered = next?.map((one) => ({ ...one, bytes: 0 })) ?? remembered
    return next !== undefined
  }
  const work = db.transaction([LIST, FILES], 'readwrite')
  const [list, bytes] = [work.objectStore(LIST), work.objectStore(FILES)]
  const before = (await done(list.getAll())) as Kept[]
  const next = change(before)
  if (next) {
    const stays = new Map(next.map((one) => [one.gif, one]))
    if (files) bytes.put(files[1], files[0])
    for (const { gif } of before) if (!stays.has(gif)) list.delete(gif)
    for (const one of next) if (!before.includes(one)) list.put(one)
    for (const { gif } of [...before, ...(files ? [{ gif: files[0] }] : [])]) if (!stays.get(gif)?.bytes) bytes.delete(gif)
  }
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve(next !== undefined)
    work.onabort = () => reject(work.error)
  })
}

function open(): Promise<IDBDatabase | undefined> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(LIST, { keyPath: 'gif' })
      request.result.createObjectStore(FILES)
    }
    request.onsuccess = () => {
      // Another tab may bring a newer page, or the browser may take its storage back.
      const forget = () => (opened = undefined)
      request.result.onversionchange = () => (request.result.close(), forget())
      request.result.onclose = forget
      resolve(request.result)
    }
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new DOMException('blocked', 'InvalidStateError'))
  })
  return opened.catch(() => undefined)
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
