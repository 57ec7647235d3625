import { beforeAll, describe, expect, it } from 'vitest'
import type * as app from '../../firmware/app'
import type * as codes from '../../firmware/panel/codes'
import { demoConfig } from '../../hal-mock/demo'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { Random } from '../../hal-mock/random'
import { Simulator } from '../../hal-mock/simulator'
import { type Loaded, load } from './instrument'
import { unmatched } from './unmatched'

/** Slots of a full table (C-3); user codes in the first and the last one, a duress code between them. */
const SLOTS = 64
const DURESS_SLOT = 31
const SPENT_SLOT = 20
const TAKEN_SLOT = 21
const SEED = 20260105
/**
 * Entries for each state of the commit path. `CANDIDATES=3400 npx vitest run tests/system/constant-flow.test.ts -t 'commit path'` has
 * 20,400 of them in the six states together, in some minutes.
 */
const CANDIDATES = Number(process.env.CANDIDATES ?? 45)
const PATIENCE_MS = 30000 + CANDIDATES * 200

/** An entry as the keypad makes it: eight bytes, 10 for the key 0. */
function entryOf(digits: string): Uint8Array {
  const entry = new Uint8Array(8)
  for (let index = 0; index < digits.length; index++) entry[index] = digits[index] === '0' ? 10 : Number(digits[index])
  return entry
}

function digitsOf(random: Random, length: number): string {
  let digits = ''
  while (digits.length < length) digits += random.below(10)
  return digits
}

interface Table {
  table: codes.Codes
  /** Digits in each slot. */
  digits: string[]
}

function fullTable(module: typeof codes, random: Random, lastDigit: string): Table {
  const secret = new Uint8Array(32)
  const salt = new Uint8Array(16)
  random.fill(secret)
  random.fill(salt)
  const table = module.create(secret, salt, random)
  const digits: string[] = []
  for (let slot = 0; slot < SLOTS; slot++) {
    digits.push(digitsOf(random, 6 - lastDigit.length) + lastDigit)
    module.store(table, nodeCrypto, slot, entryOf(digits[slot]), slot + 1, slot === DURESS_SLOT, 3, 255)
  }
  // A one-time code that was used, and one that was taken away (C-6).
  module.store(table, nodeCrypto, SPENT_SLOT, entryOf(digits[SPENT_SLOT]), SPENT_SLOT + 1, false, module.SPENT, 255)
  table.rights[TAKEN_SLOT] &= ~module.ENABLED
  return { table, digits }
}

/** Random digits, mixed with what matches and what nearly does. */
function candidate(index: number, digits: string[], random: Random): string {
  const slot = [0, SLOTS - 1, DURESS_SLOT, random.below(SLOTS), SPENT_SLOT, TAKEN_SLOT, DURESS_SLOT, 31][index & 7]
  switch ((index >> 3) % 4) {
    case 0:
      return digits[slot]
    case 1: {
      // One digit off, anywhere but in the last place.
      const at = random.below(5)
      return digits[slot].slice(0, at) + ((Number(digits[slot][at]) + 1) % 10) + digits[slot].slice(at + 1)
    }
    default:
      return digitsOf(random, 6)
  }
}

describe('codes.match', () => {
  /** Every trace that the candidates left, with the first candidate of each. */
  async function traces(count: number, edit?: (path: string, source: string) => string, closed: number[] = []) {
    const { exports: module, trace } = await load<typeof codes>('firmware/panel/codes.ts', edit)
    const random = new Random(SEED)
    const { table, digits } = fullTable(module, random, '')
    for (const user of closed) module.open(table, user, 0)
    const found = new Map<string, number>()
    const kinds = [0, 0, 0]
    trace.isOn = true
    for (let index = 0; index < count; index++) {
      const entry = entryOf(candidate(index, digits, random))
      trace.reset()
      module.match(table, nodeCrypto, entry)
      kinds[table.found + table.duress]++
      const digest = trace.digest()
      if (!found.has(digest)) found.set(digest, index)
    }
    return { found, kinds, steps: trace.steps }
  }

  it('takes the same steps and reads the same places for 20 000 candidates (C-3, D-30, D-36)', async () => {
    const { found, kinds, steps } = await traces(20000)
    expect(found.size, `traces differ from the first one at candidates ${[...found.values()]}`).toBe(1)
    // The mixture did hold wrong, user and duress codes, and the whole table was read.
    expect(kinds.every((count) => count > 500)).toBe(true)
    expect(steps).toBeGreaterThan(SLOTS * 5)
  }, 30000)

  it('takes them outside the hours of temporary users as well, whoever they are (C-4)', async () => {
    const usual = await traces(2000)
    const closed = await traces(2000, undefined, [1, DURESS_SLOT + 1])
    expect([...closed.found.keys()]).toEqual([...usual.found.keys()])
    // Fewer codes count, and the duress code is still known for one.
    expect(closed.kinds[0]).toBeGreaterThan(usual.kinds[0])
    expect(closed.kinds[2]).toBe(0)
    expect(closed.kinds[1]).toBeGreaterThan(200)
  }, 30000)

  const LEAKS: [string, string, string][] = [
    ['an early exit', 'chosen |= meta', 'if (same !== 0) break\n    chosen |= meta'],
    ['a branch on the role', 'codes.found = allowed', 'if (chosen >> 12) codes.slot = 0\n  codes.found = allowed'],
    ['a skipped slot', 'chosen |= meta', 'if (allowed > 0) {\n      slot++\n      continue\n    }\n    chosen |= meta'],
    ['a table place that depends on the match', 'meta[slot] & same', 'meta[slot & same] & same'],
    ['a branch on the hours', 'chosen |= meta', 'if (same !== 0 && rights[slot] < 4096) at += 0\n    chosen |= meta'],
    ['a short-circuit', 'chosen |= meta[slot] & same', 'chosen = chosen || (meta[slot] & same)'],
    ['a number too long for its cell', 'chosen |= meta', 'let big = same * 9000\n    chosen |= meta'],
    ['a call for a match', 'codes.found = allowed', 'allowed && codes.salted.fill(0)\n  codes.found = allowed'],
  ]
  it.each(LEAKS)('would show %s', async (_name, from, to) => {
    const { found } = await traces(
      200,
      (_path, source) => {
        expect(source.split(from).length).toBe(2)
        return source.replace(from, to)
      },
      [1],
    )
    expect(found.size).toBeGreaterThan(1)
  })
})

