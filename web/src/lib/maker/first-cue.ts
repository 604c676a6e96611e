/**
 * Recordings of browsers (WebM) have no index, and only their first picture is whole. Firefox then begins to decode in the
 * middle, and shows whatever stood there before. With one entry for the beginning (Matroska's `Cues`, RFC 9559 section
 * 5.1.5) it begins there.
 */

const HEAD_BYTES = 65_536
const SEGMENT = [0x18, 0x53, 0x80, 0x67]
/** Written while it was not known how long it would become. */
const ENDLESS = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
const CUES = [0x1c, 0x53, 0xbb, 0x6b]
const CLUSTER = [0x1f, 0x43, 0xb6, 0x75]
/** Sound and picture. */
const TRACKS = [1, 2]

/** The same file, or one with that entry. */
export async function withFirstCue(file: Blob): Promise<Blob> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  const segment = find(head, [...SEGMENT, ...ENDLESS])
  const cluster = find(head, CLUSTER)
  if (segment < 0 || cluster < segment || find(head.subarray(0, cluster), CUES) >= 0) return file
  const begin = segment + SEGMENT.length + ENDLESS.length
  // The length of the entry does not depend on the place in it.
  const length = cues(0).length
  return new Blob([file.slice(0, cluster), new Uint8Array(cues(cluster - begin + length)), file.slice(cluster)], { type: file.type })
}

/** At 0 seconds: every track at this place of the segment, below 65,536 + 255. */
function cues(place: number): number[] {
  const at = [place >> 16, (place >> 8) & 255, place & 255]
  const positions = TRACKS.flatMap((track) => element([0xb7], [...element([0xf7], [track]), ...element([0xf1], at)]))
  return element(CUES, element([0xbb], [...element([0xb3], [0]), ...positions]))
}

/** Of at most 126 bytes. */
function element(id: readonly number[], body: readonly number[]): number[] {
  return [...id, 0x80 | body.length, ...body]
}

function find(bytes: Uint8Array, wanted: readonly number[]): number {
  for (let at = 0; at + wanted.length <= bytes.length; at += 1) if (wanted.every((byte, n) => bytes[at + n] === byte)) return at
  return -1
}
