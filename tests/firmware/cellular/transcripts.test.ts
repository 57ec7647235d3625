/**
 * One good conversation and ten failures for each family of modems, as it crosses the wire: transcripts/*.txt hold them to
 * the byte and the millisecond, for people to read. What has to come of each is asserted here besides.
 */

import { describe, expect, it } from 'vitest'
import type { ModemModel } from '../../../hal-mock/modem'
import { type BenchSettings, DOWN, ModemBench, NOBODY, READY, RECEIVER, UDP_RECEIVER } from './modem-bench'

/** One of each family. */
const MODELS: ModemModel[] = ['A7670', 'SIM7080', 'SIM800', 'BG95', 'SARA-R4']
const FRAME = `\n8ACE0033"ADM-CID"0001L0#1234[#1234|1121 01 001]\r`
/** 2026-01-05 08:00:00 UTC. */
const START_SECONDS = 1767600000

interface Story {
  title: string
  settings?: BenchSettings
  /** What went before is not shown. */
  before?: (bench: ModemBench) => void
  act: (bench: ModemBench) => void
}

const STORIES: Story[] = [
  {
    title: 'from the power key to the kiss-off',
    act: (bench) => {
      bench.ready()
      bench.run(3000)
      bench.deliver(FRAME, 5000)
      bench.p.close(bench.p)
      bench.run(500)
      expect(bench.frames).toEqual([FRAME])
      expect(bench.p.timeSeconds).toBeGreaterThan(START_SECONDS)
    },
  },
  {
    title: 'a datagram and its answer',
    settings: { targets: [UDP_RECEIVER] },
    before: (bench) => bench.ready().run(3000),
    act: (bench) => {
      bench.deliver(FRAME, 5000)
      expect(bench.frames).toEqual([FRAME])
    },
  },
  {
    title: '1. the SIM refuses the PIN: it is not entered again',
    settings: { modem: { simPin: '1234' }, simPin: '9999' },
    act: (bench) => {
      bench.run(620000)
      expect(bench.p.trouble).toBe(1)
      expect(bench.modem.sim).toBe('ready')
    },
  },
  {
    title: '2. there is no SIM, then somebody puts one in',
    act: (bench) => {
      bench.modem.sim = 'absent'
      bench.run(60000)
      expect(bench.p.trouble).toBe(1)
      bench.modem.sim = 'ready'
      bench.until(() => bench.p.state === READY, 40000)
    },
  },
  {
    title: '3. the network denies service and then changes its mind',
    before: (bench) => bench.ready().run(3000),
    act: (bench) => {
      bench.modem.networkStatus = 3
      bench.run(33000)
      expect(bench.p.state).toBe(DOWN)
      bench.modem.networkStatus = 5
      bench.until(() => bench.p.state === READY, 30000)
    },
  },
  {
    title: '4. the network refuses the data bearer three times',
    before: (bench) => {
      bench.modem.faults.pdpRefused = true
    },
    act: (bench) => {
      let refusals = 0
      const tell = bench.modem.onActivity
      bench.modem.onActivity = (what) => {
        tell(what)
        if (what === 'network refused') bench.modem.faults.pdpRefused = ++refusals < 3
      }
      bench.until(() => bench.p.state === READY, 120000)
      expect(refusals).toBe(3)
    },
  },
  {
    title: '5. the receiver refuses the connection; the second one takes it',
    settings: { targets: [NOBODY, RECEIVER] },
    before: (bench) => bench.ready().run(3000),
    act: (bench) => {
      bench.p.open(bench.p, 0)
      bench.until(() => bench.p.state < 2, 20000)
      bench.deliver(FRAME, 20000, 1)
    },
  },
  {
    title: '6. the prompt is lost: the modem is fed line ends until it listens again',
    before: (bench) => bench.connect().run(3000),
    act: (bench) => {
      bench.modem.faults.promptMissing = true
      bench.clock.after(1000, () => {
        bench.modem.faults.promptMissing = false
      })
      bench.deliver(FRAME, 60000)
      expect(bench.frames[bench.frames.length - 1]).toBe(FRAME)
    },
  },
  {
    title: '7. the modem takes half of the frame',
    before: (bench) => bench.connect().run(3000),
    act: (bench) => {
      bench.modem.faults.partialSend = true
      bench.clock.after(1000, () => {
        bench.modem.faults.partialSend = false
      })
      bench.deliver(FRAME, 60000)
    },
  },
  {
    title: '8. the notice of the reply is lost: the modem is asked 2 s later',
    before: (bench) => bench.connect().run(3000),
    act: (bench) => {
      bench.modem.faults.loseUrcOneIn = 1
      expect(bench.deliver(FRAME, 5000)).toBeLessThan(2500)
    },
  },
  {
    title: '9. the network takes the bearer away',
    before: (bench) => bench.connect().run(3000),
    act: (bench) => {
      bench.modem.loseBearer()
      bench.deliver(FRAME, 60000)
    },
  },
  {
    title: '10. the modem restarts in the middle of a send',
    before: (bench) => bench.connect().run(3000),
    act: (bench) => {
      bench.p.send(bench.p, FRAME)
      bench.clock.after(3, () => bench.modem.reboot())
      bench.deliver(FRAME, 60000)
      expect(bench.frames).toEqual([FRAME])
    },
  },
]

function told(model: ModemModel, story: Story): string {
  const settings = story.settings ?? {}
  const modem = { model, utcSeconds: () => START_SECONDS + ((bench.clock.nowMs / 1000) | 0), ...settings.modem }
  const bench: ModemBench = new ModemBench({ ...settings, modem })
  story.before?.(bench)
  const from = bench.lines.length
  story.act(bench)
  return `${story.title}\n\n${bench.lines.slice(from).join('\n')}\n`
}

const HEAD = `What crosses the wire: > from the panel, < from the modem, * what happens besides. Times are ms since power-up.
Bytes that cannot be read stand as \\xNN; line ends and blank lines are left out.

`

describe.each(MODELS)('%s', (model) => {
  it('says what transcripts say it says', async () => {
    const stories = STORIES.map((story) => told(model, story)).join('\n\n')
    await expect(`${HEAD}${stories}`).toMatchFileSnapshot(`transcripts/${model}.txt`)
  })
})
