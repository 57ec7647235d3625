/** Random histories of one partition, for the panel and for the second model; fast-check shrinks one that parts them. */

import fc from 'fast-check'
import { House, MODES, type ZoneSpec } from '../firmware/panel/house'
import { ArmingModel, type Level, type ModelRules, PLACES } from './arming-model'

const ZONES: ZoneSpec[] = [
  { type: 'entryExit1' },
  { type: 'entryExit2' },
  { type: 'perimeter' },
  { type: 'follower' },
  { type: 'fire' },
]
const LEVELS: Level[] = ['away', 'stay', 'away instant', 'stay instant']

interface Pair {
  house: House
}

type Step = fc.Command<ArmingModel, Pair>

function compare(model: ArmingModel, { house }: Pair): void {
  const panel = [house.state(), house.state() === 'disarmed' ? '' : house.mode(), ...house.heard()].join(' | ')
  const said = [model.phase, model.phase === 'disarmed' ? '' : model.level, ...model.said].join(' | ')
  model.said = []
  if (panel !== said) throw new Error(`at ${house.nowMs} ms\n  panel: ${panel}\n  model: ${said}`)
}

function step(text: string, act: (model: ArmingModel, real: Pair) => void): Step {
  return {
    check: () => true,
    run: (model, real) => {
      act(model, real)
      compare(model, real)
    },
    toString: () => text,
  }
}

const openStep = (index: number) =>
  step(`open ${PLACES[index]}`, (model, { house }) => {
    model.open(PLACES[index])
    if (house.w.zones.status[index] % 8 === 0) house.open(index)
  })
const closeStep = (index: number) =>
  step(`close ${PLACES[index]}`, (model, { house }) => {
    model.close(PLACES[index])
    if (house.w.zones.status[index] % 8 !== 0) house.close(index)
  })
const armStep = (level: Level, user: number) =>
  step(`arm ${level} by ${user}`, (model, { house }) => {
    if (model.phase !== 'disarmed' && model.phase !== 'armed') return
    const isArmed = model.arm(level, user)
    const hindrance = house.arm(MODES.find((mode) => mode === level) ?? 'away', user)
    if (isArmed !== hindrance < 0) throw new Error(`arming: panel ${hindrance}, model ${isArmed}`)
  })
const codeStep = (user: number) =>
  step(`code of ${user}`, (model, { house }) => {
    const expected = model.code(user)
    const { opens, cancels, aborts } = house.code(user)
    const found = JSON.stringify({ opens, cancels, aborts })
    if (found !== JSON.stringify(expected)) throw new Error(`code: panel ${found}, model ${JSON.stringify(expected)}`)
  })
const waitStep = (ms: number) =>
  step(`wait ${ms} ms`, (model, { house }) => {
    house.after(ms)
    model.to(house.nowMs)
  })

/** Waits hit the ends of delays as well as any time between them. */
const waits = fc.oneof(
  fc.constantFrom(1, 999, 1000, 5000, 20000, 29999, 30000, 60000, 120000, 240000, 300000, 86400000 * 3),
  fc.integer({ min: 1, max: 90000 }),
)
const places = fc.integer({ min: 0, max: PLACES.length - 1 })
const steps = fc.commands(
  [
    fc.record({ zone: places }).map(({ zone }) => openStep(zone)),
    fc.record({ zone: places }).map(({ zone }) => closeStep(zone)),
    fc.tuple(fc.constantFrom(...LEVELS), fc.integer({ min: 1, max: 9 })).map(([level, user]) => armStep(level, user)),
    fc.integer({ min: 1, max: 9 }).map(codeStep),
    waits.map(waitStep),
    waits.map(waitStep),
  ],
  { maxCommands: 60, size: 'max' },
)
const ruleSets: fc.Arbitrary<ModelRules> = fc.record({
  abortMs: fc.constantFrom(0, 15000, 30000),
  isRestart: fc.boolean(),
  isAutoStay: fc.boolean(),
})

/** Runs so many histories; throws with the shortest one in which the two disagree, and the seed. Returns the steps taken. */
export function compareHistories(histories: number, seed: number, isShort = false): number {
  let count = 0
  fc.assert(
    fc.property(ruleSets, steps, (rules, commands) => {
      const house = new House(ZONES, {
        abortMs: rules.abortMs,
        isExitRestart: rules.isRestart ? 1 : 0,
        isAutoStay: rules.isAutoStay ? 1 : 0,
      })
      for (const _ of commands) count++
      fc.modelRun(() => ({ model: new ArmingModel(rules), real: { house } }), commands)
    }),
    { numRuns: histories, seed, endOnFailure: isShort },
  )
  return count
}
