/** From what a GIF is to be made: it is asked for, opened, and given to the editor. */

import { Animation } from '../../lib/maker/animation'
import type { Footage } from '../../lib/maker/footage'
import { Unloaded } from '../../lib/maker/unloaded'
import { Video } from '../../lib/maker/video'
import { el, icon } from '../build'
import { texts } from '../page'
import { answers } from '../wanted'
import { shoot } from './camera'
import { edit } from './editor'
import type { Done, Kind } from './open'
import { waiting, type Shell } from './shell'
import { sorry } from './sorry'

const ICONS = { video: 'video', caption: 'letters' } as const
const ACCEPT = { video: 'video/*', caption: 'image/gif,image/webp,image/png,image/jpeg' } as const

export async function begin(shell: Shell, kind: Kind, source: File | string | undefined, done: Done, flashes = false, tries = 1): Promise<void> {
  if (kind === 'camera') return film(shell, done)
  const chosen = source ?? (await choose(shell, kind))
  try {
    const footage = await open(shell, kind, chosen)
    if (shell.signal.aborted) return footage.close()
    edit(shell, footage, { kind, done, flashes })
  } catch (error) {
    if (shell.signal.aborted) return
    if (error instanceof Unloaded) {
      // Some browsers remember for as long as the page lives that a script did not come.
      if (tries > 1 && (await answers())) return void ((await sorry(shell, texts.text('part.stuck'), texts.text('part.reload'))) && location.reload())
      return (await sorry(shell, texts.text('part.failed'))) ? begin(shell, kind, chosen, done, flashes, tries + 1) : undefined
    }
    const why = error instanceof Gone ? 'maker.caption.gone' : `maker.${kind}.unreadable`
    await begin(shell, kind, await choose(shell, kind, texts.text(why)), done)
  }
}

async function film(shell: Shell, done: Done): Promise<void> {
  const footage = await shoot(shell)
  if (!footage) return
  edit(shell, footage, { kind: 'camera', done, again: () => void film(shell, done) })
  shell.say(texts.text('maker.camera.done'))
}

class Gone extends Error {}

async function open(shell: Shell, kind: 'video' | 'caption', source: File | string): Promise<Footage> {
  shell.show({ stage: [waiting(ICONS[kind], texts.text('maker.opening'))] })
  const file = typeof source === 'string' ? await download(source) : source
  return kind === 'video' ? Video.open(file) : Animation.open(file)
}

/** Of this server only: the page may ask no other. */
async function download(address: string): Promise<Blob> {
  const answer = await fetch(address).catch(() => Promise.reject(new Unloaded()))
  if (!answer.ok) throw new Gone()
  return answer.blob()
}

/** Never resolves when the dialog is closed instead. */
function choose(shell: Shell, kind: 'video' | 'caption', wrong = ''): Promise<File> {
  const input = el('input', { type: 'file', accept: ACCEPT[kind], hidden: true })
  const button = el('button', { type: 'button', class: 'amber' }, icon('folder'), texts.text(`maker.${kind}.choose`))
  button.onclick = () => input.click()
  shell.show({ stage: [waiting(ICONS[kind], texts.text(`maker.${kind}.hint`), input)], buttons: [button] })
  shell.complain(wrong)
  button.focus()
  return new Promise((resolve) => {
    input.onchange = () => input.files?.[0] && resolve(input.files[0])
    shell.stage.ondragover = (event) => event.preventDefault()
    shell.stage.ondrop = (event) => {
      // Not for the room behind the dialog.
      event.preventDefault()
      const file = event.dataTransfer?.files[0]
      if (file) resolve(file)
    }
  })
}
