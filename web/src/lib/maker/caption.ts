/** Where the lines of a caption stand, and drawing them: white with a dark outline, readable on anything. */

export const PLACES = ['top', 'middle', 'bottom'] as const
export const LETTERS = ['small', 'medium', 'large'] as const
export const MOST_LETTERS = 80

export interface Caption {
  text: string
  place: (typeof PLACES)[number]
  letters: (typeof LETTERS)[number]
}

/** `ys`: the middle of each line. All in pixels of the picture. */
export interface Layout {
  lines: string[]
  ys: number[]
  px: number
}

/** Of the width, or of the height where that is less. */
const PART = { small: 0.085, medium: 0.12, large: 0.17 }
const LEAST_PX = 9
const LINE = 1.18
const MARGIN = 0.045
const MOST_LINES = 4
/** How thick the outline is, of the size of the letters. */
const OUTLINE = 0.2

/** `measure`: the width of a text in letters of one pixel's size. Letters shrink until everything fits. */
export function layout({ text, place, letters }: Caption, width: number, height: number, measure: (text: string) => number): Layout {
  const room = width * (1 - 2 * MARGIN)
  const most = height * (1 - 2 * MARGIN)
  let px = Math.max(LEAST_PX, PART[letters] * Math.min(width, height * 1.6))
  let lines = wrap(text, room / px, measure)
  const fits = () => lines.length <= MOST_LINES && lines.length * px * LINE <= most
  while (!fits() && px > LEAST_PX) {
    px = Math.max(LEAST_PX, px * 0.92)
    lines = wrap(text, room / px, measure)
  }
  if (!fits()) lines = lines.slice(0, Math.max(1, Math.min(MOST_LINES, Math.floor(most / (px * LINE)))))
  const tall = lines.length * px * LINE
  const top = { top: height * MARGIN, middle: (height - tall) / 2, bottom: height * (1 - MARGIN) - tall }[place]
  return { lines, px, ys: lines.map((_, n) => top + (n + 0.5) * px * LINE) }
}

/** At spaces; a word that is longer than a line, as Korean without spaces can be, between its letters. */
export function wrap(text: string, room: number, measure: (text: string) => number): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.split(/\s+/).filter((one) => one !== '')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (measure(longer) <= room) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      line = ''
      for (const letter of lettersOf(word)) {
        if (line !== '' && measure(line + letter) > room) {
          lines.push(line)
          line = ''
        }
        line += letter
      }
    }
    if (line !== '') lines.push(line)
  }
  return lines
}

/** As readers count them: an emoji is one, whatever it is made of. */
function lettersOf(word: string): string[] {
  return Array.from(new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word), ({ segment }) => segment)
}

type Context = Pick<CanvasRenderingContext2D, 'font' | 'measureText' | 'strokeText' | 'fillText' | 'lineWidth' | 'lineJoin' | 'textAlign' | 'textBaseline' | 'strokeStyle' | 'fillStyle'>

/** `family`: the page's own typefaces. */
export function drawCaption(context: Context, caption: Caption, width: number, height: number, family: string): void {
  if (caption.text.trim() === '') return
  const font = (px: number) => `800 ${px}px ${family}`
  context.font = font(100)
  const { lines, ys, px } = layout(caption, width, height, (text) => context.measureText(text).width / 100)
  Object.assign(context, { font: font(px), textAlign: 'center', textBaseline: 'middle', lineJoin: 'round', lineWidth: px * OUTLINE })
  context.strokeStyle = '#110e0b'
  context.fillStyle = '#ffffff'
  lines.forEach((line, n) => context.strokeText(line, width / 2, ys[n]!))
  lines.forEach((line, n) => context.fillText(line, width / 2, ys[n]!))
}
