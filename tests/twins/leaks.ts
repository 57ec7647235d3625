/**
 * Planted leaks: faults that show under duress only, each small, as a programmer might make them. The twin runs have to
 * find every one, or they prove nothing. Some are acts on the panel's records, some are changes of its source.
 */

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import * as app from '../../firmware/app'
import * as keeping from '../../firmware/app/keeping'
import * as lcd from '../../firmware/io/lcd'
import * as sounder from '../../firmware/io/sounder'
import * as journal from '../../firmware/store/journal'
import * as tones from '../../firmware/tones'
import * as dispatcher from '../../firmware/transmit/dispatcher'
import type { Firmware } from './heap'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NEVER = Infinity

export interface Leak {
  name: string
  /** Makes the panel with the leak, anew for each run. */
  make(): Firmware
}

type Act = (panel: app.App, nowMs: number) => void
/** Right after the code, right after its answer, or so many ms after the answer. */
type When = 'code' | 'answer' | number

/** firmware/app.ts with an act once for each duress code. */
export function acting(name: string, when: When, act: Act): Leak {
  return {
    name,
    make: () => {
      const plan = { isPending: false, actAtMs: NEVER }
      return {
        create: (...args) => {
          plan.isPending = false
          plan.actAtMs = NEVER
          return app.create(...args)
        },
        poll: (panel) => {
          const nextMs = app.poll(panel)
          const nowMs = panel.hal.clock.nowMs()
          if (!isDue(plan, panel, when, nowMs)) return plan.actAtMs < nextMs ? plan.actAtMs : nextMs
          act(panel, nowMs)
          return nowMs
        },
      }
    },
  }
}

function isDue(plan: { isPending: boolean; actAtMs: number }, panel: app.App, when: When, nowMs: number): boolean {
  // Before the commit, warmStep is -1 and `duress` that of the code before.
  const isWaiting = panel.reactionAtMs !== NEVER && panel.warmStep >= 0 && panel.codes.duress === 1
  // The answer's text comes in the pass after its tone.
  const isPending = isWaiting || (plan.isPending && panel.reactionAtMs === NEVER && panel.showAtMs <= nowMs)
  if (isPending && !plan.isPending && when === 'code') plan.actAtMs = nowMs
  if (!isPending && plan.isPending && when !== 'code') plan.actAtMs = nowMs + (when === 'answer' ? 0 : when)
  plan.isPending = isPending
  if (nowMs < plan.actAtMs) return false
  plan.actAtMs = NEVER
  return true
}

/** The panel with a change in its source; loadChanged() has to be called first. */
interface Change {
  name: string
  file: string
  from: string
  to: string
}

function show(panel: app.App, line: 0 | 1, text: string, nowMs: number): void {
  lcd.show(panel.lcd, line, text)
  panel.lcdAtMs = nowMs
}

function pulse(panel: app.App, pin: number, level: number): void {
  panel.hal.pins.write(pin, level)
  panel.hal.pins.write(pin, 1 - level)
}

function tone(panel: app.App, notes: Parameters<typeof sounder.play>[1], nowMs: number): void {
  sounder.play(panel.sounder, notes, nowMs)
  panel.sounderAtMs = nowMs
}

/** A list beside the panel's own records, as somebody might add it for statistics. */
function grow(panel: app.App & { times?: number[] }, nowMs: number): void {
  const { times = [] } = panel
  panel.times = times
  times.push(nowMs)
}

const atps = (panel: app.App) => panel.dispatcher.lanes.flatMap((lane) => lane.atps.filter((a) => a !== undefined))

