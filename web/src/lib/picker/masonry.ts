/** Pictures of different proportions in columns of one width, and where the arrow keys lead among them. */

/** A cell; lengths are in widths of a column. */
export interface Cell {
  readonly column: number
  /** Heights of the cells above it, and how many they are. */
  readonly above: number
  readonly count: number
  readonly height: number
}

/** The space between two cells, nearly. The styles know it exactly. */
const GAP = 0.05
/** So that a very long or very flat picture neither fills the sheet nor vanishes. */
const FLATTEST = 0.32
const TALLEST = 2

export function heightOf({ width, height }: { width: number; height: number }): number {
  return Math.min(TALLEST, Math.max(FLATTEST, height / width))
}

/** Each goes where the column is shortest, the first of them if several are. More cells at the end move none before. */
export function masonry(heights: readonly number[], columns: number): Cell[] {
  const filled = Array.from({ length: columns }, () => ({ above: 0, count: 0 }))
  return heights.map((height) => {
    const column = shortest(filled)
    const { above, count } = filled[column] ?? { above: 0, count: 0 }
    filled[column] = { above: above + height, count: count + 1 }
    return { column, above, count, height }
  })
}

/** The last cell of the column that reaches down the farthest. */
export function lowest(cells: readonly Cell[]): Cell | undefined {
  return cells.reduce<Cell | undefined>((low, one) => (low && bottom(low) >= bottom(one) ? low : one), undefined)
}

/**
 * The cell that a key leads to: up and down within the column, left and right to the neighbour that stands beside the
 * middle of this one. `out`: above the first row. Nothing: the key means nothing here, or there is no such cell.
 */
export function step(cells: readonly Cell[], at: number, key: string): number | 'out' | undefined {
  const from = cells[at]
  if (!from) return undefined
  if (key === 'Home') return 0
  if (key === 'End') return cells.length - 1
  if (key === 'ArrowUp' && from.count === 0) return 'out'
  const place = (column: number, count: number) => {
    const found = cells.findIndex((one) => one.column === column && one.count === count)
    return found < 0 ? undefined : found
  }
  if (key === 'ArrowUp') return place(from.column, from.count - 1)
  if (key === 'ArrowDown') return place(from.column, from.count + 1)
  if (key === 'ArrowLeft') return beside(cells, from, from.column - 1)
  return key === 'ArrowRight' ? beside(cells, from, from.column + 1) : undefined
}

function beside(cells: readonly Cell[], from: Cell, column: number): number | undefined {
  const far = (one: Cell) => Math.abs(middle(one) - middle(from))
  return cells.reduce<number | undefined>((best, one, at) => {
    if (one.column !== column) return best
    const before = best === undefined ? undefined : cells[best]
    return before && far(before) <= far(one) ? best : at
  }, undefined)
}

function shortest(columns: readonly { above: number; count: number }[]): number {
  const tall = columns.map(({ above, count }) => above + count * GAP)
  return tall.indexOf(Math.min(...tall))
}

function bottom({ above, count, height }: Cell): number {
  return above + count * GAP + height
}

function middle(cell: Cell): number {
  return bottom(cell) - cell.height / 2
}
