/** What is used of gifenc, which has no types of its own. */
declare module 'gifenc' {
  export type Palette = number[][]

  interface FrameOptions {
    palette: Palette
    /** Milliseconds, a multiple of ten. */
    delay: number
    transparent?: boolean
    transparentIndex?: number
    /** 1: the frame stays; 2: its place is cleared. */
    dispose?: number
    /** 0: for ever. */
    repeat?: number
  }

  interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, options: FrameOptions): void
    finish(): void
    bytes(): Uint8Array<ArrayBuffer>
    readonly stream: { bytesView(): Uint8Array }
  }

  export function GIFEncoder(): Encoder
  export function quantize(rgba: Uint8ClampedArray, most: number, options?: { format: 'rgb565' | 'rgb444' }): Palette
}
