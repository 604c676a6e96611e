/** The first picture of an animation, or the picture itself: a WebP that does not move. Rejects what cannot be decoded. */
export async function firstFrame(picture: Blob, most = Infinity): Promise<Blob> {
  const frame = await createImageBitmap(picture)
  const scale = Math.min(1, most / Math.max(frame.width, frame.height))
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(frame.width * scale)), Math.max(1, Math.round(frame.height * scale)))
  canvas.getContext('2d')?.drawImage(frame, 0, 0, canvas.width, canvas.height)
  frame.close()
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.8 })
}
