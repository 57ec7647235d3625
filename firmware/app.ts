/**
 * The panel: wires the parts together. A key press or a zone becomes an event, the event is kept in flash, sent over a
 * path, and kissed off by the receiver.
 */

import * as cellularPath from './cellular/cellular-path'
import * as clock from './clock'
import type { Config, ReceiverConfig } from './config'
import { bytesOf, categoryOf, groupsOf, keyBytes } from './config'
import * as ethernetPath from './ethernet/ethernet-path'
import * as event from './event'
import type { Clock, Hal, Pins } from './hal'
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
import * as figures from './store/figures'
import * as journal from './store/journal'
import * as tones from './tones'
import * as dispatcher from './transmit/dispatcher'
import * as lanes from './transmit/lanes'
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
/** An hour of the periodic test, S-10. */
const HOUR_MS = 3600000
/** Places for receivers of a lane in the figures. */
const RECEIVERS = figures.ATPS / 2
/** In the journal's state byte: what the station knows of the paths (dispatcher.conditions); above the wrong-code count. */
const TOLD_BIT = 4
const LOSS_BIT = 7
/** While a code waits for its answer, code that sends is made, one part at a time, and not in the last moments. */
const WARM_MS = 30
const WARM_END_MS = 200
/** Never; a plain number, so that it prints the same everywhere. */
const NEVER = Infinity

export interface App {
  // What an idle pass reads comes first: a record is searched from its first property on.
  clock: Clock
  pins: Pins
  /** The next look at keypad and zones. */
  inputsAtMs: number
  /** Columns and zones, zone 0 last; what they read while nothing happens, -1 while something does; how long to wait then. */
  inputs: number[]
  restingWord: number
  restingMs: number
  /** The earliest of all deadlines but those of keypad and zones, and of those that cannot wait for these two. */
  restAtMs: number
  urgentAtMs: number
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
  /** What the station was told of dispatcher.conditions. */
  told: number
  /** Events of queue.lostCount that were noticed, and 1 while the station has to be told. */
  lostTold: number
  isLossDue: number
  /** When the next test report of the paths is due (S-10). */
  testAtMs: number
  /** Sequence number of the last event that a text message told of, 0 none. */
  smsSequence: number
  /** When the outcome of the last code is shown; NEVER when none waits. */
  reactionAtMs: number
  /** What that will be: 1 accepted; state before the code; 1 refused because of lockout. */
  isAccepted: number
  stateBefore: number
  note: number
  noteUntilMs: number
  wrongCount: number
  lockedUntilMs: number
  /** When the next part of what sends is made; NEVER when all are there. */
  warmAtMs: number
  warmStep: number
  matrixAtMs: number
  zonesAtMs: number
  lcdAtMs: number
  sounderAtMs: number
  dispatchAtMs: number
  upkeepAtMs: number
  showAtMs: number
  /** 1 while the paths are at rest, so that their turn may wait for the next look at the inputs. */
  isPatient: number
  names: string[]
  cellular: cellularPath.CellularPath
  /** When what is counted of the paths is kept next (store/figures.ts). */
  figuresAtMs: number
  /** 1 while the station was told that the radio is jammed. */
  isJammed: number
}

/**
 * Starts a panel on its hardware: outputs safe first, then what the journal remembers, then everything else.
 * config has passed validate(). Never throws for what flash or chips do.
 */
export function create(hal: Hal, config: Config, table: codes.Codes): App {
  const pins = config.pins
  output(hal, pins.siren, pins.sirenRest)
  output(hal, pins.light, 0)
  const stations = receiversOf(config)
  const owed = queue.create(hal.flash, hal.crypto, stations.takers, stations.lanes)
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
    clock: hal.clock,
    pins: hal.pins,
    inputsAtMs: 0,
    inputs: pins.columns.concat(zonePins.slice().reverse()),
    restingWord: -1,
    restingMs: 0,
    restAtMs: 0,
    urgentAtMs: 0,
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
    dispatcher: dispatcher.create(hal, owed, wall, categoryOf(config.category), stations.lanes[0] === 2 ? 1 : 0),
    told: 0,
    lostTold: 0,
    isLossDue: 0,
    testAtMs: firstTest(hal, config),
    smsSequence: 0,
    reactionAtMs: NEVER,
    isAccepted: 0,
    stateBefore: 0,
    note: annunciator.NOTE_NONE,
    noteUntilMs: 0,
    wrongCount: 0,
    lockedUntilMs: 0,
    warmAtMs: NEVER,
    warmStep: 0,
    matrixAtMs: 0,
    zonesAtMs: 0,
    lcdAtMs: 0,
    sounderAtMs: 0,
    dispatchAtMs: 0,
    upkeepAtMs: 0,
    showAtMs: 0,
    isPatient: 0,
    names,
    cellular: createCellular(hal, config),
    figuresAtMs: HOUR_MS,
    isJammed: 0,
  }
  app.restingMs = app.matrix.idleMs // never longer than the zones' 95 ms
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
  app.inputsAtMs = 0
  app.restingWord = -1
  return true
}

