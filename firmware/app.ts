/**
 * The panel: wires the parts together. A key press or a zone becomes an event, the event is kept in flash, sent over a
 * path, and kissed off by the receiver.
 */

import * as cellularPath from './cellular/cellular-path'
import * as clock from './clock'
import type { Config } from './config'
import { bytesOf, hexBytes } from './config'
import * as ethernetPath from './ethernet/ethernet-path'
import * as event from './event'
import type { Hal } from './hal'
import * as keypadMatrix from './io/keypad-matrix'
import * as lcd from './io/lcd'
import * as sounder from './io/sounder'
import * as zoneInputs from './io/zone-inputs'
import * as annunciator from './panel/annunciator'
import * as codes from './panel/codes'
import * as keypad from './panel/keypad'
import * as partition from './panel/partition'
import * as parts from './parts'
import * as dc09 from './report/dc09'
import * as journal from './store/journal'
import * as tones from './tones'
import * as dispatcher from './transmit/dispatcher'
import type { Target } from './transmit/path'
import * as queue from './transmit/queue'

/** All that can be seen and heard of a code comes this long after its last key, whatever it was (D-31). */
const REACTION_MS = 400
/** How long line 2 shows what came of a code. */
const NOTE_MS = 5000
/** Wrong entries before lockout, and its length (L-1, L-2). */
const WRONG_LIMIT = 5
const LOCKOUT_MS = 90000
/** The lockout doubles with each WRONG_LIMIT wrong entries more, up to 60 min with the seventh (L-2). */
const LOCKOUT_LIMIT_MS = 3600000
const WRONG_COUNT_LIMIT = 7 * WRONG_LIMIT
/** The journal is looked after this often. */
const UPKEEP_MS = 1000
/** Paths that want no turn before this long are at rest. */
const PATIENT_MS = 100
/** Seldom needed code is dropped this often. What is in use is made again at its next call, which costs some ms. */
const DROP_MS = 5000
/** Never; a plain number, so that it prints the same everywhere. */
const NEVER = Infinity

export interface App {
  hal: Hal
  config: Config
  codes: codes.Codes
  wall: clock.WallClock
  matrix: keypadMatrix.Keypad
  zones: zoneInputs.ZoneInputs
  lcd: lcd.Lcd
  sounder: sounder.Sounder
  keypad: keypad.Keypad
  partition: partition.Partition
  queue: queue.Queue
  dispatcher: dispatcher.Dispatcher
  /** When the outcome of the last code is shown; NEVER when none waits. */
  reactionAtMs: number
  /** What that will be: 1 accepted; state before the code; 1 refused because of lockout. */
  isAccepted: number
  stateBefore: number
  note: number
  noteUntilMs: number
  wrongCount: number
  lockedUntilMs: number
  matrixAtMs: number
  zonesAtMs: number
  lcdAtMs: number
  sounderAtMs: number
  dispatchAtMs: number
  upkeepAtMs: number
  dropAtMs: number
  showAtMs: number
  /** 1 while the paths are at rest, so that their turn may wait for the next look at the inputs. */
  isPatient: number
  /** The earliest of all deadlines but those of keypad and zones, and of those that cannot wait for these two. */
  restAtMs: number
  urgentAtMs: number
  names: string[]
}

/**
 * Starts a panel on its hardware: outputs safe first, then what the journal remembers, then everything else.
 * config has passed validate(). Never throws for what flash or chips do.
 */
export function create(hal: Hal, config: Config, table: codes.Codes): App {
  const pins = config.pins
  output(hal, pins.siren)
  output(hal, pins.light)
  const owed = queue.create(hal.flash, hal.crypto)
  const wall = clock.create()
  const zonePins: number[] = []
  const names: string[] = []
  const types = new Uint8Array(config.zones.length)
  for (let index = 0; index < config.zones.length; index++) {
    const zone = config.zones[index]
    zonePins.push(zone.pin)
    names.push(zone.name)
    types[index] = zone.type === 'instant' ? partition.INSTANT_ZONE : partition.ENTRY_EXIT_ZONE
  }
  const app: App = {
    hal,
    config,
    codes: table,
    wall,
    matrix: keypadMatrix.create(hal.pins, pins.rows, pins.columns),
    zones: zoneInputs.create(hal.pins, zonePins),
    lcd: lcd.create(hal.i2c, 0x27),
    sounder: sounder.create(hal.pins, pins.buzzer),
    keypad: keypad.create(config.codeLength),
    partition: partition.create(config.exitDelaySeconds * 1000, config.entryDelaySeconds * 1000, types),
    queue: owed,
    dispatcher: dispatcher.create(hal, owed, wall),
    reactionAtMs: NEVER,
    isAccepted: 0,
    stateBefore: 0,
    note: annunciator.NOTE_NONE,
    noteUntilMs: 0,
    wrongCount: 0,
    lockedUntilMs: 0,
    matrixAtMs: 0,
    zonesAtMs: 0,
    lcdAtMs: 0,
    sounderAtMs: 0,
    dispatchAtMs: 0,
    upkeepAtMs: 0,
    dropAtMs: DROP_MS,
    showAtMs: 0,
    isPatient: 0,
    restAtMs: 0,
    urgentAtMs: 0,
    names,
  }
  addPaths(app)
  resume(app)
  return app
}

