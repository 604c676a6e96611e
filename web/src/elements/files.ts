/** Files that are pasted, or dropped anywhere on the page. While a dialog stands over the room, they are not for the room. */

import { get } from './dom'
import { wanted } from './wanted'

export function takeFiles(take: (files: File[]) => void): void {
  const isCovered = () => document.querySelector('dialog:modal') !== null
  document.addEventListener('paste', (event) => {
    if (isCovered()) return
    const files = [...(event.clipboardData?.files ?? [])]
    const html = event.clipboardData?.getData('text/html') ?? ''
    // Word and its like put a picture of the text beside the text.
    const isText = html !== '' && (event.clipboardData?.getData('text/plain') ?? '').trim() !== ''
    if (files.length === 0 || isText) return
    event.preventDefault()
    // A copied animation comes as a still, and its address beside it.
    if (files.length === 1 && /\.(gif|webp)\b/i.test(html)) void wanted(() => import('./maker/pasted'), ({ explain }) => explain(files, html, take), 'later', files)
    else take(files)
  })
  const sign = get(document, '.drop')
  let depth = 0
  // A picture of the conversation that is dragged a little is a file to some browsers.
  let ours = false
  document.addEventListener('dragstart', () => (ours = true))
  document.addEventListener('dragend', () => (ours = false))
  const hasFiles = (event: DragEvent) => !ours && (event.dataTransfer?.types.includes('Files') ?? false)
  const show = (change: number) => {
    depth = Math.max(0, depth + change)
    sign.hidden = depth === 0 || isCovered()
  }
  document.addEventListener('dragenter', (event) => hasFiles(event) && show(1))
  document.addEventListener('dragleave', (event) => hasFiles(event) && show(-1))
  document.addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault())
  document.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return
    const isTaken = event.defaultPrevented
    event.preventDefault()
    show(-depth)
    if (!isTaken && !isCovered()) take([...(event.dataTransfer?.files ?? [])])
  })
}
