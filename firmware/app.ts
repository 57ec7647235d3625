/**
 * The panel: wires the parts together. A key press or a zone becomes an event, the event is kept in flash, sent over a
 * path, and kissed off by the receiver. What each of these steps does is in app/.
 */

import * as entry from './app/entry'
import * as firstKeypad from './app/first-keypad'
import * as house from './app/house'
import * as keeping from './app/keeping'
import * as keypads from './app/keypads'
import * as menus from './app/menus'
import * as outputs from './app/outputs'
import * as reports from './app/reports'
import * as schedule from './app/schedule'
import { show, warm as warmDisplay } from './app/show'
import { type App, LCD_ADDRESS, NEVER } from './app/state'
import * as supervise from './app/supervise'
import * as wiring from './app/wiring'
import { placesOf } from './app/words'
import * as clock from './clock'
import type { Config } from './config'
import { categoryOf } from './config'
import * as event from './event'
import type { Hal } from './hal'
import * as expander from './io/expander'
import * as keypadMatrix from './io/keypad-matrix'
import * as lcd from './io/lcd'
import * as loops from './io/loops'
import * as sounder from './io/sounder'
import * as supply from './io/supply'
import * as wiegand from './io/wiegand'
import * as zoneInputs from './io/zone-inputs'
import * as annunciator from './panel/annunciator'
import * as codes from './panel/codes'
import * as keypad from './panel/keypad'
import type { Rules } from './panel/partition'
import * as premises from './panel/premises'
import * as zones from './panel/zones'
import * as parts from './parts'
import * as eventLog from './store/event-log'
import * as journal from './store/journal'
import * as dispatcher from './transmit/dispatcher'
import * as lanes from './transmit/lanes'
import * as queue from './transmit/queue'

export { keyPressed, verify } from './app/entry'
export { keep } from './app/keeping'
export { create as createTest, poll as pollTest } from './app/keypad-test'
export type { App } from './app/state'
export { started } from './app/supervise'

/** The journal is looked after this often. */
const UPKEEP_MS = 1000
/** Paths that want no turn before this long are at rest. */
const PATIENT_MS = 100
/** Between two steps of the check of a new code, or of what is made before a delay ends, which begins so long before. */
const STEP_MS = 50
const AHEAD_MS = 250
/** Seldom needed code is dropped each second, what sends this often. What is in use is made again at its next call, which costs some ms. */
const DROP_MS = 5000
/** Slow passes take so long between two. */
const LATE_MS = 100
/** Of 20 ms each, at a zone that settles: so long nothing is dropped. Most have settled by then (W-8). */
const MOST_LOOKS = 26
const HOUR_MS = 3600000
const DAY_MS = 24 * HOUR_MS

/**
 * Starts a panel on its hardware: outputs safe first, then what the journal remembers, then everything else.
 * config has passed the settings' check; boot: this start's number (store/counters.ts). Never throws for what flash or chips do.
 */