/** An empty code table for this panel; secret and salt are made at provisioning. */
export function makeCodes(hal: Hal, secret: Uint8Array, salt: Uint8Array): codes.Codes {
  return codes.create(secret, salt, hal.random)
}

/** Puts a code into the table: slot 0-63, digits as typed, user 1-64 shown for it. Checks nothing. */
export function storeCode(
  table: codes.Codes,
  hal: Hal,
  slot: number,
  digits: string,
  user: number,
  isDuress: boolean,
): void {
  const pad = keypad.create(digits.length)
  for (let index = 0; index < digits.length; index++) keypad.press(pad, digits.charAt(index), 0)
  codes.store(table, hal.crypto, slot, pad.entry, user, isDuress)
  keypad.clear(pad)
}

/** The board's word that a keypad contact moved (hal.ts, wakeOn). True when poll() should come at once. */
export function wake(app: App): boolean {
  if (!keypadMatrix.wake(app.matrix)) return false
  app.matrixAtMs = 0
  return true
}

/** Moves the panel on. Returns when to call again, in ms of hal.clock. Call it earlier at any time. */
export function poll(app: App): number {
  const nowMs = app.hal.clock.nowMs()
  if (nowMs >= app.matrixAtMs) pollKeys(app, nowMs)
  if (nowMs >= app.zonesAtMs) pollZones(app, nowMs)
  if (nowMs >= app.restAtMs) pollRest(app, nowMs)
  const inputsAtMs = app.matrixAtMs < app.zonesAtMs ? app.matrixAtMs : app.zonesAtMs
  return inputsAtMs < app.urgentAtMs ? inputsAtMs : app.urgentAtMs
}

/** All but the inputs: keypad and zones come 10 times a second, or 100, and must cost little while nothing happens. */
function pollRest(app: App, nowMs: number): void {
  if (keypad.expire(app.keypad, nowMs)) app.showAtMs = nowMs
  if (nowMs >= partition.deadline(app.partition)) pollPartition(app, nowMs)
  if (nowMs >= app.reactionAtMs) react(app, nowMs)
  if (nowMs >= app.showAtMs && app.reactionAtMs === NEVER) show(app, nowMs)
  if (nowMs >= app.sounderAtMs) app.sounderAtMs = sounder.poll(app.sounder, nowMs)
  if (nowMs >= app.lcdAtMs) app.lcdAtMs = lcd.poll(app.lcd, nowMs)
  if (nowMs >= app.dispatchAtMs && mayDispatch(app, nowMs)) {
    app.dispatchAtMs = dispatcher.poll(app.dispatcher, nowMs)
    app.isPatient = app.dispatchAtMs >= nowMs + PATIENT_MS ? 1 : 0
  }
  if (nowMs >= app.upkeepAtMs) upkeep(app, nowMs)
  setDeadlines(app, nowMs)
}

/** Where the paths stand, primary first: 0 down, 1 ready, 2 opening, 3 open (path.ts). */
export function pathState(app: App, index: number): number {
  return app.dispatcher.lanes[index].path.state
}

/**
 * When the first of what pollRest() looks after is due. What people see and hear has its exact time; paths at rest and
 * the upkeep can wait for the next look at the inputs, which saves a third of the passes of an idle panel.
 */
function setDeadlines(app: App, nowMs: number): void {
  let next = app.reactionAtMs
  if (app.sounderAtMs < next) next = app.sounderAtMs
  if (app.lcdAtMs < next) next = app.lcdAtMs
  const endMs = partition.deadline(app.partition)
  if (endMs < next) next = endMs
  const expiryMs = keypad.deadline(app.keypad)
  if (expiryMs < next) next = expiryMs
  let restMs = app.upkeepAtMs
  if (restMs <= nowMs) next = restMs // the journal has more to do
  if (app.reactionAtMs === NEVER) {
    if (app.showAtMs < next) next = app.showAtMs
    if (app.isPatient === 0 && app.dispatchAtMs < next) next = app.dispatchAtMs
    if (app.dispatchAtMs < restMs) restMs = app.dispatchAtMs
  }
  app.urgentAtMs = next
  app.restAtMs = restMs < next ? restMs : next
}