/** Moves the panel on. Returns when to call again, in ms of hal.clock. Call it earlier at any time. */
export function poll(app: App): number {
  const nowMs = app.clock.nowMs()
  if (nowMs >= app.inputsAtMs) {
    if (app.restingWord >= 0 && app.restingWord === app.pins.read(app.inputs)) app.inputsAtMs = nowMs + app.restingMs
    else pollInputs(app, nowMs)
  }
  if (nowMs >= app.restAtMs) pollRest(app, nowMs)
  return app.inputsAtMs < app.urgentAtMs ? app.inputsAtMs : app.urgentAtMs
}

/** Keypad and zones each at their own pace; when all of them rest, one reading of all their pins tells so from then on. */
function pollInputs(app: App, nowMs: number): void {
  if (nowMs >= app.matrixAtMs) pollKeys(app, nowMs)
  if (nowMs >= app.zonesAtMs) pollZones(app, nowMs)
  app.inputsAtMs = app.matrixAtMs < app.zonesAtMs ? app.matrixAtMs : app.zonesAtMs
  app.restingWord = -1
  if (!keypadMatrix.isAtRest(app.matrix) || app.matrix.keys !== '') return
  const word = zoneInputs.restingWord(app.zones)
  if (word < 0) return
  app.restingWord = (app.matrix.mask << app.names.length) | word
}

