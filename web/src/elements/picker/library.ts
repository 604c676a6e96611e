/** The server's library, and what its provider has, as their pages come. */

import { pageOf, remotesOf, type Page } from '../../lib/picker/picture'
import { problemOf, type Problem } from '../../lib/wire'

const PAGE = 30
const MOST_REMEMBERED = 40

export type Answer = { page: Page; problem?: undefined } | { problem: Problem; page?: undefined }

export class Library {
  private readonly pages = new Map<string, Page>()

  /** `elsewhere`: on the server that this one asks. */
  constructor(private readonly elsewhere = false) {}

  /** Throws only when `signal` says that nobody waits for it any more. */
  async page(query: string, after: string | undefined, signal: AbortSignal): Promise<Answer> {
    const asked = new URLSearchParams({ ...(query && { q: query }), ...(after && { after }), ...(!this.elsewhere && { limit: String(PAGE) }) })
    const address = `${this.elsewhere ? '/provider/search' : '/library'}?${asked}`
    const known = this.pages.get(address)
    if (known) return { page: known }
    try {
      const answer = await fetch(address, { headers: { Accept: 'application/json' }, signal })
      const json: unknown = await answer.json().catch(() => undefined)
      if (!answer.ok) return { problem: problemOf(json, answer.status) }
      const page = this.elsewhere ? remotesOf(json) : pageOf(json, document.documentElement.lang)
      if (this.pages.size < MOST_REMEMBERED) this.pages.set(address, page)
      return { page }
    } catch (error) {
      if (signal.aborted) throw error
      return { problem: problemOf(undefined, 0) }
    }
  }
}

/** Tags of the library that begin like this. */
export async function tagsLike(prefix: string): Promise<string[]> {
  const answer = await fetch(`/library/tags?${new URLSearchParams({ prefix })}`, { headers: { Accept: 'application/json' } }).catch(() => undefined)
  const json: unknown = answer?.ok ? await answer.json().catch(() => undefined) : undefined
  const { tags } = (json ?? {}) as { tags?: unknown }
  return Array.isArray(tags) ? tags.filter((one) => typeof one === 'string').slice(0, 6) : []
}