/**
 * Paths stand still from a code until its answer has been shown: what they have to do differs under duress, and must
 * neither delay the answer nor come before it (D-32, D-33). That is less than half of the second that D-13 allows.
 */
function mayDispatch(app: App, nowMs: number): boolean {
  return app.reactionAtMs === NEVER && app.lcdAtMs > nowMs
}

function output(hal: Hal, pin: number): void {
  hal.pins.write(pin, 0)
  hal.pins.mode(pin, 'output')
}

function addPaths(app: App): void {
  const config = app.config
  const targets: Target[] = [{ host: config.receiver, port: config.port, isUdp: 0 }]
  const ethernet = ethernetPath.create(app.hal, {
    macAddress: bytesOf(config.ethernet.mac, ':', 16, 6),
    isDynamic: 0,
    address: bytesOf(config.ethernet.address, '.', 10, 4),
    mask: bytesOf(config.ethernet.mask, '.', 10, 4),
    gateway: bytesOf(config.ethernet.gateway, '.', 10, 4),
    dnsServers: [],
    timeServer: '',
    targets,
    resetPin: config.pins.w5500Reset,
  })
  const cellular = cellularPath.create(app.hal, {
    apn: config.cellular.apn,
    simPin: config.cellular.simPin,
    targets,
    powerKeyPin: config.pins.modemPowerKey,
    supplyPin: config.pins.modemSupply,
    statusPin: config.pins.modemStatus,
    smsNumber: '',
  })
  dispatcher.addLane(app.dispatcher, ethernet, link(app))
  dispatcher.addLane(app.dispatcher, cellular, link(app))
}

function link(app: App): dc09.Link {
  const key = hexBytes(app.config.key)
  return dc09.create(app.config.account, key, 'R0', 'L0', app.hal.crypto, app.hal.random)
}

/** Takes up what the journal remembers (P-2, P-4); a restart is an event of its own (P-7). */
function resume(app: App): void {
  const j = app.queue.journal
  const p = app.partition
  const nowMs = app.hal.clock.nowMs()
  if (journal.isNew(j)) return
  app.wrongCount = journal.wrongCount(j)
  if (isLockoutDue(app)) lock(app, nowMs) // from its start: nobody knows how much of it had passed (L-8)
  const isArmedNow = partition.resume(p, journal.state(j), journal.user(j), nowMs)
  const kind = p.kind
  keep(app, event.SYSTEM_RESET, event.NEW, 0)
  if (isArmedNow) keep(app, kind, p.qualifier, p.number)
}

function pollKeys(app: App, nowMs: number): void {
  app.matrixAtMs = keypadMatrix.poll(app.matrix, nowMs)
  // Keys wait until the last code was answered.
  if (app.matrix.keys !== '' && app.reactionAtMs === NEVER) keyPressed(app, keypadMatrix.take(app.matrix), nowMs)
}

/**
 * One debounced key: '0'-'9', '*', '#', 'A'-'D'. When it completes a code, the events are in the journal and in the queue
 * on return. Public, because this is what the proofs of sameness count.
 */
export function keyPressed(app: App, key: string, nowMs: number): void {
  const isLocked = nowMs < app.lockedUntilMs
  app.restAtMs = nowMs // whatever the key does has to be seen to in this pass
  setNote(app, isLocked ? annunciator.NOTE_LOCKED : annunciator.NOTE_NONE, app.lockedUntilMs)
  sounder.play(app.sounder, isLocked ? tones.REJECTED : tones.KEY, nowMs) // L-4
  app.sounderAtMs = nowMs
  const outcome = keypad.press(app.keypad, key, nowMs)
  if (outcome === keypad.SUBMITTED) {
    // Its last star; then nothing moves until react().
    if (!isLocked) lcd.show(app.lcd, 1, annunciator.entryText(app.keypad.count))
    app.lcdAtMs = nowMs
    commit(app, nowMs)
  }
  if (outcome === keypad.ARM_AWAY) armAway(app, nowMs)
  refresh(app, nowMs)
}

