/** Only the sentences of one part of the page: see `vite.config.ts`. */
declare module '*.json?part=maker' {
  const sentences: Readonly<Record<string, string>>
  export default sentences
}