// biome-ignore format: a leak a line
const ACTS: [string, When, Act][] = [
  ['another text with the answer', 'answer', (p, now) => show(p, 1, 'User 33', now)],
  ['one dot more in the text', 'answer', (p, now) => show(p, 0, `${p.lcd.want.slice(0, 9)}.`, now)],
  ['a text before the answer', 'code', (p, now) => show(p, 1, 'Sending', now)],
  ['a text half a minute later', 30000, (p, now) => show(p, 1, 'Help is coming', now)],
  ['a blink of the light', 'code', (p) => pulse(p, p.config.pins.light, 0)],
  ['a click of the siren', 'answer', (p) => pulse(p, p.config.pins.siren, 1)],
  ['a beep 10 ms longer', 'answer', (p) => { p.sounder.dueMs += 10; p.sounderAtMs += 10 }],
  ['a key click cut short', 'code', (p) => p.hal.pins.write(p.config.pins.buzzer, 0)],
  ['an answer 10 ms later', 'code', (p) => { p.reactionAtMs += 10 }],
  ['an answer 1 ms earlier', 'code', (p) => { p.reactionAtMs -= 1 }],
  ['a note 1 s longer', 'answer', (p) => { p.noteUntilMs += 1000; p.showAtMs = 0 }],
  ['the tone of a refusal', 'answer', (p, now) => tone(p, tones.REJECTED, now)],
  ['a trouble tone 20 s later', 20000, (p, now) => tone(p, tones.ACCEPTED, now)],
  ['a count of wrong codes that stays', 'answer', (p) => { p.wrongCount = 4 }],
  ['an installer count that starts anew', 'answer', (p) => { p.installerWrong = 77; keeping.keepRest(p) }],
  ['an alarm memory that is gone', 'answer', (p, now) => { p.premises.partitions[0].memory ^= 1; p.showAtMs = now }],
  ['a chime that is off from now on', 'answer', (p) => { p.isChimeOn = 0; keeping.keepRest(p) }],
  ['a display that goes dark a second later', 'answer', (p) => { p.awakeMs += 1000 }],
  ['texts that stay open longer in profile EN', 'answer', (p) => { p.openUntilMs += 5000 }],
  ['menus that wait no longer', 'answer', (p) => { p.keypad.untilMs -= 300 }],
  ['an exit delay 1 s shorter', 1500, (p) => { p.premises.partitions[0].untilMs -= 1000 }],
  ['a line in the event log', 'answer', (p) => keeping.note(p, 459, 1, 0, 3)],
  ['one more write to flash', 'code', (p) => p.hal.flash.write(4096 * 8, new Uint8Array(4))],
  ['one more write to flash a minute later', 60000, (p) => p.hal.flash.write(4096 * 8, new Uint8Array(4))],
  ['a page erased ahead of time', 5000, (p) => p.hal.flash.erase(9)],
  ['an empty record', 'answer', (p) => keeping.keep(p, 0, 1, 0)],
  ['a mark that is made twice', 2500, (p) => journal.settle(p.queue.journal, 2, 1)],
  ['a read of all flash', 'code', (p) => { for (let at = 0; at < 16; at++) p.hal.flash.read(at * 4096, 4096) }],
  ['one more hash', 'code', (p) => { p.hal.crypto.pbkdf2(p.codes.secret, p.codes.salted, 64, 32) }],
  ['frames that are a block longer', 'code', (p) => { for (const a of atps(p)) a.link.padBytes += 16 }],
  ['a null message more', 8000, (p, now) => { for (const a of atps(p)) a.pollAtMs = now; p.dispatcher.supervision.atMs = now }],
  ['null messages that come more often', 'answer', (p) => { p.dispatcher.supervision.row = 54; p.dispatcher.supervision.atMs = 0 }],
  ['connections that are closed when all is said', 10000, (p) => { for (const lane of p.dispatcher.lanes) lane.path.close(lane.path) }],
  ['only one path', 'code', (p) => { for (let at = 0; at < p.queue.count; at++) p.queue.flags[at] &= ~2 }],
  ['a retry without its pause', 3000, (p) => dispatcher.wake(p.dispatcher)],
  ['a report while the answer waits', 'code', (p, now) => { dispatcher.poll(p.dispatcher, now) }],
  ['a sequence number left out', 'answer', (p) => void p.queue.journal.sequence++],
  ['a periodic test that comes earlier', 'answer', (p, now) => { p.testAtMs = now + 5000 }],
  ['a modem that is switched off', 12000, (p) => pulse(p, p.config.pins.modemPowerKey, 1)],
  ['a controller that is reset', 12000, (p) => pulse(p, p.config.pins.w5500Reset, 0)],
  ['a text that stays in memory', 'answer', (p) => void Object.assign(p.codes, { why: 'entered under duress' })],
  ['a list that grows by one with each code', 'answer', (p, now) => grow(p, now)],
  ['hold-ups that go to the display at home', 'answer', (p) => { p.queue.journal.takers[0] |= 2; keeping.send(p, 121, 1, 0, 3, 0) }],
]