/**
 * The commit path (D-30): one hash, the whole table, both events into one record of fixed size, one write. The same
 * steps for a user code, a duress code and a wrong one; nothing here may branch on which it was. What people see of it
 * comes in react(), at a fixed time.
 */
function commit(app: App, nowMs: number): void {
  const c = app.codes
  const p = app.partition
  const j = app.queue.journal
  queue.tidy(app.queue) // room for two more
  codes.match(c, app.hal.crypto, app.keypad.entry)
  keypad.clear(app.keypad)
  // While locked nothing is accepted, but duress is still reported (D-22, L-4).
  const isOpen = nowMs < app.lockedUntilMs ? 0 : 1
  app.isAccepted = c.found * isOpen
  app.stateBefore = p.state
  partition.codeEntered(p, app.isAccepted, c.duress, c.user)
  // A wrong entry counts one; an accepted one clears the count; neither does while locked (L-4, D-16, D-22).
  app.wrongCount = (app.wrongCount + 1 - c.found) * (1 - app.isAccepted) * isOpen + app.wrongCount * (1 - isOpen)
  const seconds = clock.utcSeconds(app.wall, app.hal.clock)
  const duressKind = event.NONE + (event.DURESS - event.NONE) * c.duress
  journal.begin(j)
  journal.setState(j, partition.stateByte(p), partition.numberByte(p), app.wrongCount)
  journal.put(j, 0, c.duress, duressKind, event.NEW, app.config.partition, c.slot, seconds)
  journal.put(j, 1, event.counts(p.kind), p.kind, p.qualifier, app.config.partition, p.number, seconds)
  const location = journal.commit(j)
  queue.push(app.queue, location, duressKind)
  queue.push(app.queue, location + 1, p.kind)
  app.reactionAtMs = nowMs + REACTION_MS
  send(app, nowMs)
}

/** What can be seen and heard of a code, at its fixed time (D-31). */
function react(app: App, nowMs: number): void {
  const enteredMs = app.reactionAtMs - REACTION_MS
  app.reactionAtMs = NEVER
  if (app.isAccepted === 1) {
    sounder.play(app.sounder, tones.ACCEPTED, nowMs)
    if (app.stateBefore === partition.DISARMED) {
      app.keypad.isAllowed = 1
      app.keypad.untilMs = nowMs + NOTE_MS * 2
      setNote(app, annunciator.NOTE_MODE, nowMs + NOTE_MS * 2)
    } else setNote(app, annunciator.NOTE_DISARMED, nowMs + NOTE_MS)
  } else {
    sounder.play(app.sounder, tones.REJECTED, nowMs)
    if (enteredMs < app.lockedUntilMs) setNote(app, annunciator.NOTE_LOCKED, app.lockedUntilMs)
    else if (isLockoutDue(app)) lock(app, nowMs)
    else setNote(app, annunciator.NOTE_REFUSED, nowMs + NOTE_MS)
  }
  show(app, nowMs)
}

/** True at each WRONG_LIMIT wrong entries in a row; the journal has the count, so a power cut clears nothing (L-8). */
function isLockoutDue(app: App): boolean {
  return app.wrongCount > 0 && app.wrongCount % WRONG_LIMIT === 0
}

function lock(app: App, nowMs: number): void {
  if (app.wrongCount > WRONG_COUNT_LIMIT) app.wrongCount = WRONG_COUNT_LIMIT // it is kept in a byte
  const lockoutMs = LOCKOUT_MS << (app.wrongCount / WRONG_LIMIT - 1)
  app.lockedUntilMs = nowMs + (lockoutMs < LOCKOUT_LIMIT_MS ? lockoutMs : LOCKOUT_LIMIT_MS)
  setNote(app, annunciator.NOTE_LOCKED, app.lockedUntilMs)
}

/** Arms away when every zone is secure; else refuses and shows the first that is not. */
function armAway(app: App, nowMs: number): void {
  const p = app.partition
  if (openZone(app) >= 0) {
    sounder.play(app.sounder, tones.NOT_READY, nowMs)
    setNote(app, annunciator.NOTE_NOT_READY, nowMs + NOTE_MS)
    return
  }
  partition.armAway(p, nowMs)
  setNote(app, annunciator.NOTE_NONE, 0)
  keep(app, p.kind, p.qualifier, p.number) // stored before it counts
}

function pollZones(app: App, nowMs: number): void {
  app.zonesAtMs = zoneInputs.poll(app.zones, nowMs)
  for (let change = zoneInputs.take(app.zones); change >= 0; change = zoneInputs.take(app.zones)) {
    const p = app.partition
    if ((change & 1) === 1 && partition.zoneOpened(p, change >> 1, nowMs)) keep(app, p.kind, p.qualifier, p.number)
    refresh(app, nowMs)
  }
}

