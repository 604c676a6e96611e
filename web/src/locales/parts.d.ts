declare module '*.json?part=picker' {
  const sentences: Record<string, string>
  export default sentences
}
