/** The camera: what it sees, a leader that counts to the start, and three seconds of film. */

import { hasSeveral, openCamera, record, troubleOf, type Trouble } from '../../lib/maker/camera'
import type { Footage } from '../../lib/maker/footage'
import { el, icon } from '../build'
import { texts } from '../page'
import { Leader } from './leader'
import { waiting, type Shell } from './shell'
import { sorry } from './sorry'

const COUNT = 3
const SECOND_MS = 1000

/** What was recorded; nothing when the dialog was closed. */
export async function shoot(shell: Shell, facing: 'user' | 'environment' = 'user'): Promise<Footage | undefined> {
  shell.show({ stage: [waiting('camera', texts.text('maker.camera.asking'))] })
  let stream: MediaStream
  try {
    stream = await openCamera(facing)
  } catch (error) {
    return shell.signal.aborted || !(await sorry(shell, excuse(troubleOf(error)))) ? undefined : shoot(shell, facing)
  }
  const stop = () => stream.getTracks().forEach((track) => track.stop())
  if (shell.signal.aborted) return void stop()
  shell.signal.addEventListener('abort', stop)
  let next: Footage | 'turn' | undefined
  try {
    next = await frame(shell, stream, facing)
  } catch {
    stop()
    return (await sorry(shell, excuse('busy'))) ? shoot(shell, facing) : undefined
  }
  stop()
  if (next !== 'turn') return next
  return shoot(shell, facing === 'user' ? 'environment' : 'user')
}

/** Until something is recorded, or the other camera is wanted. */
async function frame(shell: Shell, stream: MediaStream, facing: 'user' | 'environment'): Promise<Footage | 'turn' | undefined> {
  const video = el('video', { class: facing === 'user' ? 'mirror' : undefined, 'aria-label': texts.text('maker.camera.live'), playsinline: true })
  video.muted = true
  video.srcObject = stream
  const start = el('button', { type: 'button', class: 'amber' }, el('i', { class: 'dot', 'aria-hidden': 'true' }), texts.text('maker.camera.start'))
  const turn = el('button', { type: 'button', class: 'plain', hidden: true }, icon('retry'), texts.text('maker.camera.turn'))
  shell.show({ stage: [video], buttons: [turn, start] })
  void video.play().catch(() => undefined)
  void hasSeveral().then((several) => (turn.hidden = !several))
  start.focus()
  const pressed = await new Promise<'start' | 'turn' | 'closed'>((resolve) => {
    start.onclick = () => resolve('start')
    turn.onclick = () => resolve('turn')
    shell.signal.addEventListener('abort', () => resolve('closed'))
  })
  if (pressed === 'closed') return undefined
  if (pressed === 'turn') return 'turn'
  start.setAttribute('aria-disabled', 'true')
  turn.hidden = true
  try {
    await countDown(shell)
    return await roll(shell, video)
  } catch (error) {
    if (shell.signal.aborted) return undefined
    throw error
  }
}

/** 3, 2, 1: each number stays for one turn of the leader. */
async function countDown(shell: Shell): Promise<void> {
  const leader = new Leader(shell.stage, false)
  for (let number = COUNT; number > 0; number -= 1) {
    shell.say(String(number), true)
    leader.label(String(number))
    const began = performance.now()
    for (let part = 0; part < 1; part = (performance.now() - began) / SECOND_MS) {
      shell.signal.throwIfAborted()
      leader.sweep(part)
      await new Promise(requestAnimationFrame)
    }
  }
  leader.end()
}

async function roll(shell: Shell, video: HTMLVideoElement): Promise<Footage> {
  const bar = el('i')
  const recording = el('p', { class: 'recording' }, el('b', {}, texts.text('maker.camera.recording')), bar)
  shell.stage.append(recording)
  shell.say(texts.text('maker.camera.recording'), true)
  return record(video, (part) => recording.style.setProperty('--part', String(part)), shell.signal)
}

function excuse(trouble: Trouble): string {
  return texts.text(`maker.camera.${trouble}`)
}