const CHANGES: Change[] = [
  {
    name: 'no decoy for an ordinary code',
    file: 'app/entry.ts',
    from: '  const isUrgent = c.duress | isMirrored\n',
    to: '  const isUrgent = c.duress\n',
  },
  {
    name: 'decoys that go over one path only',
    file: 'transmit/queue.ts',
    from: '    q.classes[at] = ',
    to: '    if (decoyed !== 0) priority = 6\n    q.classes[at] = ',
  },
  {
    name: 'decoys that are settled without being sent',
    file: 'app/entry.ts',
    from: '  const takersB =',
    to: '  if (decoyed !== 0) q.classes[0] = 15\n  const takersB =',
  },
  {
    name: 'an abort without decoys',
    file: 'app/house.ts',
    from: '  const list = queue.held(q, area)\n',
    to: '  const list = silent === 1 ? queue.held(q, area) : []\n',
  },
  {
    name: 'no cancel under duress, nor anything in its place',
    file: 'app/house.ts',
    from: '    if (p.cancels === 1) {',
    to: '    if (p.cancels === 1 && p.silent === 0) {',
  },
  {
    name: 'an alarm of an abort window that the display at home gets',
    file: 'app/house.ts',
    from: '  const decoy = (event.FOR_OTHERS | (event.FOR_STATIONS * (1 - silent)))',
    to: '  const decoy = (event.FOR_ALL * (1 - silent))',
  },
  {
    name: 'a cancel that the display at home does not get',
    file: 'app/house.ts',
    from: '      const decoy = (p.silent * event.FOR_STATIONS)',
    to: '      const decoy = (p.silent * event.FOR_ALL)',
  },
  {
    name: 'an answer 1 ms later, built in',
    file: 'app/entry.ts',
    from: '  app.warmAtMs = nowMs + WARM_MS\n',
    to: '  app.warmAtMs = nowMs + WARM_MS\n  app.reactionAtMs += c.duress\n',
  },
  {
    name: 'a number that is short until the first duress code',
    file: 'app.ts',
    from: '    silentUntilMs: -outputs.DURESS_MS,',
    to: '    silentUntilMs: 0,',
  },
  {
    name: 'a lockout that duress ends',
    file: 'app/entry.ts',
    from: '  if (app.isAccepted === 1) accepted(app, nowMs)\n',
    to: '  if (app.codes.duress === 1) app.lockedUntilMs = 0\n  if (app.isAccepted === 1) accepted(app, nowMs)\n',
  },
  {
    name: 'a name in place of the owner',
    file: 'app/keeping.ts',
    from: '  eventLog.append(app.log, code, qualifier, index + 1, number,',
    to: '  eventLog.append(app.log, code, qualifier, index + 1, number + app.codes.duress * 31,',
  },
  {
    name: 'a path trouble that is shown at once',
    file: 'app/entry.ts',
    from: '  troubles.codeEntered(app.troubles,',
    to: '  if (c.duress === 0) troubles.codeEntered(app.troubles,',
  },
  {
    name: 'an event that must not be dropped, in the place of one that may',
    file: 'app/entry.ts',
    from: '  keeping.keepRest(app) // the installer',
    to: '  if (app.codes.duress === 1) keeping.keep(app, 145, 1, 0)\n  keeping.keepRest(app) // the installer',
  },
]

export function leakNames(): string[] {
  return [...ACTS.map(([name]) => name), ...CHANGES.map(({ name }) => name)]
}

/** By its place in leakNames(); a changed source is bundled here. */
export async function leakAt(index: number): Promise<Leak> {
  if (index < ACTS.length) return acting(...ACTS[index])
  const change = CHANGES[index - ACTS.length]
  const panel = await loadChanged(change)
  return { name: change.name, make: () => ({ create: panel.create, poll: panel.poll }) }
}

async function loadChanged({ file, from, to }: Change): Promise<typeof app> {
  const path = `${ROOT}firmware/${file}`
  const source = await readFile(path, 'utf8')
  if (source.split(from).length !== 2) throw new Error(`${file} has not exactly one '${from.trim()}'`)
  const { outputFiles } = await build({
    entryPoints: [`${ROOT}firmware/app.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    plugins: [
      {
        name: 'leak',
        setup: (setup) => {
          setup.onLoad({ filter: /\.ts$/ }, (args) =>
            args.path === path ? { contents: source.replace(from, () => to), loader: 'ts' } : undefined,
          )
        },
      },
    ],
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}