export function create(hal: Hal, config: Config, table: codes.Codes, boot: number): App {
  const pins = config.pins
  const atChip = outputs.atChip(hal, config)
  const siren = sounder.create(hal.pins, pins.siren, pins.sirenRest)
  hal.pins.write(pins.light, 0)
  hal.pins.mode(pins.light, 'output')
  const stations = wiring.receiversOf(config)
  const owed = queue.create(hal.flash, hal.crypto, stations.takers, stations.lanes)
  const wall = clock.create()
  const remote = pins.rows.length > 0 ? undefined : firstKeypad.create(hal, config)
  const matrix = remote === undefined ? keypadMatrix.create(hal.pins, pins.rows, pins.columns) : remote.matrix
  const lines = remote === undefined ? pins.columns : remote.lines
  const { loopSupply, adcReference } = config
  const supplyInput = loopSupply === undefined ? -1 : loopSupply
  const divider = pins.adcDivider === undefined ? -1 : pins.adcDivider
  const inputs = zoneInputs.create(hal.pins, hal.i2c, config.zones, supplyInput, divider, adcReference)
  const app: App = {
    // What each pass reads comes first: a record is searched from its first property on.
    clock: hal.clock,
    inputsAtMs: 0,
    restingWord: -1,
    pins: hal.pins,
    inputs: lines.concat(inputs.gpio),
    isExpanded: zoneInputs.extent(inputs, matrix.idleMs),
    zones: inputs,
    restingMs: matrix.idleMs, // never longer than the zones' 95 ms
    restAtMs: 0,
    urgentAtMs: 0,
    othersAtMs: 0,
    pressingAtMs: 0,
    keepAtMs: NEVER,
    reactionAtMs: NEVER,
    keypad: keypad.create(config.codeLength, config.keyTimeoutSeconds * 1000),
    premises: createPremises(config),
    change: undefined,
    warmStep: 0,
    delayStep: house.FIRST_LOOK,
    showAtMs: 0,
    sounderAtMs: 0,
    sirenAtMs: NEVER,
    lcdAtMs: 0,
    warmAtMs: NEVER,
    upkeepAtMs: 0,
    dispatchAtMs: 0,
    isHurried: 0,
    queue: owed,
    dispatcher: dispatcher.create(hal, owed, wall, categoryOf(config.category), stations.lanes[0] === 2 ? 1 : 0),
    seen: 0,
    isPatient: 0,
    matrixAtMs: 0,
    zonesAtMs: 0,
    stations: undefined,
    matrix,
    remote,
    restingLines: (1 << lines.length) - 1,
    hal,
    config,
    codes: table,
    wall,
    lcd: lcd.create(hal.i2c, LCD_ADDRESS),
    sounder: sounder.create(hal.pins, pins.buzzer, 0),
    siren,
    log: eventLog.create(hal.flash, hal.crypto, table.secret, boot),
    told: 0,
    bothAtMs: NEVER,
    lostTold: 0,
    isLossDue: 0,
    testAtMs: reports.firstTest(hal, config),
    smsSequence: 0,
    isAccepted: 0,
    isDisarming: 0,
    drillAtMs: 0,
    isMatched: event.takersOf(stations.takers, event.HOLD_UP, event.FOR_ALL) === 0 ? 0 : 1,
    isCancelled: 0,
    user: 1,
    role: codes.USER,
    partitions: 0,
    note: annunciator.NOTE_NONE,
    noteUntilMs: 0,
    wrongCount: 0,
    lockedUntilMs: 0,
    decayAtMs: HOUR_MS,
    installerWrong: 0,
    namePlaces: placesOf(config.zones.names),
    cellular: wiring.createCellular(hal, config),
    figuresAtMs: HOUR_MS,
    isJammed: 0,
    page: 0,
    about: 0,
    menu1: '',
    menu2: '',
    scroll: -1,
    isChimeOn: 1,
    dayAtMs: DAY_MS,
    refusals: 0,
    refusedUntilMs: 0,
    spentUser: 0,
    grantUntilMs: 0,
    troubles: supervise.create(hal, config, owed.journal),
    supply: supply.create(hal.pins, pins, config.adcReference, atChip),
    superviseAtMs: 0,
    zoneTroubles: 0,
    isTimeKnown: 0,
    testLookAtMs: 0,
    restarts: 0,
    restartsUntilMs: NEVER,
    silentUntilMs: -outputs.DURESS_MS, // as long a number as any later one (D-30)
    startSeconds: 0,
    minuteAtMs: 0,
    autoArmAtMs: NEVER,
    awakeMs: 0,
    openUntilMs: 0,
  }
  wiring.addPaths(app)
  outputs.create(app)
  const nowMs = hal.clock.nowMs()
  if (atChip !== undefined) atChip.look(nowMs)
  if (config.keypads !== undefined) keypads.turn(app, keypads.Turn.CREATE, nowMs)
  keeping.resume(app, nowMs)
  house.drain(app, nowMs)
  entry.resumeLockout(app, nowMs)
  return app
}

