/** Which GIFs move: what the reader wishes, what is good for them and their device, and how many at once. */

import { Shelf } from './shelf'

/** By themselves, under the pointer (or the focus), or when they are pressed. */
export type Play = 'always' | 'hover' | 'tap'

/** What a browser tells of the reader's body and device. */
export interface Surroundings {
  reducedMotion: boolean
  savesData: boolean
  lowBattery: boolean
}

/** Rounds after which a GIF rests, when the reader wants an end. */
export const LAST_LOOP = 3
/** So many move at once: on a touch screen, and elsewhere. */
export const MOST_ON_TOUCH = 4
export const MOST = 8

/** Unless the reader has chosen. */
export function usual({ reducedMotion, savesData, lowBattery }: Surroundings): Play {
  return reducedMotion || savesData || lowBattery ? 'tap' : 'always'
}

/** The reader's own choices, kept on the device for all rooms. */
export class Wishes {
  private readonly shelves: { play: Shelf; loops: Shelf }
  private chosen: Play | undefined
  /** GIFs go round for ever, else `LAST_LOOP` times. */
  endless: boolean

  constructor(storage: ConstructorParameters<typeof Shelf>[1] = () => localStorage) {
    this.shelves = { play: new Shelf('gif-play', storage), loops: new Shelf('gif-loops', storage) }
    const play = this.shelves.play.get()
    if (play === 'always' || play === 'hover' || play === 'tap') this.chosen = play
    this.endless = this.shelves.loops.get() !== String(LAST_LOOP)
  }

  play(around: Surroundings): Play {
    return this.chosen ?? usual(around)
  }

  /** The one after `now`; without a pointer that hovers there is no `hover`. */
  next(now: Play, hovers: boolean): void {
    this.chosen = ({ always: hovers ? 'hover' : 'tap', hover: 'tap', tap: 'always' } as const)[now]
    this.shelves.play.put(this.chosen)
  }

  switchLoops(): void {
    this.endless = !this.endless
    this.shelves.loops.put(this.endless ? '' : String(LAST_LOOP))
  }
}

/** A GIF on the page, as far as that matters here. */
export interface Moving {
  /** Some of it is in sight, and stayed there for a moment. */
  inSight: boolean
  /** From its middle to the middle of the window, in pixels. */
  distance: number
  /** Marked by the server: flashes more than three times a second over a large area. */
  flashes: boolean
  /** What the reader pressed. */
  asked: 'play' | 'pause' | undefined
  hovered: boolean
  /** It has gone round as often as the reader wants. */
  ended: boolean
}

export interface Rule {
  play: Play
  most: number
  /** The tab can be seen. */
  looking: boolean
  /** The reader paused all; what they press afterwards moves. */
  allPaused: boolean
}

/** Those that move now: what was pressed comes first, then what is nearest to the middle. */
export function playing<M extends Moving>(all: Iterable<M>, rule: Rule): Set<M> {
  if (!rule.looking) return new Set()
  const may = [...all].filter((one) => one.inSight && wanted(one, rule))
  may.sort((a, b) => Number(b.asked === 'play') - Number(a.asked === 'play') || a.distance - b.distance)
  return new Set(may.slice(0, rule.most))
}

function wanted({ asked, flashes, ended, hovered }: Moving, { play, allPaused }: Rule): boolean {
  if (asked || flashes) return asked === 'play'
  if (ended || allPaused) return false
  return play === 'always' || (play === 'hover' && hovered)
}
