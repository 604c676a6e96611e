/** How likely it is, from 0 to 1, that as many tries are enough: what the ring shows. */
export function likelihood(tries: number, bits: number): number {
  return 1 - Math.exp(-tries / 2 ** bits)
}
