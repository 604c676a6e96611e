/** What the browser tells of the reader's body and device, as it is now. */

import type { Surroundings } from '../lib/playback'

/** As much of it, when it runs off the battery, is little. */
const LOW_BATTERY = 0.2

/** Not yet in every browser. */
interface Device extends Navigator {
  connection?: { saveData?: boolean }
  getBattery?: () => Promise<{ charging: boolean; level: number }>
}

export async function surroundings(): Promise<Surroundings> {
  const { connection, getBattery } = navigator as Device
  const battery = await getBattery?.call(navigator).catch(() => undefined)
  return {
    reducedMotion: matchMedia('(prefers-reduced-motion: reduce)').matches,
    savesData: connection?.saveData === true || matchMedia('(prefers-reduced-data: reduce)').matches,
    lowBattery: battery !== undefined && !battery.charging && battery.level <= LOW_BATTERY,
  }
}
