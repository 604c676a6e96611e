/** Does the work beside the page, which stays smooth meanwhile. */

import type { Challenge } from './wire'
import { solve } from './work'

addEventListener('message', ({ data }: MessageEvent<Challenge>) => {
  postMessage({ work: solve(data, (tries) => postMessage({ tries })) })
})
