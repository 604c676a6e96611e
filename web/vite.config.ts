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

/**
 * What the server refuses it says itself: of those sentences the script has only the two that are its own. Some more are
 * for pages alone. Parts of a page that are loaded when they are used bring their own: `ko.json?part=picker`.
 */
function words(): Plugin {
  const own = /^problem\.(unavailable|internal)\.detail$/
  const servers = /^(problem|missing|lobby\.(error|step|headline|intro|column|empty)|work\.page|restarting|full|export)\./
  const parts = /^(picker)\./
  return {
    name: 'gifchat-words',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      const [, part] = /locales\/[a-z]+\.json(?:\?part=([a-z]+))?$/.exec(id) ?? [undefined, null]
      if (part === null) return undefined
      const isOf = (key: string) => (part ? parts.exec(key)?.[1] === part : !parts.test(key) && (!servers.test(key) || own.test(key)))
      const kept = Object.entries(JSON.parse(code) as Record<string, string>).filter(([key]) => isOf(key))
      const sentences = JSON.stringify(Object.fromEntries(kept))
      // With a query it is not taken for JSON.
      return part ? { code: `export default ${sentences}`, map: null, moduleType: 'js' } : { code: sentences, map: null }
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
