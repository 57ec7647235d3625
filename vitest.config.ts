import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Tests that simulate for long. There Node loads the sources itself (by tsx): vitest's own loader puts a getter call
 * before every use of an import, which makes these take 1.3 to 2 times as long.
 */
const LONG = [
  'tests/twins/{twins,second-entry}.test.ts',
  'tests/system/{power-cut,troubles,house,duress,reports,keypad-kinds,outputs-at-chip}.test.ts',
  'tests/hal-mock/programs/soak.test.ts',
]
/**
 * What takes longest begins first, or the other worker waits for it at the end: by what took long when measured, the first of them
 * because it mostly waits in real time, beside whatever else runs. vitest by itself goes by project, then by size of the file.
 */
const FIRST = [
  'board/flash/flash-sh',
  'page/page',
  'espruino/coverage',
  'twins/twins',
  'system/keypad-kinds',
  'system/power-cut',
  'system/outputs-at-chip',
  'system/shipped-bundle',
  'system/constant-flow',
  'hal-mock/programs/fuzz',
  'hal-mock/programs/workflow',
  'system/bad-input',
  'system/receiver-ways',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = FIRST.findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`))
      return at < 0 ? FIRST.length : at
    }
    return (await super.sort(files)).sort((one, other) => place(one) - place(other))
  }
}

/** Coverage sees only what vitest loads. */
const isNative = !process.argv.includes('--coverage')
const sources = /\/(firmware|hal-mock|board)\/|\/tests\/(?!.*\.test\.ts)/

export default defineConfig({
  test: {
    environment: 'node',
    // Tests share nothing and nearly all wait on virtual time only, so two workers suit a machine of two cores.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Generous, because a test that starts a program waits for the machine, not for virtual time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['firmware/**/*.ts', 'hal-mock/**/*.ts'],
      reporter: ['text', 'html'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'long',
          include: LONG,
          pool: 'forks',
          execArgv: isNative ? ['--import', 'tsx'] : [],
          server: { deps: { external: isNative ? [sources] : [] } },
        },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...LONG],
          pool: 'threads',
        },
      },
    ],
  },
})
