import { describe, expect, it } from 'vitest'
import { withFirstCue } from '../src/lib/maker/first-cue'

const SEGMENT = [0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
const CLUSTER = [0x1f, 0x43, 0xb6, 0x75, 0xff, 0xe7, 0x81, 0]
const TRACKS = [0x16, 0x54, 0xae, 0x6b, 0x83, 1, 2, 3]
const CUES = [0x1c, 0x53, 0xbb, 0x6b, 0x80]
const after = async (...bytes: number[]) => [...new Uint8Array(await (await withFirstCue(new Blob([new Uint8Array(bytes)]))).arrayBuffer())]

describe('the first cue', () => {
  it('stands before the first cluster, and leads to it', async () => {
    const bytes = await after(7, 7, ...SEGMENT, ...TRACKS, ...CLUSTER)
    const added = bytes.length - 2 - SEGMENT.length - TRACKS.length - CLUSTER.length
    const cues = bytes.slice(2 + SEGMENT.length + TRACKS.length, -CLUSTER.length)
    expect(cues.slice(0, 5)).toEqual([...CUES.slice(0, 4), 0x80 | (added - 5)])
    const place = TRACKS.length + added
    expect(bytes.slice(2 + SEGMENT.length + place)).toEqual(CLUSTER)
    // Both tracks: number and place.
    for (const track of [1, 2]) expect(cues.join()).toContain([0xb7, 0x88, 0xf7, 0x81, track, 0xf1, 0x83, 0, 0, place].join())
  })

  it('is not added to what has an index, what knows its length, and what is no WebM', async () => {
    for (const bytes of [
      [...SEGMENT, ...CUES, ...CLUSTER],
      [...SEGMENT.slice(0, 4), 0x88, ...CLUSTER],
      [...CLUSTER, ...SEGMENT],
      [0, 0, 0, 0x20, 0x66, 0x74, 0x79, 0x70],
      [],
    ]) expect(await after(...bytes)).toEqual(bytes)
  })
})
