import { readFileSync, readdirSync } from 'node:fs'
import { defineConfig, type Plugin } from 'vite'

/** Emits the pictures that only the server's templates name, so that the manifest knows their hashed addresses. */
function art(): Plugin {
  const folder = 'src/art'
  return {
    name: 'gifchat-art',
    apply: 'build',
    buildStart() {
      for (const file of readdirSync(folder)) {
        const originalFileName = `${folder}/${file}`
        this.emitFile({ type: 'asset', name: file, originalFileName, source: readFileSync(originalFileName) })
      }
    },
  }
}

/** Sentences of what is loaded later: `lazily` in `elements/page.ts` brings them. Of a GIF in the room, and of all else. */
const GIF = /^gif\.(?!still)/
const LATER = /^(ban|kick|maker|mute|owner|picker|raid|search|sent-out|shut|unban|unmute|work)\.|^tools\.(?!no-answer)|^name\.(hint|label|length|save|title)|^preset\..*\.text$/

/**
 * Of the sentences in `locales/`, the script has those whose keys stand in it; the others are the server's. They come in
 * three parts: what the first view needs, what a GIF in it needs (`?gif`), and (`?later`) the rest.
 */
function words(): Plugin {
  let isUsed: (key: string) => boolean = () => true
  return {
    name: 'gifchat-words',
    apply: 'build',
    enforce: 'pre',
    buildStart() {
      const script = readdirSync('src', { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(`src/${file}`, 'utf8'))
        .join('\n')
      const whole = new Set(Array.from(script.matchAll(/['`]([a-z][a-z0-9.-]*)['`]/g), ([, key]) => key))
      const begun = Array.from(script.matchAll(/`([a-z][a-z0-9-]*\.[a-z0-9.-]*)\$\{/g), ([, start]) => start ?? '')
      const ended = Array.from(script.matchAll(/`\$\{[a-z]+\}(\.[a-z0-9.-]+)`/g), ([, end]) => end ?? '')
      const stems = (key: string) => [...ended, '.one', '.other'].filter((end) => key.endsWith(end)).map((end) => key.slice(0, -end.length))
      isUsed = (key) => [key, ...stems(key)].some((one) => whole.has(one)) || begun.some((start) => key.startsWith(start))
    },
    transform(code, id) {
      const file = /locales\/[a-z]+\.json(\?gif|\?later)?$/.exec(id)
      if (!file) return undefined
      const partOf = (key: string) => (GIF.test(key) ? '?gif' : LATER.test(key) ? '?later' : undefined)
      const kept = Object.entries(JSON.parse(code) as Record<string, string>).filter(([key]) => isUsed(key) && partOf(key) === file[1])
      const json = JSON.stringify(Object.fromEntries(kept))
      return file[1] ? { code: `export default ${json}`, moduleType: 'js', map: null } : { code: json, map: null }
    },
  }
}

export default defineConfig({
  plugins: [art(), words()],
  build: {
    // Every browser that knows light-dark() and relative colours: nothing is rewritten for older ones.
    target: ['chrome125', 'firefox128', 'safari18'],
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { input: 'src/main.ts' },
  },
  test: { include: ['test/**/*.test.ts'] },
})
