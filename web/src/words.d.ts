/** Parts of a locale, made by the build. */
declare module '*.json?later' {
  const words: Readonly<Record<string, string>>
  export default words
}
declare module '*.json?gif' {
  const words: Readonly<Record<string, string>>
  export default words
}
