/** A GIF that can be chosen: of the server's library, one that this browser keeps, or one of another server. */

import { isColor } from '../looks'

export interface Picture {
  /** `<hash>.gif`; of one that is still on another server its id there, and `remote` is set. */
  readonly gif: string
  /** pixels */
  readonly width: number
  readonly height: number
  /** `#rrggbb`, what stands in its box until it is there. */
  readonly color?: string
  /** Flashes too much to be played unasked. */
  readonly flashes?: true
  readonly title?: string
  readonly tags?: readonly string[]
  /** What is to be seen, in the reader's language if somebody wrote it. */
  readonly alt?: string
  /** Its entry in the library. */
  readonly library?: string
  /** Where this server shows what the other one has. */
  readonly remote?: Remote
}

export interface Remote {
  readonly poster: string
  readonly moving: string
}

/** A page of the library. */
export interface Page {
  readonly pictures: readonly Picture[]
  /** Leads to the page after it. */
  readonly next?: string
}

/** Where the server has it: as a GIF, as the lightest that moves, and as a still. */
export function addresses(gif: string): { gif: string; moving: string; poster: string } {
  const stem = gif.replace(/\.gif$/, '')
  return { gif: `/gif/${gif}`, moving: `/gif/${stem}.webp`, poster: `/gif/${stem}.poster.webp` }
}

/** Where it can be looked at. */
export function looksOf({ gif, remote }: Picture): Remote {
  return remote ?? addresses(gif)
}

/** The GIF behind an address of any of its renditions. */
export function gifAt(address: string): string | undefined {
  const hash = /\/gif\/([0-9a-f]{16,64})\./.exec(address)?.[1]
  return hash && `${hash}.gif`
}

/** What to call it; empty when nobody has said anything about it. */
export function nameOf({ alt, title, tags = [] }: Picture): string {
  return alt || title || tags.slice(0, 5).join(', ')
}

/** An answer of `GET /library`. What this page cannot show is left out. */
export function pageOf(json: unknown, lang: string): Page {
  const { entries, next } = record(json)
  const pictures = Array.isArray(entries) ? entries.flatMap((one) => pictureOf(one, lang) ?? []) : []
  return { pictures, ...(typeof next === 'string' && next && { next }) }
}

/** An answer of `GET /provider/search`. */
export function remotesOf(json: unknown): Page {
  const { remotes, next } = record(json)
  const pictures = Array.isArray(remotes) ? remotes.flatMap((one) => remoteOf(one) ?? []) : []
  return { pictures, ...(typeof next === 'string' && next && { next }) }
}

function remoteOf(json: unknown): Picture | undefined {
  const { id, width, height, title, preview, poster } = record(json)
  const isOurs = (address: unknown): address is string => typeof address === 'string' && address.startsWith('/provider/')
  if (typeof id !== 'string' || !isSize(width) || !isSize(height) || !isOurs(preview) || !isOurs(poster)) return undefined
  return { gif: id, width, height, remote: { poster, moving: preview }, ...(typeof title === 'string' && title && { title }) }
}

function pictureOf(json: unknown, lang: string): Picture | undefined {
  const { id, gif, width, height, color, flashes, title, tags, alt } = record(json)
  if (typeof gif !== 'string' || !/^[0-9a-f]+\.gif$/.test(gif) || !isSize(width) || !isSize(height)) return undefined
  const { ko, en } = record(alt)
  const said = [lang === 'en' ? en : ko, ko, en].find((one) => typeof one === 'string' && one !== '')
  return {
    gif,
    width,
    height,
    ...(typeof color === 'string' && isColor(color) && { color }),
    ...(flashes === true && { flashes }),
    ...(typeof title === 'string' && title && { title }),
    ...(Array.isArray(tags) && { tags: tags.filter((one) => typeof one === 'string') }),
    ...(typeof said === 'string' && { alt: said }),
    ...(typeof id === 'string' && { library: id }),
  }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
