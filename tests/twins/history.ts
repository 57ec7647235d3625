/**
 * Histories of a house for the twin runs: what people, burglars, networks and power do, drawn by fast-check, so that a seed
 * replays them and a difference shrinks. Somewhere in each, user 2 enters a code: the ordinary one or the duress code.
 */

import fc from 'fast-check'

/** Whose code is entered. TWIN is user 2, with the one or the other of the two codes; twin with the ordinary one in both runs. */
export type Who = 'TWIN' | 'twin' | 'master' | 'user' | 'guest' | 'installer' | 'wrong'

export type Step =
  | { do: 'code'; who: Who; choice: string; waitMs: number }
  | { do: 'keys'; keys: string; waitMs: number }
  | { do: 'lockout' }
  | { do: 'zone'; zone: number; ms: number }
  | { do: 'link'; via: 'ethernet' | 'cellular' | 'both'; isUp: boolean }
  | { do: 'internet'; isUp: boolean }
  | { do: 'receiver'; mode: 'ack' | 'silent' | 'nak' | 'duh' | 'close' }
  | { do: 'power'; offMs: number }
  | { do: 'mains'; isOn: boolean }
  | { do: 'wait'; ms: number }

export interface House {
  /** Abort window in s. */
  abort: 0 | 30
  areTwo: boolean
  profile: 'SIA' | 'EN'
  isHidden: boolean
  isBlanking: boolean
  /** A second receiver at home that shows things. */
  hasDisplay: boolean
  isUdp: boolean
  category: 'DP2' | 'DP4'
  seed: number
}

export interface History {
  house: House
  steps: Step[]
}

/** Chosen after a code: arm away, stay, night, instant; bypass, chime, memory, log and other menus; programming; nothing. */
const CHOICES = ['', '', '', '2#', '2#', '3#', '33#', '7#', '5#', '6#01#', '*4', '*2', '#', '4#', '0']
const KEYS = ['*2', '*4', '*3', '#', '1', '12', '0', '9*', '##', '2', '55555']

const who = fc.constantFrom<Who>('TWIN', 'TWIN', 'TWIN', 'master', 'user', 'guest', 'installer', 'wrong')
const pause = fc.constantFrom(300, 900, 900, 3000, 3000, 3000, 11000, 11000, 35000, 65000)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 54,
    arbitrary: fc.record({ do: fc.constant('code' as const), who, choice: fc.constantFrom(...CHOICES), waitMs: pause }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('keys' as const), keys: fc.constantFrom(...KEYS), waitMs: pause }),
  },
  { weight: 6, arbitrary: fc.constant({ do: 'lockout' as const }) },
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant('zone' as const),
      zone: fc.integer({ min: 0, max: 4 }),
      ms: fc.constantFrom(700, 2500, 8000, 40000),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('link' as const),
      via: fc.constantFrom('ethernet' as const, 'cellular' as const, 'both' as const),
      isUp: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('internet' as const), isUp: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('receiver' as const),
      mode: fc.constantFrom(
        'ack' as const,
        'ack' as const,
        'silent' as const,
        'nak' as const,
        'duh' as const,
        'close' as const,
      ),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('power' as const), offMs: fc.constantFrom(300, 20000) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('mains' as const), isOn: fc.boolean() }) },
  { weight: 18, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: pause }) },
  // Hours and days: what comes up later in menus, lists and supervision.
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(3700000, 3700000, 3700000, 8 * 3600000),
    }),
  },
)

const house: fc.Arbitrary<House> = fc.record({
  abort: fc.constantFrom(0 as const, 30 as const),
  areTwo: fc.boolean(),
  profile: fc.constantFrom('SIA' as const, 'SIA' as const, 'EN' as const),
  isHidden: fc.boolean(),
  isBlanking: fc.boolean(),
  hasDisplay: fc.boolean(),
  isUdp: fc.constantFrom(false, false, true),
  category: fc.constantFrom('DP2' as const, 'DP4' as const),
  seed: fc.integer({ min: 1, max: 1000000 }),
})

