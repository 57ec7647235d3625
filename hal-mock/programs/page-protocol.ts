/**
 * What the page and the bench tell each other, as types and a few constants; the page is built with this file, so it imports
 * nothing. What the page may ask for is checked in page-messages.ts.
 */

/** 0: time stands still. */
export type Speed = 0 | 1 | 60 | 'max'

/** Lanes of the timeline, from the top. */
export const LANES = [
  'text',
  'light',
  'buzzer',
  'siren',
  'power',
  'hands',
  'world',
  'ethernet path',
  'cellular path',
  'ethernet',
  'cellular',
  'modem AT',
  'W5500',
  'modem',
  'flash',
  'station',
  'receiver',
] as const
export type Lane = (typeof LANES)[number]

/** One thing on the timeline: id, virtual ms, place in LANES, words, and flags. */
export type Mark = [id: number, atMs: number, lane: number, what: string, flags: number]
/** Bytes can be asked for. */
export const HAS_BYTES = 1
/** From the panel outwards. */
export const IS_UP = 2

/** An event at the station. */
export interface Heard {
  atMs: number
  /** '1121 01 003' */
  text: string
  name: string
  via: string
  isPriority: boolean
  isCopy: boolean
  isEncrypted: boolean
  account: string
  code: string
  partition: number
  number: number
  /** From the hand that caused it until the station had it; -1 when none did. */
  afterMs: number
}

export interface PathView {
  name: 'ethernet' | 'cellular'
  /** As the firmware sees it; '' without power. */
  state: string
  isLinked: boolean
  isBroken: boolean
  lossPercent: number
  delayMs: number
  figures: string
}

export interface ZoneView {
  name: string
  isOpen: boolean
  /** Of a loop with resistors, by what was done to it last: whole, cut, short, tampered or resistor; '' for a bare contact. */
  loop: string
  /** Of its last resistor, and what a meter reads at the terminals; 0 for a bare contact. */
  endOhms: number
  ohms: number
  /** What the panel has measured there; undefined without one that is measured, and without power. */
  reading: LoopReading | undefined
}

/** For whoever stands there with a screwdriver. */
export interface LoopReading {
  /** '4.7 k\u2126', 'open' */
  ohms: string
  /** 'secure' to 'masked', or 'between bands' */
  band: string
  /** To the nearest limit of that band; undefined in one that has none. */
  marginPercent: number | undefined
  /** A sentence; '' when all is well. */
  advice: string
}

/** What the page shows of this moment. */
export interface View {
  nowMs: number
  /** Until when the run is known: behind nowMs after going back. */
  endMs: number
  /** HH:MM:SS, UTC. */
  time: string
  speed: Speed
  isStepping: boolean
  seed: number
  panel: string[]
  /** Where a live station listens; '' in virtual time. */
  place: string
  isPowered: boolean
  display: string[]
  isLit: boolean
  isSiren: boolean
  isBuzzer: boolean
  zones: ZoneView[]
  /** What the panel finds wrong with the wires of its first keypad; '' when nothing. */
  keypadAdvice: string
  hasSupply: boolean
  isMains: boolean
  batteryVolts: number
  hasBox: boolean
  isBoxOpen: boolean
  sirenLoop: string
  paths: PathView[]
  sim: string
  isModemSilent: boolean
  receiver: string
  receiverClockSeconds: number
  isReceiverKeyWrong: boolean
  /** Flash operations until the supply goes; 0 for none set. */
  cutAtOperation: number
  flashOperations: number
  hint: string
  /** The three steps of the newcomer's story, done or not. */
  steps: boolean[]
  heardCount: number
  heard: Heard[]
  /** Inputs that come again when time runs on from here. */
  laterCount: number
  snapshots: { name: string; atMs: number }[]
  /** How long the last way to a moment took, in real ms; -1 before the first. */
  wentMs: number
  posts: number
  parked: number
}

export interface StoryLine {
  line: number
  text: string
  atMs: number
  isExpectation: boolean
  /** What was found instead; '' when it held. */
  found: string
  failedAtMs: number
}

export interface StoryView {
  name: string
  title: string
  passed: number
  failed: number
  endMs: number
  ranPastLimit: boolean
  lines: StoryLine[]
}

/** Bytes in words. */
export interface Decoded {
  title: string
  rows: [name: string, value: string][]
  hex: string
}

export interface TwinRow {
  atMs: number
  rank: string
  left: string
  right: string
  isSame: boolean
}

export interface TwinView {
  fromMs: number
  untilMs: number
  /** By rank: lines of either run, and what differs first; '' when nothing does. */
  ranks: { rank: string; count: number; difference: string }[]
  rows: TwinRow[]
  /** Encrypted frames whose ciphertext differs, of how many. */
  ciphers: { atMs: number; via: string; left: string; right: string; isSame: boolean }[]
  station: [left: string[], right: string[]]
}

export type ToPage =
  | {
      type: 'hello'
      codes: { name: string; digits: string }[]
      stories: { name: string; title: string }[]
      panelWords: string[]
      lanes: string[]
    }
  | { type: 'view'; view: View }
  /** Marks from fromId on replace what the page has from there. firstId: what is older is forgotten. */
  | { type: 'marks'; firstId: number; fromId: number; marks: Mark[] }
  | { type: 'bytes'; id: number; decoded: Decoded }
  | {
      type: 'wires'
      fromMs: number
      untilMs: number
      pins: [atMs: number, name: string, level: number][]
      spi: [atMs: number, words: string, hex: string][]
      isCut: boolean
    }
  | { type: 'twins'; twins: TwinView }
  | { type: 'story'; story: StoryView | undefined }
  | { type: 'problem'; text: string }