/** All but the inputs: keypad and zones come 10 times a second, or 100, and must cost little while nothing happens. */
function pollRest(app: App, nowMs: number): void {
  if (keypad.expire(app.keypad, nowMs)) app.showAtMs = nowMs
  if (nowMs >= partition.deadline(app.partition)) pollPartition(app, nowMs)
  if (nowMs >= app.warmAtMs) warm(app, nowMs)
  if (nowMs >= app.reactionAtMs) react(app, nowMs)
  if (nowMs >= app.showAtMs && app.reactionAtMs === NEVER) show(app, nowMs)
  if (nowMs >= app.sounderAtMs) app.sounderAtMs = sounder.poll(app.sounder, nowMs)
  if (nowMs >= app.lcdAtMs) app.lcdAtMs = lcd.poll(app.lcd, nowMs)
  if (nowMs >= app.dispatchAtMs && mayDispatch(app, nowMs)) {
    // A pass that builds a frame is long enough for a key to get lost in: a null message waits for the fingers.
    const typingMs = app.queue.count === 0 ? keypad.typingUntil(app.keypad) : 0
    app.dispatchAtMs = nowMs < typingMs ? typingMs : dispatcher.poll(app.dispatcher, nowMs)
    if (app.dispatcher.conditions !== app.told) tell(app)
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
 * What was counted on a path to the station, over restarts: messages kissed off, mean ms from handing over to the kiss-off,
 * and the share of the time in which the path was not lost, 0 to 1. For a PC's screen: a board's program leaves it out.
 */
export function pathFigures(app: App, index: number): number[] {
  const a = app.dispatcher.lanes[index].atps[0]
  if (a === undefined) return [0, 0, 1]
  lanes.count(a, app.hal.clock.nowMs())
  const f = a.figures
  const sent = f[lanes.Figure.SENT]
  const watched = f[lanes.Figure.WATCHED_SECONDS] || 1
  return [sent, f[lanes.Figure.SUM_MS] / (sent || 1), 1 - f[lanes.Figure.LOST_SECONDS] / watched]
}

/**
 * When the first of what pollRest() looks after is due. What people see and hear has its exact time; paths at rest and
 * the upkeep can wait for the next look at the inputs, which saves a third of the passes of an idle panel.
 */
function setDeadlines(app: App, nowMs: number): void {
  let next = app.reactionAtMs < app.warmAtMs ? app.reactionAtMs : app.warmAtMs
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

function output(hal: Hal, pin: number, level: number): void {
  hal.pins.write(pin, level)
  hal.pins.mode(pin, 'output')
}

/** Destinations of each group of events, and lanes of each destination, a bit each (transmit/queue.ts). */
function receiversOf(config: Config): { takers: Uint8Array; lanes: Uint8Array } {
  const takers = new Uint8Array(event.GROUP_COUNT)
  const laneBits: number[] = []
  for (let index = 0; index < config.receivers.length; index++) {
    const r = config.receivers[index]
    const lane = r.paths === 'both' ? 3 : r.paths === 'ethernet' ? 1 : 2
    if (r.isBackup) {
      laneBits[laneBits.length - 1] |= lane
      continue
    }
    const groups = groupsOf(r.events) | (r.isMonitoring ? 1 : 0)
    for (let group = 0; group < event.GROUP_COUNT; group++) {
      takers[group] |= ((groups >> group) & 1) << laneBits.length
    }
    laneBits.push(lane)
  }
  return { takers, lanes: new Uint8Array(laneBits) }
}

function targetsOf(config: Config): Target[] {
  const targets: Target[] = []
  for (let index = 0; index < config.receivers.length; index++) {
    const r = config.receivers[index]
    targets.push({ host: r.host, port: r.port, isUdp: r.protocol === 'udp' ? 1 : 0 })
  }
  return targets
}

function createCellular(hal: Hal, config: Config): cellularPath.CellularPath {
  return cellularPath.create(hal, {
    apn: config.cellular.apn,
    simPin: config.cellular.simPin,
    targets: targetsOf(config),
    powerKeyPin: config.pins.modemPowerKey,
    supplyPin: config.pins.modemSupply,
    statusPin: config.pins.modemStatus,
    smsNumber: config.cellular.smsNumber,
  })
}

function addPaths(app: App): void {
  const config = app.config
  const e = config.ethernet
  const dnsServers: number[][] = []
  for (let index = 0; index < e.dnsServers.length; index++) dnsServers.push(bytesOf(e.dnsServers[index], '.', 10, 4))
  const ethernet = ethernetPath.create(app.hal, {
    macAddress: bytesOf(e.mac, ':', 16, 6),
    isDynamic: e.isDynamic ? 1 : 0,
    address: bytesOf(e.address, '.', 10, 4),
    mask: bytesOf(e.mask, '.', 10, 4),
    gateway: bytesOf(e.gateway, '.', 10, 4),
    dnsServers,
    timeServer: e.timeServer,
    targets: app.cellular.settings.targets,
    resetPin: config.pins.w5500Reset,
  })
  const counted = figures.load(app.hal.flash, app.hal.crypto)
  addAtps(app, dispatcher.addLane(app.dispatcher, ethernet), counted)
  addAtps(app, dispatcher.addLane(app.dispatcher, app.cellular), counted)
}

/** Every receiver that this path leads to. counted: store/figures.ts. */
function addAtps(app: App, lane: lanes.Lane, counted: Uint32Array): void {
  const receivers = app.config.receivers
  let destination = -1
  for (let index = 0; index < receivers.length; index++) {
    const r = receivers[index]
    if (!r.isBackup) destination++
    const isHere = r.paths === 'both' || r.paths === (lane.index === 0 ? 'ethernet' : 'cellular')
    const at = (lane.index * RECEIVERS + index) * figures.FIGURE_COUNT
    const words = new Uint32Array(counted.subarray(at, at + figures.FIGURE_COUNT))
    const [isPolled, hasTime] = [r.isPolled ? 1 : 0, r.hasEventTime ? 1 : 0]
    lane.atps.push(isHere ? lanes.atp(index, destination, link(app, r), isPolled, hasTime, words) : undefined)
  }
}

/** 64 bytes hold an event with its own time for accounts up to six digits, 80 for all (dc09.Link.padBytes). */
function link(app: App, r: ReceiverConfig): dc09.Link {
  const made = dc09.create(r.account, keyBytes(r.key), 'R0', 'L0', app.hal.crypto, app.hal.random)
  if (r.isPadded) made.padBytes = r.account.length > 6 ? 80 : 64
  return made
}

/** At a moment of its own for each panel and start, so that a station does not get all tests at once (S-10). */
function firstTest(hal: Hal, config: Config): number {
  const chance = new Uint8Array(2)
  hal.random.fill(chance)
  const share = ((chance[0] << 8) | chance[1]) / 65536
  return config.testHours === 0 ? NEVER : share * config.testHours * HOUR_MS
}

/** Takes up what the journal remembers (P-2, P-4); a restart is an event of its own (P-7). */
function resume(app: App): void {
  const j = app.queue.journal
  const p = app.partition
  const nowMs = app.hal.clock.nowMs()
  if (journal.isNew(j)) return
  app.told = (journal.state(j) >> TOLD_BIT) & 7
  dispatcher.resume(app.dispatcher, app.told)
  app.isLossDue = journal.wrongCount(j) >> LOSS_BIT
  app.wrongCount = journal.wrongCount(j) & ((1 << LOSS_BIT) - 1)
  if (isLockoutDue(app)) lock(app, nowMs) // from its start: nobody knows how much of it had passed (L-8)
  const isArmedNow = partition.resume(p, journal.state(j), journal.user(j), nowMs)
  const code = p.code
  keep(app, event.SYSTEM_RESET, event.NEW, 0)
  if (isArmedNow) keep(app, code, p.qualifier, p.number)
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
  const area = app.config.partition
  const takers = j.takers
  // p.code is the opening or NONE.
  const hasOpened = event.counts(p.code)
  const duress = event.DURESS * c.duress
  journal.begin(j)
  setState(app)
  journal.put(j, 0, c.duress, duress, event.NEW, area, c.slot, seconds)
  journal.put(j, 1, hasOpened, p.code, p.qualifier, area, p.number, seconds)
  const location = journal.commit(j)
  queue.push(app.queue, location, takers[event.HOLD_UP] * c.duress, 0, event.subject(duress, area, c.slot))
  queue.push(
    app.queue,
    location + 1,
    takers[event.OPENINGS] * hasOpened,
    event.CLASS_OPENING,
    event.subject(p.code, area, p.number),
  )
  app.reactionAtMs = nowMs + REACTION_MS
  app.warmAtMs = nowMs + WARM_MS
  app.warmStep = 0
  send(app, nowMs)
}

/**
 * The paths have to wait for the answer to a code anyway (mayDispatch): so long the code that sends is made, whatever the
 * code was, and a call for help need not wait for it afterwards (D-13, D-30).
 */
function warm(app: App, nowMs: number): void {
  const step = app.warmStep++
  app.warmAtMs = step < 2 && nowMs + WARM_END_MS < app.reactionAtMs ? nowMs + WARM_MS : NEVER
  if (step === 0) dispatcher.warm(app.dispatcher)
  else if (step === 1) ethernetPath.warm(app.dispatcher.lanes[0].path as ethernetPath.EthernetPath)
  else cellularPath.warm(app.cellular)
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
  keep(app, p.code, p.qualifier, p.number) // stored before it counts
}

function pollZones(app: App, nowMs: number): void {
  app.zonesAtMs = zoneInputs.poll(app.zones, nowMs)
  for (let change = zoneInputs.take(app.zones); change >= 0; change = zoneInputs.take(app.zones)) {
    if ((change & 1) === 1) zoneOpened(app, change >> 1, nowMs)
    refresh(app, nowMs)
  }
}

function zoneOpened(app: App, zone: number, nowMs: number): void {
  const p = app.partition
  if (partition.zoneOpened(p, zone, nowMs)) keep(app, p.code, p.qualifier, p.number)
}

function pollPartition(app: App, nowMs: number): void {
  const p = app.partition
  if (!partition.poll(p, nowMs)) return
  keep(app, p.code, p.qualifier, p.number)
  refresh(app, nowMs)
  if (p.state !== partition.ARMED) return
  // Zones that are open now count as opened now: an entry zone starts the entry delay (A-25 in short, P-3).
  for (let zone = 0; zone < app.names.length; zone++) {
    if (!zoneInputs.isOpen(app.zones, zone) || !partition.zoneOpened(p, zone, nowMs)) continue
    keep(app, p.code, p.qualifier, p.number)
  }
}

/** Writes the state and one event (or none) and starts sending. Public, because boot finds faults of its own (P-5). */
export function keep(app: App, code: number, qualifier: number, number: number): void {
  const j = app.queue.journal
  const seconds = clock.utcSeconds(app.wall, app.hal.clock)
  journal.begin(j)
  setState(app)
  journal.put(j, 0, event.counts(code), code, qualifier, app.config.partition, number, seconds)
  queue.add(app.queue, journal.commit(j))
  send(app, app.hal.clock.nowMs())
}

/** What has to survive a power cut (P-1), for the record that is being put together. */
function setState(app: App): void {
  const p = app.partition
  journal.setState(
    app.queue.journal,
    partition.stateByte(p) | (app.told << TOLD_BIT),
    partition.numberByte(p),
    app.wrongCount | (app.isLossDue << LOSS_BIT),
  )
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
  app.hal.pins.write(pins.siren, annunciator.siren(p) ^ pins.sirenRest)
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
  app.upkeepAtMs = nowMs - (nowMs % UPKEEP_MS) + UPKEEP_MS // full seconds, as the paths do: one pass for all
  if (app.reactionAtMs !== NEVER) return
  // While events are owed, what sends is in use.
  if (app.queue.count === 0 && nowMs % DROP_MS < UPKEEP_MS) parts.drop()
  report(app, nowMs)
  queue.tidy(app.queue) // places of events that were none; not in react(), whose steps must not tell
  if (journal.hasWork(app.queue.journal) && tidyJournal(app)) app.upkeepAtMs = nowMs
}

/** True while there is more to do. */
function tidyJournal(app: App): boolean {
  return journal.maintain(app.queue.journal, (from, to) => queue.moved(app.queue, from, to))
}

/** Loss and return of paths become events: over the path that works, or as soon as one does. */
function tell(app: App): void {
  const now = app.dispatcher.conditions
  const changed = now ^ app.told
  app.told = now
  for (let lane = 0; lane < 2; lane++) {
    if (((changed >> lane) & 1) === 0) continue
    keep(app, event.PATH_FAULT, ((now >> lane) & 1) === 1 ? event.NEW : event.RESTORE, lane + 1)
  }
  if ((changed & ~now & dispatcher.STUCK) !== 0) keep(app, event.FAILURE_TO_COMMUNICATE, event.NEW, 0)
}

/** What is reported by itself: tests of the paths (S-10, R-7), events that had to be given up, jamming (S-15). */
function report(app: App, nowMs: number): void {
  const q = app.queue
  if (nowMs >= app.testAtMs) testPaths(app, nowMs)
  if (nowMs >= app.figuresAtMs) keepFigures(app, nowMs)
  if (q.lostCount !== app.lostTold) {
    app.lostTold = q.lostCount
    app.isLossDue = 1
  }
  // With room for it, or it would cost another one.
  if (app.isLossDue === 1 && q.count < queue.LIMIT - queue.DESTINATIONS) {
    app.isLossDue = 0
    keep(app, event.LOG_OVERFLOW, event.NEW, 0)
  }
  if (app.told >= dispatcher.STUCK && app.cellular.settings.smsNumber !== '') lastResort(app)
  const isJammed = app.cellular.trouble === cellularPath.JAMMED ? 1 : 0
  if (isJammed !== app.isJammed) {
    app.isJammed = isJammed
    keep(app, event.JAMMED, isJammed === 1 ? event.NEW : event.RESTORE, 0) // S-15
  }
}

/** One event for each path that leads to the station. One that is still owed says the same. */
function testPaths(app: App, nowMs: number): void {
  const q = app.queue
  app.testAtMs = nowMs + app.config.testHours * HOUR_MS
  for (let number = 1; number <= 2; number++) {
    const subject = event.subject(event.PERIODIC_TEST, app.config.partition, number)
    if ((q.lanes[0] & number) !== 0 && !queue.isWaiting(q, 0, subject))
      keep(app, event.PERIODIC_TEST, event.NEW, number)
  }
}

/** Once an hour: the figures, and what has waited too long. */
function keepFigures(app: App, nowMs: number): void {
  app.figuresAtMs = nowMs + HOUR_MS
  const hours = app.config.expiryHours
  const seconds = clock.utcSeconds(app.wall, app.hal.clock)
  if (hours > 0 && seconds > 0) queue.expire(app.queue, seconds - hours * 3600)
  const counted = new Uint32Array(figures.ATPS * figures.FIGURE_COUNT)
  for (let index = 0; index < app.dispatcher.lanes.length; index++) {
    const atps = app.dispatcher.lanes[index].atps
    for (let receiver = 0; receiver < atps.length; receiver++) {
      const a = atps[receiver]
      if (a === undefined) continue
      lanes.count(a, nowMs)
      counted.set(a.figures, (index * RECEIVERS + receiver) * figures.FIGURE_COUNT)
    }
  }
  figures.save(app.hal.flash, app.hal.crypto, counted)
}

/** A text message of the newest alarm that nobody has kissed off, when no path delivers; never of class 0. */
function lastResort(app: App): void {
  const q = app.queue
  for (let index = q.count - 1; index >= 0; index--) {
    const priority = q.classes[index]
    if (priority === 0 || priority >= event.CLASS_DROPPABLE || queue.destinationOf(q.handles[index]) !== 0) continue
    const bytes = journal.read(q.journal, queue.locationOf(q.handles[index]))
    const sequence = journal.sequenceOf(bytes)
    if (sequence === app.smsSequence) return
    const text = 'Alarm ' + journal.codeOf(bytes) + ' ' + journal.numberOf(bytes)
    if (cellularPath.sms(app.cellular, text, priority) === cellularPath.TAKEN) app.smsSequence = sequence
    return
  }
}
