/** Where the keys of a menu lead (the pattern "menu button" of the ARIA practices). */

/** The place of the item that a key leads to; `undefined` when the key means nothing here. `labels`: of all items. */
export function nextItem(key: string, at: number, labels: readonly string[]): number | undefined {
  const last = labels.length - 1
  switch (key) {
    case 'ArrowDown':
      return at >= last ? 0 : at + 1
    case 'ArrowUp':
      return at <= 0 ? last : at - 1
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return begins(key, at, labels)
  }
}

/** The next item whose label begins with the letter. */
function begins(key: string, at: number, labels: readonly string[]): number | undefined {
  if ([...key].length !== 1 || key === ' ') return undefined
  const wanted = key.toLocaleLowerCase()
  for (let step = 1; step <= labels.length; step += 1) {
    const place = (at + step) % labels.length
    if (labels[place]?.trim().toLocaleLowerCase().startsWith(wanted)) return place
  }
  return undefined
}