function createPremises(config: Config): premises.Premises {
  const options = config.options
  const rules: Rules = {
    exitMs: config.exitDelaySeconds * 1000,
    entryMs: config.entryDelaySeconds * 1000,
    entry2Ms: config.entryDelay2Seconds * 1000,
    abortMs: config.abortSeconds * 1000,
    cancelMs: config.cancelMinutes * 60000,
    bellMs: config.sirenMinutes * 60000,
    isExitRestart: options & 1,
    isStayDouble: (options >> 1) & 1,
    isAutoStay: (options >> 2) & 1,
    isEn: (options >> 5) & 1,
  }
  const loops = config.zones
  const z = zones.create(loops.types, loops.partitions, loops.flags, loops.cross, config.swingerLimit)
  const w = premises.create(rules, z, config.partitions === '' ? 1 : config.partitions.split('\n').length)
  w.crossMs = config.crossZoneSeconds * 1000
  w.swingMs = config.swingerHours * HOUR_MS
  return w
}

/** An empty code table for this panel; secret and salt are made at provisioning. */
export function makeCodes(hal: Hal, secret: Uint8Array, salt: Uint8Array): codes.Codes {
  return codes.create(secret, salt, hal.random)
}

/**
 * Puts a code into the table: slot 0-63, digits as typed, user 1-64 shown for it, role (codes.ts) and partitions (a bit
 * each). Checks nothing.
 */
export function storeCode(
  table: codes.Codes,
  hal: Hal,
  slot: number,
  digits: string,
  user: number,
  isDuress: boolean,
  role: number,
  partitions: number,
): void {
  const pad = keypad.create(digits.length, 0)
  for (let index = 0; index < digits.length; index++) keypad.press(pad, digits.charAt(index), 0)
  codes.store(table, hal.crypto, slot, pad.entry, user, isDuress, role, partitions)
  keypad.clear(pad)
}

/** The board's word that a keypad contact moved (hal.ts, wakeOn). True when poll() should come at once. */
export function wake(app: App): boolean {
  if (app.remote !== undefined && app.remote.isBusy === 1) return false
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
    const isStill = app.restingWord >= 0 && app.restingWord === app.pins.read(app.inputs)
    if (
      isStill &&
      (app.isExpanded === 0 ||
        (app.isExpanded === 1 ? expander.isStill(app.zones.expander, nowMs) : areAllStill(app, nowMs)))
    ) {
      app.inputsAtMs = nowMs + app.restingMs
    } else pollInputs(app, nowMs)
  }
  if (nowMs >= app.restAtMs) pollRest(app, nowMs)
  return app.inputsAtMs < app.urgentAtMs ? app.inputsAtMs : app.urgentAtMs
}

/** Of panels with more than zones at GPIOs and expanders. */
function areAllStill(app: App, nowMs: number): boolean {
  if (!zoneInputs.isStill(app.zones, app.restingMs, nowMs)) return false
  return app.stations === undefined || keypads.turn(app, keypads.Turn.STILL, nowMs) === 1
}

/** Keypad and zones each at their own pace; when all of them rest, one reading of all their pins tells so from then on. */
function pollInputs(app: App, nowMs: number): void {
  if (app.keepAtMs !== NEVER) house.drain(app, nowMs)
  if (nowMs >= app.matrixAtMs) pollKeys(app, nowMs)
  if (nowMs >= app.zonesAtMs) house.pollZones(app, nowMs)
  app.inputsAtMs = app.matrixAtMs < app.zonesAtMs ? app.matrixAtMs : app.zonesAtMs
  app.restingWord = -1
  if (app.stations !== undefined) {
    const dueMs = keypads.turn(app, keypads.Turn.KEYS, nowMs)
    if (dueMs < app.inputsAtMs) app.inputsAtMs = dueMs
  }
  if (!keypadMatrix.isAtRest(app.matrix) || app.matrix.keys !== '') return
  if (app.remote !== undefined && app.remote.isBusy === 1) return
  const word = zoneInputs.restingWord(app.zones)
  if (word < 0) return
  app.restingWord = (app.restingLines << app.zones.gpio.length) | word
}

