/** Where a copied picture comes from: the clipboard's HTML beside a still says so. */

export interface Original {
  url: string
  /** It is one of this server's own, under this address. */
  own?: string
}

/** `html`: as it was copied; nothing of it is made part of any page. Only what may move is an original: a GIF, a WebP. */
export function originalOf(html: string, origin: string): Original | undefined {
  const found = /<img\b[^]*?\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(html)
  return readAddress((found?.[1] ?? found?.[2] ?? '').replaceAll('&amp;', '&'), origin)
}

function readAddress(source: string, origin: string): Original | undefined {
  if (!URL.canParse(source)) return undefined
  const url = new URL(source)
  if (!/^https?:$/.test(url.protocol) || !/\.(gif|webp)$/i.test(url.pathname)) return undefined
  const own = url.origin === origin && /^\/gif\/([0-9a-f]+)\./.exec(url.pathname)
  return own ? { url: url.href, own: `/gif/${own[1]}.gif` } : { url: url.href }
}
