/** Where a copied picture comes from: the clipboard's HTML beside a still says so. */

export interface Original {
  url: string
  /** It is one of this server's own, under this address. */
  own?: string
}

/** `html`: as it was copied; nothing of it is loaded. Only what may move is an original: a GIF, a WebP. */
export function originalOf(html: string, origin: string): Original | undefined {
  const source = new DOMParser().parseFromString(html, 'text/html').querySelector('img[src]')?.getAttribute('src') ?? ''
  return readAddress(source, origin)
}

export function readAddress(source: string, origin: string): Original | undefined {
  if (!URL.canParse(source)) return undefined
  const url = new URL(source)
  if (!/^https?:$/.test(url.protocol) || !/\.(gif|webp)$/i.test(url.pathname)) return undefined
  const own = url.origin === origin && /^\/gif\/([0-9a-f]+)\./.exec(url.pathname)
  return own ? { url: url.href, own: `/gif/${own[1]}.gif` } : { url: url.href }
}
