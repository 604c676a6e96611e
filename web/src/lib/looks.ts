/** Small rules of how things look, shared with the server's templates. */

export type Seat = 'owner' | 'on' | 'off'

const HOLES = 16

/** Holes of a strip: one for each seat up to 16, in proportion above (`views/lobby.rs`). */
export function seats(members: number, max: number): Seat[] {
  const holes = Math.min(max, HOLES)
  const taken = Math.min(holes, max <= HOLES ? members : Math.ceil((members * HOLES) / max))
  return Array.from({ length: holes }, (_, hole) => (hole >= taken ? 'off' : hole === 0 ? 'owner' : 'on'))
}

/** How wide a picture stands (`views/message.rs`). */
export function shape(width: number, height: number): 'wide' | 'square' | 'tall' {
  const ratio = width / Math.max(1, height)
  return ratio >= 1.2 ? 'wide' : ratio >= 0.8 ? 'square' : 'tall'
}

export function isColor(text: string): boolean {
  return /^#[0-9a-f]{6}$/.test(text)
}

/** Characters as people count them: the server counts code points. */
export function length(text: string): number {
  return [...text].length
}