function pollKeys(app: App, nowMs: number): void {
  app.matrixAtMs = keypadMatrix.poll(app.matrix, nowMs)
  if (app.remote !== undefined) {
    const dueMs = firstKeypad.poll(app.remote, nowMs)
    if (dueMs < app.matrixAtMs) app.matrixAtMs = dueMs
  }
  if (app.matrix.keys === '') {
    // Not yet debounced: what shows a key is made in a pass before it.
    if (app.matrix.count === 2 && app.matrix.seen >= 0) warmDisplay(app)
    return
  }
  // Keys wait until the last code was answered.
  if (app.reactionAtMs !== NEVER) return
  const key = keypadMatrix.take(app.matrix)
  if (app.stations !== undefined && key < 'P') keypads.turn(app, keypads.Turn.FIRST, nowMs)
  entry.keyPressed(app, key, nowMs)
}

/**
 * All but the inputs: keypad and zones come 10 times a second, or 100, and must cost little while nothing happens. Most of
 * these passes are a code's next step or the paths' turn and nothing else: the interpreter then reads nothing of the others.
 */
function pollRest(app: App, nowMs: number): void {
  const isShowing = app.showAtMs <= nowMs + 1
  if (nowMs >= app.othersAtMs || (isShowing && app.reactionAtMs === NEVER)) {
    // Most seconds of a panel at rest have the upkeep alone.
    if (isShowing || nowMs >= app.pressingAtMs || nowMs >= app.warmAtMs) pollOthers(app, nowMs)
    else tend(app, nowMs, false)
    setOthersDeadlines(app, nowMs)
  } else if (nowMs >= app.warmAtMs) pollCode(app, nowMs)
  else if (app.reactionAtMs === NEVER) dispatch(app, nowMs)
  setDeadlines(app, nowMs)
}

/** The next step of a code: its check, then what its answer needs. */
function pollCode(app: App, nowMs: number): void {
  if (app.warmStep < 0) entry.verify(app)
  else entry.warm(app, nowMs)
}

/** All but the inputs. */
function pollOthers(app: App, nowMs: number): void {
  // What zones and delays did is kept before anything else is, in a pass of its own: a state never without its event.
  let isKept = app.keepAtMs === NEVER
  if (nowMs >= app.keepAtMs && app.showAtMs > nowMs && app.lcdAtMs > nowMs) {
    house.drain(app, nowMs)
    app.showAtMs++
  } else if (isKept && app.reactionAtMs === NEVER) {
    if (nowMs >= keypad.deadline(app.keypad)) menus.expire(app, nowMs)
    if (nowMs >= app.premises.dueMs - AHEAD_MS) pollDelays(app, nowMs)
    if (app.change !== undefined && app.change.check !== undefined) menus.giveOut(app, nowMs)
    isKept = app.keepAtMs === NEVER
  }
  // However slow the passes were: no answer before the code is judged.
  if (nowMs >= app.reactionAtMs && app.warmStep >= 0) entry.react(app, nowMs)
  // The answer's tone in that pass, its text in the next: both in one take too long.
  else if (nowMs >= app.showAtMs && app.reactionAtMs === NEVER) show(app, nowMs)
  if (nowMs >= app.sounderAtMs) app.sounderAtMs = sounder.poll(app.sounder, nowMs)
  if (nowMs >= app.sirenAtMs) app.sirenAtMs = sounder.poll(app.siren, nowMs)
  const isDrawing = nowMs >= app.lcdAtMs
  if (isDrawing) {
    app.lcdAtMs = app.stations === undefined ? lcd.poll(app.lcd, nowMs) : keypads.turn(app, keypads.Turn.DRAW, nowMs)
  } else if (nowMs >= app.warmAtMs) pollCode(app, nowMs) // in no pass with the display, whose star of the last key comes first
  if (isKept) tend(app, nowMs, isDrawing)
}

/** The upkeep before the paths' turn: what it makes is kept for the answer to that. isLong: the pass has enough of work already. */
function tend(app: App, nowMs: number, isLong: boolean): void {
  if (nowMs >= app.upkeepAtMs) {
    upkeep(app, nowMs)
    // The paths' turn is the next pass, unless that is late already, or there is more to do here, whose end they do not wait for.
    if (app.upkeepAtMs > nowMs && nowMs < app.dispatchAtMs + LATE_MS) return
  }
  // In no pass with the upkeep or the display: that of an answer is long enough.
  if (!isLong && nowMs >= app.dispatchAtMs && mayDispatch(app, nowMs)) dispatch(app, nowMs)
}

