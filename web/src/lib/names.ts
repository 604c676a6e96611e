/** Under which names the people of a room have been seen: a text calls them by the one they had when it was written. */

const MOST_PEOPLE = 1000
const MOST_NAMES = 4

export class Names {
  private readonly known = new Map<string, string[]>()

  learn(id: string, name: string): void {
    const old = this.known.get(id) ?? []
    if (!id || !name || old.includes(name)) return
    if (!this.known.has(id) && this.known.size >= MOST_PEOPLE) return
    this.known.set(id, [name, ...old].slice(0, MOST_NAMES))
  }

  of(ids: readonly string[] = []): string[] {
    return ids.flatMap((id) => this.known.get(id) ?? [])
  }
}