/** Ways into the states of D-4 to D-10 and D-22 that chance alone finds too seldom. */
const ARM: Step = { do: 'code', who: 'master', choice: '2#', waitMs: 48000 }
const SCENES: Step[][] = [
  [],
  [],
  [{ do: 'code', who: 'user', choice: '2#', waitMs: 9000 }], // exit
  [ARM],
  [{ do: 'code', who: 'master', choice: '3#', waitMs: 48000 }], // armed, stay
  [ARM, { do: 'zone', zone: 0, ms: 3000 }], // entry
  [ARM, { do: 'zone', zone: 1, ms: 2500 }], // alarm, in the abort window if there is one
  [ARM, { do: 'zone', zone: 1, ms: 2500 }, { do: 'wait', ms: 35000 }], // and after the report
  [ARM, { do: 'zone', zone: 1, ms: 2500 }, { do: 'wait', ms: 66000 }], // quiet
  [{ do: 'zone', zone: 3, ms: 2500 }], // fire
  [{ do: 'lockout' }],
  [ARM, { do: 'lockout' }],
  // Programming; in profile EN a user has to let the installer in.
  [
    { do: 'code', who: 'master', choice: '0', waitMs: 3000 },
    { do: 'code', who: 'installer', choice: '0', waitMs: 3000 },
  ],
  [ARM, { do: 'link', via: 'both', isUp: false }, { do: 'zone', zone: 1, ms: 2500 }],
]

const entry = fc.record({
  do: fc.constant('code' as const),
  who: fc.constant('TWIN' as const),
  choice: fc.constantFrom(...CHOICES),
  waitMs: pause,
})

/** Up to some 15 steps with one entry of user 2 at least, and what comes of it. */
export const history: fc.Arbitrary<History> = fc
  .record({
    house,
    before: fc.array(step, { minLength: 0, maxLength: 5 }),
    scene: fc.constantFrom(...SCENES),
    entry,
    after: fc.array(step, { minLength: 1, maxLength: 5 }),
  })
  .map((drawn) => ({ house: drawn.house, steps: [...drawn.before, ...drawn.scene, drawn.entry, ...drawn.after] }))

const HOME: House = {
  abort: 30,
  areTwo: false,
  profile: 'SIA',
  isHidden: false,
  isBlanking: true,
  hasDisplay: true,
  isUdp: false,
  category: 'DP2',
  seed: 5,
}
const ENTRY: Step = { do: 'code', who: 'TWIN', choice: '', waitMs: 3000 }

/** For leaks: short ways to what each of them needs. */
export const DIRECTED: History[] = [
  { house: HOME, steps: [ARM, { do: 'zone', zone: 0, ms: 3000 }, ENTRY, { do: 'wait', ms: 40000 }] },
  { house: HOME, steps: [ARM, { do: 'zone', zone: 1, ms: 2500 }, ENTRY, { do: 'wait', ms: 20000 }] },
  {
    house: HOME,
    steps: [ARM, { do: 'zone', zone: 1, ms: 2500 }, { do: 'wait', ms: 35000 }, ENTRY, { do: 'wait', ms: 65000 }],
  },
  {
    house: HOME,
    steps: [
      { ...ENTRY, choice: '2#' },
      { do: 'wait', ms: 70000 },
    ],
  },
  { house: HOME, steps: [ARM, { do: 'lockout' }, ENTRY, { do: 'wait', ms: 95000 }] },
  {
    house: { ...HOME, profile: 'EN' },
    steps: [ENTRY, { do: 'wait', ms: 40000 }, { do: 'code', who: 'wrong', choice: '', waitMs: 3000 }],
  },
  {
    house: HOME,
    steps: [ENTRY, { do: 'code', who: 'master', choice: '*4', waitMs: 11000 }, { do: 'zone', zone: 1, ms: 900 }],
  },
  { house: HOME, steps: [{ do: 'receiver', mode: 'silent' }, ENTRY, { do: 'wait', ms: 65000 }] },
  {
    house: HOME,
    steps: [
      { do: 'link', via: 'both', isUp: false },
      ENTRY,
      { do: 'wait', ms: 300000 },
      { do: 'keys', keys: '*2', waitMs: 3000 },
    ],
  },
]
