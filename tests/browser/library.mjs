// A library of GIFs that the tests make up, and the door of it as the server describes it (`GET /library`).

import { createHash } from 'node:crypto'
import { blinking } from './gif.mjs'

/** Words, proportions and a drawing for each. */
const DRAWN = [
  ['웃음', 'laugh', 320, 208, '#ff6a52', '<text x="50" y="38" font-size="22" font-weight="800" fill="#fff4e2" text-anchor="middle">ㅋㅋㅋㅋ</text>', '웃으며 흔들리는 글자 ㅋㅋㅋㅋ', 'Laughing letters'],
  ['고양이', 'cat', 320, 240, '#8fd3c6', '<path d="M30 26l4-12 8 8h16l8-8 4 12v22q-20 16-40 0z" fill="#3a2f45"/><path d="M38 34h8M54 34h8" stroke="#ffd166" stroke-width="2"/>', '졸린 검은 고양이', 'A sleepy black cat'],
  ['출발', 'go', 320, 230, '#bfe3f5', '<path d="M0 56h100v16H0z" fill="#44424a"/><path d="M28 42h44v14H28zM36 32h24l6 10H32z" fill="#ee5a34"/><circle cx="38" cy="56" r="5" fill="#222"/><circle cx="62" cy="56" r="5" fill="#222"/>', '언덕길을 달리는 빨간 차', 'A red car on a hill'],
  ['유령', 'ghost', 320, 320, '#1d2352', '<path d="M34 74V44q0-18 16-18t16 18v30l-8-5-8 5-8-5z" fill="#5a5f8c"/><circle cx="76" cy="22" r="8" fill="#ffe9a8"/>', '달밤에 떠 있는 유령', 'A ghost under the moon'],
  ['우산', 'rain', 320, 386, '#5d81a8', '<path d="M14 60q36-56 72 0z" fill="#ffd23c"/><path d="M50 56v42q0 8-8 8" stroke="#33292b" stroke-width="3" fill="none"/>', '비 오는 날의 노란 우산', 'A yellow umbrella in the rain'],
  ['소용돌이', 'spin', 320, 320, '#f6c9d6', '<g fill="none" stroke-width="6"><circle cx="50" cy="50" r="38" stroke="#d8396a"/><circle cx="50" cy="50" r="26" stroke="#4c2b5e"/><circle cx="50" cy="50" r="14" stroke="#ff7d54"/></g>', '돌고 도는 동그라미', 'Circles that spin'],
  ['의심', 'suspicious', 320, 240, '#f2cf38', '<circle cx="34" cy="36" r="15" fill="#fff" stroke="#222"/><circle cx="66" cy="36" r="15" fill="#fff" stroke="#222"/><circle cx="31" cy="37" r="6"/><circle cx="63" cy="37" r="6"/><path d="M40 64h20" stroke="#222" stroke-width="2"/>', '두리번거리는 눈', 'Eyes that look around'],
  ['축하', 'congrats', 320, 214, '#22392f', '<text x="50" y="42" font-size="22" font-weight="800" fill="#fff4e2" text-anchor="middle">합격!</text>', '색종이가 날리는 합격', 'Confetti: passed'],
  ['잘자', 'night', 320, 204, '#2a2a5c', '<text x="50" y="38" font-size="18" font-weight="700" fill="#f2efe4" text-anchor="middle">잘 자</text>', '별이 뜨는 밤, 잘 자', 'Good night among stars'],
  ['하트', 'heart', 320, 320, '#ffe2de', '<path d="M50 80C8 50 20 22 38 24q10 2 12 12 2-10 12-12c18-2 30 26-12 56z" fill="#e23a48"/>', '두근거리는 하트', 'A beating heart'],
  ['점심', 'noodles', 320, 180, '#fbb24a', '<path d="M20 30h60q-4 24-30 24T20 30z" fill="#b3261e"/><path d="M28 28q6-10 12 0t12 0 12 0" stroke="#fff1c9" stroke-width="3" fill="none"/>', '김이 나는 라면', 'Steaming noodles'],
  ['강아지', 'dog', 240, 360, '#9ad0f0', '<ellipse cx="50" cy="80" rx="26" ry="30" fill="#c98a4b"/><circle cx="50" cy="48" r="20" fill="#d9a067"/><circle cx="43" cy="46" r="3"/><circle cx="57" cy="46" r="3"/><path d="M45 56h10" stroke="#222" stroke-width="3"/>', '꼬리를 흔드는 강아지', 'A dog that wags its tail'],
]

