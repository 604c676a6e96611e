/** Passing a room's link on. */

import { get, openDialog, toast } from './dom'
import { texts } from './page'

export function copyLink(link: string): Promise<void> {
  return copyText(link, 'invite.copied')
}

/** Copies, and says so with the sentence of `done`. */
export async function copyText(text: string, done: string): Promise<void> {
  toast(texts.text((await copy(text)) ? done : 'invite.not-copied'))
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyByHand(text)
  }
}

/** The system's own way to share where there is one, else the link is copied. */
export async function share(title: string, link: string): Promise<void> {
  if (!('share' in navigator)) return copyLink(link)
  try {
    await navigator.share({ title, url: link })
  } catch (error) {
    if ((error as DOMException).name !== 'AbortError') await copyLink(link)
  }
}

export function showInvite(): void {
  openDialog(get<HTMLDialogElement>(document, 'dialog#invite'))
}

/** A page without HTTPS has no clipboard; this old way still works there. */
function copyByHand(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'vh'
  const dialog = document.querySelector('dialog[open]') ?? document.body
  dialog.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  return copied
}
