/** Sentences of the page's language, from the same files as the server's. */

export type Dictionary = Readonly<Record<string, string>>
export type Values = Readonly<Record<string, string | number>>

export class Texts {
  constructor(private dictionary: Dictionary) {}

  learn(more: Dictionary): void {
    this.dictionary = { ...this.dictionary, ...more }
  }

  /** The sentence with its `{places}` filled. A key without a sentence shows itself. */
  text(key: string, values: Values = {}): string {
    const sentence = this.dictionary[key] ?? key
    return sentence.replace(/\{([a-z]+)\}/g, (place, name: string) => String(values[name] ?? place))
  }

  /** The form for a number. */
  count(key: string, n: number): string {
    return this.text(`${key}.${n === 1 ? 'one' : 'other'}`, { n })
  }

  /** How long something has been running; the server has the same rule (`texts.rs`). */
  age(since: number, now: number): string {
    const minutes = Math.max(0, Math.floor((now - since) / 60_000))
    const hours = Math.floor(minutes / 60)
    const m = minutes % 60
    if (minutes === 0) return this.text('age.now')
    if (hours === 0) return this.text('age.minutes', { m })
    if (hours >= 24) return this.text('age.days', { d: Math.floor(hours / 24) })
    return m === 0 ? this.text('age.hours', { h: hours }) : this.text('age.hours-minutes', { h: hours, m })
  }

  /** "11월 21일 토요일" */
  day(at: Date): string {
    const weekday = this.text('weekdays').split(' ')[at.getDay()] ?? ''
    return this.text('day', { month: at.getMonth() + 1, day: at.getDate(), weekday })
  }
}

export async function load(lang: string): Promise<Texts> {
  const file = lang === 'en' ? await import('../locales/en.json') : await import('../locales/ko.json')
  return new Texts(file.default)
}

/** What the first view does not say (`vite.config.ts`): of GIFs that stand in a room, and the rest. */
export type Part = 'gif' | 'later'

export async function more(lang: string, part: Part): Promise<Dictionary> {
  const load = {
    'gif ko': () => import('../locales/ko.json?gif'),
    'gif en': () => import('../locales/en.json?gif'),
    'later ko': () => import('../locales/ko.json?later'),
    'later en': () => import('../locales/en.json?later'),
  }[`${part} ${lang === 'en' ? 'en' : 'ko'}` as const]
  return (await load()).default
}

/** `14:05`, in the reader's own time. */
export function clock(at: Date): string {
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
}