const hash = (text) => createHash('sha256').update(text).digest('hex')

export const ENTRIES = DRAWN.map(([ko, en, width, height, color, drawing, altKo, altEn], at) => ({
  id: hash(`entry ${en}`).slice(0, 16),
  gif: `${hash(en)}.gif`,
  width,
  height,
  color,
  duration: 800,
  title: en,
  tags: [ko, en],
  alt: { ko: altKo, en: altEn },
  uses: 100 - at,
  drawing,
}))

/** The door of the library for one person, answered here. */
export class Library {
  /** Queries that were asked, in order. */
  asked = []
  /** What was offered. */
  offers = []
  /** Pictures that were loaded: `poster`, `webp` or `gif`, with the number of their entry. */
  loaded = []
  gone = new Set()

  static async of(person, { entries = ENTRIES, size = 30, off = false, drawn = false } = {}) {
    const library = new Library()
    const json = (route, status, body) => route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) })
    await person.context.route(/\/library(\?|$)/, (route) => {
      const url = new URL(route.request().url())
      if (off) return json(route, 404, { type: 'about:blank#not-found', title: 'x', detail: 'x', status: 404 })
      const q = (url.searchParams.get('q') ?? '').toLowerCase().split(' ').filter(Boolean)
      library.asked.push(q.join(' '))
      const found = entries.filter(({ tags, title, alt }) => q.every((word) => [...tags, title, ...`${alt.ko} ${alt.en}`.split(' ')].some((one) => one.toLowerCase().startsWith(word))))
      const from = Number(url.searchParams.get('after') ?? 0)
      const page = found.slice(from, from + size).map(({ drawing, ...entry }) => entry)
      return json(route, 200, { entries: page, ...(from + size < found.length && { next: String(from + size) }) })
    })
    await person.context.route(/\/library\/tags/, (route) => {
      const prefix = new URL(route.request().url()).searchParams.get('prefix')
      return json(route, 200, { tags: [...new Set(entries.flatMap(({ tags }) => tags))].filter((tag) => tag.startsWith(prefix)) })
    })
    await person.context.route(/\/library\/offers$/, (route) => {
      library.offers.push(route.request().postDataJSON())
      return json(route, 201, { id: '0123456789abcdef', state: 'offered' })
    })
    await person.context.route(/\/gif\/[0-9a-f]{64}\./, (route) => {
      const [, stem, kind] = /\/gif\/([0-9a-f]{64})\.(gif|webp|poster\.webp)$/.exec(route.request().url()) ?? []
      const at = entries.findIndex(({ gif }) => gif === `${stem}.gif`)
      if (at < 0) return route.fallback()
      if (library.gone.has(at)) return json(route, 404, { code: 'not-found' })
      library.loaded.push(`${kind === 'poster.webp' ? 'poster' : kind} ${at}`)
      const { width, height, color, drawing } = entries[at]
      if (!drawn) return route.fulfill({ contentType: 'image/gif', body: blinking(width / 20, height / 20) })
      const high = (100 * height) / width
      const body = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 ${high}" width="${width}" height="${height}" font-family="sans-serif"><path d="M0 0h100v${high}H0z" fill="${color}"/>${drawing}</svg>`
      return route.fulfill({ contentType: 'image/svg+xml', body })
    })
    return library
  }
}
