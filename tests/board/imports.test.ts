/** The arrows of the import rules: each planted breach is seen. That the real tree keeps them is a part of `npm run lint`. */

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')

/** "who imports what" of every violation. */
function violations(folder: string): string[] {
  const result = spawnSync(process.execPath, [PROGRAM, '-T', 'json', 'firmware', 'hal-mock', 'board', 'tests'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const report = JSON.parse(result.stdout) as { summary: { violations: { from: string; to: string }[] } }
  // One import may break two rules.
  return [...new Set(report.summary.violations.map((found) => `${found.from} -> ${found.to}`))]
}

/** Every arrow of the layout once: none of them may be complained of. */
const PLANTED: Record<string, string> = {
  'firmware/hal.ts': 'export interface Hal { a: number }\nexport const LIMIT = 1',
  'firmware/event.ts': 'export const NONE = 0',
  'firmware/config.ts': "import { NONE } from './event'\nexport const none = NONE",
  'firmware/clock.ts': "import type { Hal } from './hal'\nexport type C = Hal",
  'firmware/panel/keypad.ts': "import { NONE } from '../event'\nexport type Key = typeof NONE\nexport const KEY = 1",
  'firmware/report/dc09.ts': "import { none } from '../config'\nexport const frame = none",
  'firmware/store/journal.ts': "import type { Hal } from '../hal'\nexport type J = Hal",
  'firmware/transmit/path.ts': 'export interface Path { a: number }\nexport const OPEN = 3',
  'firmware/transmit/queue.ts': "import type { J } from '../store/journal'\nexport type Q = J",
  'firmware/io/lcd.ts': "import type { Key } from '../panel/keypad'\nexport type L = Key",
  'firmware/ethernet/ethernet-path.ts': "import { OPEN } from '../transmit/path'\nexport const open = OPEN",
  'firmware/app.ts': "import { open } from './ethernet/ethernet-path'\nexport const app = open",
  'hal-mock/w5500.ts': "import type { Hal } from '../firmware/hal'\nexport type W = Hal",
  'hal-mock/programs/panel.ts': "import { app } from '../../firmware/app'\nimport 'node:fs'\nexport const p = app",
  'hal-mock/programs/fuzz-dc09.ts': "import { frame } from '../../firmware/report/dc09'\nexport const f = frame",
  'hal-mock/programs/bench-frames.ts': "import { frame } from '../../firmware/report/dc09'\nexport const b = frame",
  'hal-mock/interpreter.ts': "import { natives } from '../board/natives'\nexport const i = natives",
  'hal-mock/programs/page-protocol.ts': 'export const UP = 2',
  'hal-mock/page/app.ts': "import { UP } from '../programs/page-protocol'\nexport const a = UP",
  'board/natives.ts': 'export const natives = 1',
  'board/main.ts': "import { app } from '../firmware/app'\nexport const m = app",
  'tests/app.test.ts': "import { app } from '../firmware/app'\nimport { p } from '../hal-mock/programs/panel'\napp + p",
}

/** A file that breaks one arrow each; the key of the expected violation is "file -> imported". */
const BREACHES: [file: string, text: string, imported: string][] = [
  ['firmware/panel/zones.ts', "import type { Hal } from '../store/journal'", 'firmware/store/journal.ts'],
  ['firmware/panel/pins.ts', "import { lcd } from '../io/lcd'", 'firmware/io/lcd.ts'],
  ['firmware/report/tables.ts', "import { OPEN } from '../transmit/path'", 'firmware/transmit/path.ts'],
  ['firmware/store/settings.ts', "import type { Key } from '../panel/keypad'", 'firmware/panel/keypad.ts'],
  ['firmware/io/keys.ts', "import { KEY } from '../panel/keypad'\nexport const k = KEY", 'firmware/panel/keypad.ts'],
  [
    'firmware/transmit/dispatcher.ts',
    "import { open } from '../ethernet/ethernet-path'",
    'firmware/ethernet/ethernet-path.ts',
  ],
  ['firmware/ethernet/w5500.ts', "import type { Q } from '../transmit/queue'", 'firmware/transmit/queue.ts'],
  ['firmware/cellular/at.ts', "import { frame } from '../report/dc09'", 'firmware/report/dc09.ts'],
  ['firmware/io/file.ts', "import { readFileSync } from 'node:fs'\nexport const r = readFileSync", 'fs'],
  ['firmware/store/chip.ts', "import type { W } from '../../hal-mock/w5500'", 'hal-mock/w5500.ts'],
  ['hal-mock/receiver.ts', "import { frame } from '../firmware/report/dc09'", 'firmware/report/dc09.ts'],
  ['hal-mock/modem.ts', "import type { Path } from '../firmware/transmit/path'", 'firmware/transmit/path.ts'],
  ['hal-mock/board.ts', "import { p } from './programs/panel'", 'hal-mock/programs/panel.ts'],
  ['hal-mock/lcd.ts', "import { natives } from '../board/natives'\nexport const l = natives", 'board/natives.ts'],
  ['hal-mock/simulator.ts', "import { i } from './interpreter'\nexport const s = i", 'hal-mock/interpreter.ts'],
  ['hal-mock/sockets.ts', "import { connect } from 'node:net'\nexport const c = connect", 'net'],
  ['hal-mock/programs/bench.ts', "import { frame } from '../../firmware/report/dc09'", 'firmware/report/dc09.ts'],
  ['hal-mock/page/bench.ts', "import { p } from '../programs/panel'\nexport const b = p", 'hal-mock/programs/panel.ts'],
  ['hal-mock/page/chips.ts', "import type { W } from '../w5500'\nexport type C = W", 'hal-mock/w5500.ts'],
  ['hal-mock/programs/page.ts', "import { a } from '../page/app'\nexport const b = a", 'hal-mock/page/app.ts'],
  ['board/hal.ts', "import type { W } from '../hal-mock/w5500'", 'hal-mock/w5500.ts'],
  ['board/check.ts', "import '../tests/app.test'", 'tests/app.test.ts'],
  ['firmware/panel/cycle.ts', "import { two } from './cycle-two'\nexport const one = (): number => two()", ''],
  ['firmware/panel/cycle-two.ts', "import { one } from './cycle'\nexport const two = (): number => one()", ''],
]

describe('who may import whom', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'imports-'))
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json']) copyFileSync(ROOT + file, join(folder, file))
    for (const [file, text] of Object.entries(PLANTED)) plant(file, text)
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  function plant(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }

  it(`sees ${BREACHES.length} planted breaches, type-only imports and a cycle among them, and nothing else`, () => {
    for (const [file, text] of BREACHES) plant(file, text)
    const found = violations(folder).sort()
    const expected = BREACHES.filter(([, , imported]) => imported !== '').map(
      ([file, , target]) => `${file} -> ${target}`,
    )
    expect(found.filter((line) => !line.includes('cycle'))).toEqual(expected.sort())
    expect(found.filter((line) => line.includes('cycle'))).toHaveLength(1)
  })
})
