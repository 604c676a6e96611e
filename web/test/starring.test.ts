import { afterEach, expect, it, vi } from 'vitest'
import { star } from '../src/elements/picker/keep'
import { isFavourite } from '../src/lib/picker/kept'
import { kept } from '../src/lib/picker/vault'

const picture = { gif: `${'a'.repeat(64)}.gif`, width: 4, height: 3 }

afterEach(() => vi.unstubAllGlobals())

it('a GIF that is taken out while its bytes are still on their way is no favourite', async () => {
  let come = (): void => undefined
  const held = new Promise<void>((resolve) => (come = resolve))
  vi.stubGlobal('fetch', () => held.then(() => new Response(new Blob(['x'], { type: 'image/webp' }))))
  const on = star(picture, true)
  const off = star(picture, false)
  come()
  expect(await Promise.all([on, off])).toEqual(['on', 'off'])
  expect(isFavourite(await kept(), picture.gif)).toBe(false)
  expect(await star(picture, true)).toBe('on')
  expect(isFavourite(await kept(), picture.gif)).toBe(true)
})
