/** How a room is set, as its members know it: from a snapshot, then from the notices. */

import type { Notice, Preset, RoomInfo } from './wire'

export const PRESETS: readonly Preset[] = ['open', 'normal', 'strict']
/** Seconds between two messages of one person that are offered; 0 is off. The server takes 0 to 3600. */
export const SLOW_STEPS = [0, 5, 10, 30, 60, 300] as const
const MOST_SLOW = 3600

export type RoomState = Pick<RoomInfo, 'title' | 'max' | 'password' | 'locked' | 'slow' | 'preset' | 'raid'>

/** What a server does not say yet is as in a new room. */
export function stateOf(room: Partial<RoomInfo>): RoomState {
  const { title = '', max = 2, password = false, locked = false, slow = 0, preset = 'normal', raid = false } = room
  return { title, max, password, locked, slow, preset, raid }
}

/** The state after a notice; the same one when it says nothing about it. */
export function told(state: RoomState, { code, value = '' }: Pick<Notice, 'code' | 'value'>): RoomState {
  switch (code) {
    case 'title':
      return value ? { ...state, title: value } : state
    case 'limit':
      return isWhole(value, 2, Number.MAX_SAFE_INTEGER) ? { ...state, max: Number(value) } : state
    case 'password-set':
    case 'password-removed':
      return { ...state, password: code === 'password-set' }
    case 'locked':
    case 'unlocked':
      return { ...state, locked: code === 'locked' }
    case 'slow':
      return isWhole(value, 0, MOST_SLOW) ? { ...state, slow: Number(value) } : state
    case 'preset':
      return PRESETS.includes(value as Preset) ? { ...state, preset: value as Preset } : state
    case 'raid-on':
    case 'raid-off':
      return { ...state, raid: code === 'raid-on' }
    default:
      return state
  }
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
}