function pollPartition(app: App, nowMs: number): void {
  const p = app.partition
  if (!partition.poll(p, nowMs)) return
  keep(app, p.kind, p.qualifier, p.number)
  refresh(app, nowMs)
  if (p.state !== partition.ARMED) return
  // Zones that are open now count as opened now: an entry zone starts the entry delay (A-25 in short, P-3).
  for (let zone = 0; zone < app.names.length; zone++) {
    if (!zoneInputs.isOpen(app.zones, zone) || !partition.zoneOpened(p, zone, nowMs)) continue
    keep(app, p.kind, p.qualifier, p.number)
  }
}

/** Writes the state and one event (or none) and starts sending. */
function keep(app: App, kind: number, qualifier: number, number: number): void {
  const j = app.queue.journal
  const p = app.partition
  journal.begin(j)
  journal.setState(j, partition.stateByte(p), partition.numberByte(p), app.wrongCount)
  journal.put(
    j,
    0,
    event.counts(kind),
    kind,
    qualifier,
    app.config.partition,
    number,
    clock.utcSeconds(app.wall, app.hal.clock),
  )
  queue.push(app.queue, journal.commit(j), kind)
  queue.tidy(app.queue)
  send(app, app.hal.clock.nowMs())
}

function send(app: App, nowMs: number): void {
  dispatcher.wake(app.dispatcher)
  app.dispatchAtMs = nowMs
  app.isPatient = 0
}

/** First zone that is not secure, -1 when all are. */
function openZone(app: App): number {
  if (app.zones.openCount === 0) return -1
  for (let index = 0; index < app.names.length; index++) if (zoneInputs.isOpen(app.zones, index)) return index
  return -1
}

function setNote(app: App, note: number, untilMs: number): void {
  app.note = note
  app.noteUntilMs = untilMs
}

/** Has siren, light, tone and text brought up to date in this pass, unless a code is waiting for its answer. */
function refresh(app: App, nowMs: number): void {
  app.restAtMs = nowMs
  app.showAtMs = nowMs
}

/** Brings everything visible up to date; nothing before the answer to a code, so that it comes all at once. */
function show(app: App, nowMs: number): void {
  const p = app.partition
  const pins = app.config.pins
  if (app.note !== annunciator.NOTE_NONE && nowMs >= app.noteUntilMs) setNote(app, annunciator.NOTE_NONE, 0)
  app.hal.pins.write(pins.siren, annunciator.siren(p))
  app.hal.pins.write(pins.light, annunciator.light(p))
  sounder.base(app.sounder, annunciator.tone(p, app.keypad.count > 0, nowMs), nowMs)
  const zone = openZone(app)
  const utc = clock.utcSeconds(app.wall, app.hal.clock)
  const time = clock.hhmm(utc, app.config.utcOffsetMinutes)
  lcd.show(app.lcd, 0, annunciator.line1(p, app.note, zone, time, nowMs))
  lcd.show(app.lcd, 1, annunciator.line2(p, app.note, zone, app.keypad.count, app.names))
  app.sounderAtMs = nowMs
  app.lcdAtMs = nowMs
  app.showAtMs = nextChange(app, nowMs, utc)
}

/** When the text or tone changes by itself: each second of a delay, the end of a note, the next minute. */
function nextChange(app: App, nowMs: number, utc: number): number {
  const p = app.partition
  let next = nowMs + (60 - (utc % 60)) * 1000
  if (p.state === partition.EXIT || p.state === partition.ENTRY) {
    const leftMs = (p.untilMs - nowMs) % 1000
    next = nowMs + (leftMs > 0 ? leftMs : 1000)
  }
  return app.note !== annunciator.NOTE_NONE && app.noteUntilMs < next ? app.noteUntilMs : next
}

/** Between codes: room in the journal, and what an overfull queue left there. */
function upkeep(app: App, nowMs: number): void {
  app.upkeepAtMs = nowMs + UPKEEP_MS
  if (app.reactionAtMs !== NEVER) return
  if (nowMs >= app.dropAtMs) {
    app.dropAtMs = nowMs + DROP_MS
    parts.drop()
  }
  queue.tidy(app.queue) // places of events that were none; not in react(), whose steps must not tell
  const isBusy = journal.maintain(app.queue.journal, (from, to) => queue.moved(app.queue, from, to))
  if (isBusy) app.upkeepAtMs = nowMs
}