describe('the commit path', () => {
  type Panel = ReturnType<typeof app.create>
  const LAST_DIGIT = '6'
  /** State numbers of the partition, in the order of its picture. */
  const STATES = ['disarmed', 'exit', 'armed', 'entry', 'alarm', 'quiet alarm']

  interface Run {
    /** Up to the return of commit(), and up to the end of the poll that shows the answer. */
    committed: string
    answered: string
    isAccepted: number
    isDuress: number
    log: string[]
  }

  let loaded: Loaded<typeof app>
  beforeAll(async () => {
    loaded = await load<typeof app>('firmware/app.ts')
  }, 30000)

  /** All but the last digit stands in the entry; the last one is pressed, and everything until the answer is traced. */
  function enter(
    { exports: module, trace }: Loaded<typeof app>,
    state: number,
    isLocked: boolean,
    pick: (digits: string[]) => string,
    closed: number[] = [],
    config = demoConfig(),
  ): Run {
    const run: Run = { committed: '', answered: '', isAccepted: 0, isDuress: 0, log: [] }
    const random = new Random(SEED)
    let digits: string[] = []
    trace.isOn = false
    const simulator = new Simulator<Panel, codes.Codes>({
      firmware: {
        makeCodes(hal, secret, salt) {
          const table = module.makeCodes(hal, secret, salt)
          digits = []
          for (let slot = 0; slot < SLOTS; slot++) {
            digits.push(digitsOf(random, 5) + LAST_DIGIT)
            module.storeCode(table, hal, slot, digits[slot], slot + 1, slot === DURESS_SLOT, 3, 255)
          }
          for (const user of closed) table.rights[user - 1] &= 4095
          return table
        },
        storeCode: () => {},
        create: module.create,
        poll: (panel) => {
          const wasPending = panel.reactionAtMs !== Infinity
          const upMs = module.poll(panel)
          if (wasPending && panel.reactionAtMs === Infinity && run.answered === '') run.answered = trace.digest()
          return upMs
        },
        wake: module.wake,
        pathState: module.pathState,
      },
      config,
      crypto: nodeCrypto,
      seed: SEED,
    })
    simulator.powerOn()
    simulator.runTo(1500)
    const panel = simulator.panel as Panel
    const code = pick(digits)
    const p = panel.premises.partitions[0]
    p.state = state
    p.untilMs = 31500
    p.siren = 2
    panel.lockedUntilMs = isLocked ? 31500 : 0
    panel.queue.journal.sequence = 100 // from 0 the count goes back to 9999 when nothing is counted, a longer number
    panel.keypad.entry.set(entryOf(code.slice(0, -1)))
    panel.keypad.count = code.length - 1
    panel.keypad.untilMs = 31500
    trace.onReturn = (name) => {
      if (name === 'commit' && run.committed === '') run.committed = trace.digest()
    }
    trace.log = []
    trace.reset()
    trace.isOn = true
    simulator.type(code.slice(-1))
    simulator.runTo(2500)
    trace.isOn = false
    run.log = trace.log ?? []
    run.isAccepted = panel.isAccepted
    run.isDuress = panel.codes.duress
    return run
  }

  /** Candidates that end with the same digit, so that the finger does the same. */
  function candidates(): ((digits: string[]) => string)[] {
    const random = new Random(SEED + 1)
    const picks: ((digits: string[]) => string)[] = []
    for (let index = 0; index < CANDIDATES; index++) {
      const seed = random.next()
      picks.push((digits) => candidate(index, digits, new Random(seed)).slice(0, 5) + LAST_DIGIT)
    }
    return picks
  }

  /** What each candidate leaves; the steps only of the first one of each kind, or thousands would fill the memory. */
  function enterAll(
    picks: ((digits: string[]) => string)[],
    ...rest: [number, boolean, number[]?, ReturnType<typeof demoConfig>?]
  ): Run[] {
    const [state, isLocked, closed, config] = rest
    const runs: Run[] = []
    for (const pick of picks) {
      const run = enter(loaded, state, isLocked, pick, closed, config)
      if (runs.some((other) => run.committed === other.committed && run.answered === other.answered)) run.log = []
      runs.push(run)
    }
    return runs
  }

  /** For a failure: where each trace first differs from the first one. */
  function partings(runs: Run[], until: 'committed' | 'answered'): string {
    const found = new Set<string>()
    const first = runs[0]
    for (const run of runs) {
      if (run[until] === first[until]) continue
      const at = run.log.findIndex((step, index) => step !== first.log[index])
      found.add(`step ${at}: '${first.log[at]}' or '${run.log[at]}'`)
    }
    return [...found].join('; ')
  }

  it.each(STATES)(
    'is the same for user, duress and wrong codes while %s (D-30, D-36)',
    (state) => {
      const runs = enterAll(candidates(), STATES.indexOf(state), false)
      const accepted = runs.filter((run) => run.isAccepted === 1)
      expect(new Set(runs.map((run) => run.committed)).size, partings(runs, 'committed')).toBe(1)
      // What follows until all is shown may tell right from wrong, not user from duress.
      expect(new Set(accepted.map((run) => run.answered)).size, partings(accepted, 'answered')).toBe(1)
      expect(runs[0].committed).not.toBe('')
      expect(runs[0].answered).not.toBe('')
      expect(accepted.some((run) => run.isDuress === 1) && accepted.some((run) => run.isDuress === 0)).toBe(true)
      expect(accepted.length).toBeLessThan(runs.length)
    },
    PATIENCE_MS,
  )

  it(
    'is the same to its very end for wrong codes and for those outside their hours, duress or not (C-4)',
    () => {
      const closed = Array.from({ length: SLOTS }, (_, at) => at + 1)
      const runs = enterAll(candidates(), 2, false, closed)
      expect(new Set(runs.map((run) => run.answered)).size, partings(runs, 'answered')).toBe(1)
      expect(runs.some((run) => run.isDuress === 1) && runs.some((run) => run.isDuress === 0)).toBe(true)
      expect(runs.every((run) => run.isAccepted === 0)).toBe(true)
    },
    PATIENCE_MS,
  )

  it(
    'is the same without decoys (D-30, D-36)',
    () => {
      const runs = enterAll(candidates(), 4, false, [], unmatched())
      expect(new Set(runs.map((run) => run.committed)).size, partings(runs, 'committed')).toBe(1)
    },
    PATIENCE_MS,
  )

  it(
    'is the same to its very end for all codes in lockout (L-4, D-22)',
    () => {
      const runs = enterAll(candidates(), 2, true)
      expect(new Set(runs.map((run) => run.answered)).size, partings(runs, 'answered')).toBe(1)
      expect(runs.some((run) => run.isDuress === 1)).toBe(true)
      expect(runs.every((run) => run.isAccepted === 0)).toBe(true)
    },
    PATIENCE_MS,
  )

  const LEAKS: [string, string, string, string][] = [
    [
      'a branch on duress',
      'app/entry.ts',
      '  app.isAccepted = accepted\n',
      '  app.isAccepted = accepted\n  if (duress) app.isAccepted = accepted\n',
    ],
    [
      'a table read by the code of the event',
      'app/entry.ts',
      'takers[event.HOLD_UP] & (255',
      'takers[event.groupOf(code)] & (255',
    ],
    [
      'a queue that is tidied before the answer',
      'app/entry.ts',
      '  app.reactionAtMs = NEVER\n  if',
      '  app.reactionAtMs = NEVER\n  queue.tidy(app.queue)\n  if',
    ],
  ]
  it.each(LEAKS)(
    'would show %s',
    async (_name, file, from, to) => {
      const leaky = await load<typeof app>('firmware/app.ts', (path, source) => {
        if (!path.endsWith(`firmware/${file}`)) return source
        expect(source.split(from).length).toBe(2)
        return source.replace(from, to)
      })
      // Without decoys the code of the event differs, too.
      const user = enter(leaky, 2, false, (digits) => digits[0], [], unmatched())
      const duress = enter(leaky, 2, false, (digits) => digits[DURESS_SLOT], [], unmatched())
      expect(duress.answered).not.toBe(user.answered)
    },
    30000,
  )
})
