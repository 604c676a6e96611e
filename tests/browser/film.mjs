// Videos that the tests film themselves, and what is in a GIF that came of them.

/** A camera of Chromium's own: a moving test picture, allowed without asking. */
export const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
export const COLORS = [
  [214, 60, 52],
  [40, 150, 84],
  [44, 84, 214],
]

/**
 * A WebM that the page films off a canvas: as many seconds as there are colours, each second its colour, with a white
 * box that goes from left to right. `noise`: as long, but nothing is like anything else.
 */
export async function film(page, { width = 320, height = 240, colors = COLORS, noise = false } = {}) {
  const base64 = await page.evaluate(
    async ({ width, height, colors, noise }) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height })
      const context = canvas.getContext('2d')
      const stream = canvas.captureStream(30)
      const recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp8', videoBitsPerSecond: 4_000_000 })
      const parts = []
      recorder.ondataavailable = ({ data }) => parts.push(data)
      const ended = new Promise((resolve) => (recorder.onstop = resolve))
      const grain = new ImageData(width, height)
      const shake = () => {
        for (let at = 0; at < grain.data.length; at += 1) grain.data[at] = at % 4 === 3 ? 255 : Math.random() * 256
        context.putImageData(grain, 0, 0)
      }
      const paint = (seconds) => {
        if (noise) return shake()
        context.fillStyle = `rgb(${colors[Math.min(colors.length - 1, Math.floor(seconds))]})`
        context.fillRect(0, 0, width, height)
        context.fillStyle = '#fff'
        context.fillRect((seconds / colors.length) * (width - 40), height / 2 - 20, 40, 40)
      }
      paint(0)
      recorder.start()
      const began = performance.now()
      for (let seconds = 0; seconds < colors.length; seconds = (performance.now() - began) / 1000) {
        paint(seconds)
        await new Promise(requestAnimationFrame)
      }
      recorder.stop()
      await ended
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
      let text = ''
      for (const byte of bytes) text += String.fromCharCode(byte)
      return btoa(text)
    },
    { width, height, colors, noise },
  )
  return Buffer.from(base64, 'base64')
}

/**
 * What the browser's own decoder finds in a GIF: size, frames with their delays in milliseconds, and the colours of each
 * frame at these places (parts of its width and height).
 */
export function look(page, address, places = [[0.5, 0.1]]) {
  return page.evaluate(
    async ({ address, places }) => {
      const data = await (await fetch(address)).arrayBuffer()
      const decoder = new ImageDecoder({ data, type: 'image/gif' })
      await Promise.all([decoder.completed, decoder.tracks.ready])
      const { frameCount, repetitionCount } = decoder.tracks.selectedTrack
      const frames = []
      let canvas
      for (let frameIndex = 0; frameIndex < frameCount; frameIndex += 1) {
        const { image } = await decoder.decode({ frameIndex })
        canvas ??= new OffscreenCanvas(image.displayWidth, image.displayHeight)
        const context = canvas.getContext('2d', { willReadFrequently: true })
        context.clearRect(0, 0, canvas.width, canvas.height)
        context.drawImage(image, 0, 0)
        const colors = places.map(([x, y]) => [...context.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data])
        frames.push({ delay: image.duration / 1000, colors })
        image.close()
      }
      return { bytes: data.byteLength, width: canvas.width, height: canvas.height, loops: repetitionCount, frames, length: frames.reduce((sum, { delay }) => sum + delay, 0) }
    },
    { address, places },
  )
}

/** Greatest difference in one of red, green and blue. */
export function apart(a, b) {
  return Math.max(...[0, 1, 2].map((n) => Math.abs(a[n] - b[n])))
}
