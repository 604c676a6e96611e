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

/** What the server refuses it says itself: of those sentences the script has only the two that are its own. Some more are for pages alone. */
function words(): Plugin {
  const own = /^problem\.(unavailable|internal)\.detail$/
  const servers = /^(problem|missing|lobby\.(error|step|headline|intro|column|empty)|work\.page|restarting|full|export)\./
  return {
    name: 'gifchat-words',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!/locales\/[a-z]+\.json$/.test(id)) return undefined
      const kept = Object.entries(JSON.parse(code) as Record<string, string>).filter(([key]) => !servers.test(key) || own.test(key))
      return { code: JSON.stringify(Object.fromEntries(kept)), map: null }
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
