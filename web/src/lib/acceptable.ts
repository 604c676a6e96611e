/** What may be sent as a picture: told before, and said of a file before it goes. The server looks inside and decides. */

/** As the picker of files is told (`templates/room.html`). */
const KINDS = ['image/gif', 'image/png', 'image/apng', 'image/jpeg', 'image/webp']
const NAMES = /\.(gif|a?png|jpe?g|webp)$/i

export interface PictureLimits {
  bytes: number
  /** Pixels. */
  width: number
  height: number
}

/** A sentence of `gif.*`, with what it names. */
export interface Refusal {
  key: string
  values: Record<string, string | number>
}

export interface Candidate {
  type: string
  name: string
  size: number
}

/** Whatever a file calls itself by type counts; by name, when it has no type. */
export function refusal({ type, name, size }: Candidate, { bytes }: PictureLimits): Refusal | undefined {
  if (type.startsWith('video/')) return { key: 'gif.no.video', values: {} }
  if (!KINDS.includes(type) && (type !== '' || !NAMES.test(name))) return { key: 'gif.no.kind', values: {} }
  if (size > bytes) return { key: 'gif.no.bytes', values: { size: megabytes(size, Math.ceil), most: megabytes(bytes, Math.floor) } }
  return size === 0 ? { key: 'gif.no.empty', values: {} } : undefined
}

/** Its size is known when it has been opened. */
export function tooWide(width: number, height: number, limits: PictureLimits): Refusal | undefined {
  if (width <= limits.width && height <= limits.height) return undefined
  return { key: 'gif.no.pixels', values: { width, height, most: `${limits.width}×${limits.height}` } }
}

/** `5`, `5.1`: as many as people count, never rounded to the wrong side of a limit. */
export function megabytes(bytes: number, round: (n: number) => number): string {
  return String(round((bytes / 1024 / 1024) * 10) / 10)
}