/**
 * The end of a delay or a window. What it needs is made before it, a part a step, while paths at rest wait for it: beside what
 * sends there is no room. Nothing that is being sent waits; then all of it is made in one pass.
 */
function pollDelays(app: App, nowMs: number): void {
  const dueMs = app.premises.dueMs
  if (nowMs < dueMs) {
    if (app.isPatient === 1 && app.delayStep <= house.LAST_LOOK) {
      house.ahead(app, app.delayStep)
      if (app.dispatchAtMs < dueMs) app.dispatchAtMs = dueMs
    }
    app.delayStep++
    return
  }
  parts.drop(parts.ALL_ELSE)
  house.pollPremises(app, nowMs)
}

/** What made the event is not needed beside what sends it, and both take much memory. Making half of that is pass enough. */
function hurried(app: App): void {
  if (app.isHurried === 1) {
    app.isHurried = 2
    parts.drop(parts.WHAT_SENDS)
    dispatcher.warm(app.dispatcher)
  } else {
    app.isHurried = 0
    dispatcher.warmExchange(app.dispatcher)
  }
}

/** The paths' turn. */
function dispatch(app: App, nowMs: number): void {
  if (app.isHurried > 0) {
    hurried(app)
    return
  }
  // A pass that builds a frame is long enough for a key to get lost in: a null message waits for the fingers.
  const typingMs = app.queue.count === 0 ? keypad.typingUntil(app.keypad) : 0
  app.dispatchAtMs = nowMs < typingMs ? typingMs : dispatcher.poll(app.dispatcher, nowMs)
  if (app.dispatcher.conditions !== app.seen) reports.tell(app, nowMs)
  app.isPatient = app.dispatchAtMs >= nowMs + PATIENT_MS ? 1 : 0
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
 * What the loop of a zone read last, in steps of its converter and as a share of 3.3 V; empty for a zone without a loop that
 * is measured. For a PC's screen, as pathFigures().
 */
export function loopReading(app: App, zone: number): number[] {
  return app.zones.loops === undefined ? [] : loops.reading(app.zones.loops, zone)
}

/**
 * What is wrong with a first keypad that is not at the board's own pins, as far as its keys and lines tell: wiegand.Wrong;
 * 0 for nothing, and for any other keypad. For a PC's screen, as pathFigures().
 */
export function keypadWrong(app: App): number {
  const r = app.remote
  return r === undefined || r.wiegand === undefined ? 0 : wiegand.diagnosis(r.wiegand, app.hal.clock.nowMs())
}

/**
 * When the first of what pollRest() looks after is due. What people see and hear has its exact time; paths at rest and
 * the upkeep can wait for the next look at the inputs, which saves a third of the passes of an idle panel.
 */
function setDeadlines(app: App, nowMs: number): void {
  let next = app.warmAtMs < app.pressingAtMs ? app.warmAtMs : app.pressingAtMs
  let restMs = app.othersAtMs
  if (app.reactionAtMs === NEVER && app.showAtMs > nowMs + 1 && app.keepAtMs === NEVER) {
    if (app.isPatient === 0 && app.dispatchAtMs < next) next = app.dispatchAtMs
    if (app.dispatchAtMs < restMs) restMs = app.dispatchAtMs
  }
  app.urgentAtMs = next
  app.restAtMs = restMs < next ? restMs : next
}

/** The same of what is neither a code's next step nor the paths' turn. */
function setOthersDeadlines(app: App, nowMs: number): void {
  let next = app.reactionAtMs
  if (app.sounderAtMs < next) next = app.sounderAtMs
  if (app.sirenAtMs < next) next = app.sirenAtMs
  if (app.lcdAtMs < next) next = app.lcdAtMs
  if (app.keepAtMs !== NEVER) {
    // All else waits for that.
    if (app.showAtMs < next) next = app.showAtMs
    if (app.keepAtMs < next) next = app.keepAtMs
    app.pressingAtMs = next
    app.othersAtMs = next
    return
  }
  const expiryMs = keypad.deadline(app.keypad)
  if (expiryMs < next) next = expiryMs
  if (app.upkeepAtMs <= nowMs) next = app.upkeepAtMs // the journal has more to do
  if (app.reactionAtMs === NEVER) {
    let delayMs = app.premises.dueMs
    if (app.delayStep <= house.LAST_LOOK) delayMs += STEP_MS * (app.delayStep - house.FIRST_LOOK) - AHEAD_MS
    if (delayMs < next) next = delayMs
    if (app.showAtMs < next) next = app.showAtMs
    // A hash a step, with room for keys between two.
    if (app.change !== undefined && app.change.check !== undefined && nowMs + STEP_MS < next) next = nowMs + STEP_MS
  }
  app.pressingAtMs = next
  app.othersAtMs = app.upkeepAtMs < next ? app.upkeepAtMs : next
}

/**
 * Paths stand still from a code until its answer has been shown: what they have to do differs under duress, and must
 * neither delay the answer nor come before it (D-32, D-33), nor before any other text that is due. That is less than half of the second that D-13 allows.
 */
function mayDispatch(app: App, nowMs: number): boolean {
  return app.reactionAtMs === NEVER && app.lcdAtMs > nowMs && app.showAtMs > nowMs + 1
}

/** Between codes: room in the journal, and what an overfull queue left there. */
function upkeep(app: App, nowMs: number): void {
  if (app.remote !== undefined) {
    // At rest nobody asks it, and its chip is to be looked at.
    app.matrixAtMs = 0
    app.inputsAtMs = 0
    app.restingWord = -1
  }
  app.upkeepAtMs = nowMs - (nowMs % UPKEEP_MS) + UPKEEP_MS // full seconds, as the paths do: one pass, and the next
  if (app.reactionAtMs !== NEVER) return
  const looks = app.zones.looks
  const isEnding = nowMs < app.premises.dueMs && nowMs >= app.premises.dueMs - AHEAD_MS
  if (!isEnding) app.delayStep = house.FIRST_LOOK
  // A zone that settles needs what was made for it, and so does a delay's end; of a zone that never does it is dropped as all else,
  // and made again.
  if (!isEnding && (looks === 0 || looks > MOST_LOOKS)) {
    // What sends is in use for longer, and while events are owed.
    parts.drop(nowMs % DROP_MS >= UPKEEP_MS || app.queue.count > 0 ? parts.WHAT_SENDS : parts.NOTHING)
    if (looks > 0) app.zones.looks = 1
  }
  reports.report(app, nowMs)
  queue.tidy(app.queue) // places of events that were none; not in react(), whose steps must not tell
  if (nowMs >= app.superviseAtMs) {
    supervise.poll(app, app.stations === undefined ? 0 : keypads.turn(app, keypads.Turn.LOOK, nowMs), nowMs)
  }
  if (app.drillAtMs !== 0) menus.drill(app, nowMs)
  if (nowMs >= app.decayAtMs) entry.decay(app, nowMs)
  if (nowMs >= app.minuteAtMs) schedule.poll(app, nowMs)
  if (nowMs >= app.dayAtMs) dayPassed(app, nowMs)
  if (app.log.parkedCount > 0 && eventLog.maintain(app.log)) app.upkeepAtMs = nowMs
  else if (journal.hasWork(app.queue.journal) && tidyJournal(app)) app.upkeepAtMs = nowMs
}

/** True while there is more to do. */
function tidyJournal(app: App): boolean {
  return journal.maintain(app.queue.journal, (from, to) => queue.moved(app.queue, from, to))
}

function dayPassed(app: App, nowMs: number): void {
  app.dayAtMs = nowMs + DAY_MS
  if (app.config.sensorWatchDays === 0) return
  premises.dayPassed(app.premises, app.config.sensorWatchDays)
  house.drain(app, nowMs)
}
