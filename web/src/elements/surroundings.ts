/** What the browser tells of the reader's body and device, and whether GIFs move for them. */

import { Wishes, type Play, type Surroundings } from '../lib/playback'

/** As much of it, when it runs off the battery, is little. */
const LOW_BATTERY = 0.2

interface Battery extends EventTarget {
  charging: boolean
  level: number
}

/** Not yet in every browser. */
interface Device extends Navigator {
  connection?: EventTarget & { saveData?: boolean }
  getBattery?: () => Promise<Battery>
}

const device = navigator as Device
const still = matchMedia('(prefers-reduced-motion: reduce)')
const lean = matchMedia('(prefers-reduced-data: reduce)')

/** When GIFs move for this reader, as it is now: at a tap only, while all are paused. */
export async function playNow(): Promise<Play> {
  if (document.querySelector('[data-act=gif-pause][aria-pressed=true]')) return 'tap'
  return new Wishes().play(around(await battery()))
}

/** Tells it now (the battery a moment later), and whenever it changes. */
export function watchSurroundings(changed: (now: Surroundings) => void): void {
  let known: Battery | undefined
  const tell = () => changed(around(known))
  for (const one of [still, lean, device.connection]) one?.addEventListener('change', tell)
  tell()
  void battery().then((found) => {
    if (!found) return
    known = found
    for (const event of ['chargingchange', 'levelchange']) found.addEventListener(event, tell)
    tell()
  })
}

function around(battery: Battery | undefined): Surroundings {
  return {
    reducedMotion: still.matches,
    savesData: lean.matches || device.connection?.saveData === true,
    lowBattery: battery !== undefined && !battery.charging && battery.level <= LOW_BATTERY,
  }
}

async function battery(): Promise<Battery | undefined> {
  return device.getBattery?.().catch(() => undefined)
}
