// Our encoder beside others, on raw frames: bytes, PSNR against the frames, milliseconds a frame. See docs/decisions/0014.
//
//   npm install --no-save modern-gif
//   node bench/encoders.mjs WIDTHxHEIGHT FILE.rgba...     (frames of RGBA, one after the other; needs ffmpeg to decode)

import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'vite'

const [size = '', ...files] = process.argv.slice(2)
const [width, height] = size.split('x').map(Number)
const FRAME = width * height * 4
const DELAY = 80

const out = join(tmpdir(), `gifchat-encoders-${process.pid}`)
await build({ configFile: false, logLevel: 'error', build: { outDir: out, lib: { entry: 'src/lib/maker/encoder.ts', formats: ['es'], fileName: 'encoder' } } })
const { Encoder } = await import(join(out, 'encoder.js'))
const gifenc = await import('gifenc').then((module) => module.default ?? module)
const modern = await import('modern-gif').catch(() => undefined)

const ways = {
  'ours (gifenc, differences)': (frames) => {
    const encoder = new Encoder(width, height)
    for (const frame of frames) encoder.add(frame, DELAY)
    return encoder.finish()
  },
  'gifenc, whole frames': (frames) => {
    const encoder = gifenc.GIFEncoder()
    for (const frame of frames) {
      const palette = gifenc.quantize(frame, 256, { format: 'rgb565' })
      encoder.writeFrame(gifenc.applyPalette(frame, palette, 'rgb565'), width, height, { palette, delay: DELAY })
    }
    encoder.finish()
    return encoder.bytes()
  },
  ...(modern && {
    'modern-gif': (frames) => modern.encode({ width, height, frames: frames.map((data) => ({ data, delay: DELAY })) }),
    'modern-gif, dithered': (frames) => modern.encode({ width, height, dither: 'floyd-steinberg', frames: frames.map((data) => ({ data, delay: DELAY })) }),
  }),
}

console.log('| frames | encoder | bytes | PSNR | ms a frame |\n|---|---|---|---|---|')
for (const file of files) {
  const raw = readFileSync(file)
  const cut = () => Array.from({ length: raw.length / FRAME }, (_, n) => new Uint8ClampedArray(raw.subarray(n * FRAME, (n + 1) * FRAME)))
  for (const [name, encode] of Object.entries(ways)) {
    const frames = cut()
    const began = performance.now()
    const gif = new Uint8Array(await encode(frames))
    const took = (performance.now() - began) / frames.length
    console.log(`| ${basename(file, '.rgba')} | ${name} | ${gif.length} | ${psnr(gif, raw).toFixed(1)} dB | ${took.toFixed(1)} |`)
  }
}
rmSync(out, { recursive: true })

function psnr(gif, raw) {
  const path = join(out, 'made.gif')
  writeFileSync(path, gif)
  const rate = String(1000 / DELAY)
  const args = ['-v', 'error', '-i', path, '-vf', `fps=${rate}`, '-f', 'rawvideo', '-pix_fmt', 'rgba', '-']
  const made = execFileSync('ffmpeg', args, { maxBuffer: 2 ** 30 })
  const length = Math.min(made.length, raw.length)
  let sum = 0
  for (let i = 0; i < length; i += 4) for (let c = 0; c < 3; c += 1) sum += (made[i + c] - raw[i + c]) ** 2
  return 10 * Math.log10(255 ** 2 / (sum / (length * 0.75)))
}
