/**
 * Fuzz target: what the cellular path makes of a modem's bytes, in all five families and in every stage of its way.
 *
 * A path is brought to a stage once by a scripted modem; each input takes a copy of one, and feeds it a stream in pieces
 * with pauses: lines of its own family and of the others, answers as recorded and hurt, counts that lie, prompts, boot
 * lines, bytes of no sense. The path is polled at its own pace meanwhile, opened and given frames as a dispatcher would.
 *
 * Checked: nothing throws; a poll asks for the next one 1 to 2000 ms later; all that is kept stays within its limit; what is
 * written are whole commands, 30 ms apart, the frame, and padding;
 * a connection is open only after the family's own words for it; what is received came in the stream, each piece behind the
 * family's own header and as long as that says, unless a flood tore the stream; no PIN goes out twice while the SIM was not ready in between.
 */

import * as cellularPath from '../../firmware/cellular/cellular-path'
import type { Hal } from '../../firmware/hal'
import type { Random } from '../random'
import { type Conversation, FAMILIES, type Family, GENERAL } from './fuzz-at-lines'
import { type FuzzRun, type FuzzTarget, keptBytes } from './fuzz-target'

// The path's states, written down again.
const READY = 1
const OPEN = 3

/** Limits of what may be kept. */
const TEXT_LIMIT = 1024
const RING_BYTES = 1024
const COUNT_LIMIT = 1500
/** Unread bytes, one frame on its way and one received, counted bytes; the records' numbers and short texts. */
const KEPT_LIMIT = 4 * TEXT_LIMIT + RING_BYTES + COUNT_LIMIT + 1024
/** From a command to the next one, which waits at least so long after the first one's result (hardware.md §2.1). */
const GAP_MS = 30
/** A poll writes a command, and the pieces of a frame. */
const WRITES_A_POLL = 3
const INPUT_MS = 4000
const FRAME = '\nA1B2"ADM-CID"0007L0#1234[#1234|1121 01 003]\r'

/** What a path says, and hears from the fuzz. */
class Wire {
  nowMs = 0
  incoming = ''
  /** All that was fed since the copy was made. */
  fed = ''
  /** So much came at once that bytes were lost on the way, by the ring's rule or by the engine's. */
  isFlooded = false
  written: string[] = []
  hal = {
    clock: { nowMs: () => this.nowMs, utcSeconds: () => 0 },
    pins: { mode: () => {}, write: () => {}, read: () => 1 },
    uart: {
      read: () => {
        const bytes = this.incoming
        this.incoming = ''
        return bytes
      },
      write: (bytes: string) => {
        this.written.push(bytes)
      },
    },
  } as unknown as Hal

  /** keptBytes: what the engine has not taken yet. */
  feed(bytes: string, keptBytes: number): void {
    if (keptBytes + this.incoming.length + bytes.length > TEXT_LIMIT) this.isFlooded = true
    this.incoming = (this.incoming + bytes).slice(-RING_BYTES)
    this.fed += bytes
  }
}

interface Stage {
  family: Family
  path: cellularPath.CellularPath
  nowMs: number
  /** The command in flight has been told; how its answer would go on. */
  answer: string
}

/** A path and its scripted modem, moved on until a command begins as given; the answer to that one is kept back. */
function bring(family: Family, isUdp: boolean, until: string): Stage {
  const wire = new Wire()
  const path = create(wire.hal, isUdp)
  let isTold = false
  for (let polls = 0; polls < 5000; polls++) {
    wire.nowMs = path.poll(path, wire.nowMs)
    if (path.state === READY && until !== '') path.open(path, 0)
    if (path.state === OPEN && !isTold) isTold = path.send(path, FRAME)
    for (const command of wire.written.splice(0)) {
      const answer = answerTo(family, command)
      if (until !== '' && command.startsWith(until)) return { family, path, nowMs: wire.nowMs, answer }
      wire.incoming += answer
    }
    if (until === '' && path.state === READY && path.timeSeconds > 0) break
  }
  if (until !== '') throw new Error(`${family.name} never says ${until}`)
  return { family, path, nowMs: wire.nowMs, answer: '' }
}

function create(hal: Hal, isUdp: boolean): cellularPath.CellularPath {
  return cellularPath.create(hal, {
    apn: 'iot',
    simPin: '1234',
    targets: [{ host: '192.0.2.7', port: 1, isUdp: isUdp ? 1 : 0 }],
    powerKeyPin: 1,
    supplyPin: 2,
    statusPin: 3,
    smsNumber: '',
  })
}

function answerTo(family: Family, written: string): string {
  if (!written.endsWith('\r') || written === FRAME) return family.taken
  const command = written.slice(0, -1)
  let best: Conversation = ['', '\r\nOK\r\n']
  for (const entry of [...GENERAL, ...family.conversation])
    if (command.startsWith(entry[0]) && entry[0].length >= best[0].length) best = entry
  return best[1]
}

function copy(stage: Stage, hal: Hal): cellularPath.CellularPath {
  const { path } = stage
  return { ...path, hal, at: { ...path.at, uart: hal.uart }, dialect: { ...path.dialect }, tries: path.tries.slice() }
}

class Run implements FuzzRun {
  kept = 0
  readonly counts: Record<string, number> = { opened: 0, received: 0, restarted: 0, failed: 0, quiet: 0 }
  private stages: Stage[] = []
  private pieces: string[] = []

  constructor() {
    for (const family of FAMILIES) {
      for (const isUdp of [false, true])
        for (const command of ['', 'AT+CGMM', 'AT+CPIN?', 'AT+CEREG?', ...family.stages])
          this.stages.push(bring(family, isUdp, command))
      for (const [, answer] of family.conversation) this.pieces.push(answer)
      this.pieces.push(...family.lines.map((line) => `\r\n${line}\r\n`), family.taken)
    }
    for (const [, answer] of GENERAL) this.pieces.push(answer)
  }

  call(random: Random): string {
    const stage = this.stages[random.below(this.stages.length)]
    const wire = new Wire()
    wire.nowMs = stage.nowMs
    const path = copy(stage, wire.hal)
    const judge = new Judge(path, wire, stage.family)
    const endMs = wire.nowMs + INPUT_MS
    const shared = [wire.hal, wire.hal.uart, path.settings]
    let nextMs = path.poll(path, wire.nowMs)
    let problem = ''
    let peak = -1
    while (problem === '' && nextMs < endMs) {
      if (!(nextMs > wire.nowMs && nextMs <= wire.nowMs + 2000)) return `a poll at ${wire.nowMs} wants ${nextMs}`
      wire.nowMs = nextMs
      if (random.oneIn(2)) wire.feed(this.stream(random, stage), path.at.text.length)
      if (path.state === READY && random.oneIn(4)) path.open(path, 0)
      if (path.state === OPEN && random.oneIn(4)) judge.sends = path.send(path, FRAME) || judge.sends
      if (path.state > READY && random.oneIn(40)) path.close(path)
      nextMs = path.poll(path, wire.nowMs)
      problem = judge.look()
      // Counting takes longer than the turn, so only a new height is counted.
      const { text, payload, line, body } = path.at
      const height = [text, payload, line, body, path.received, path.frame].reduce((sum, part) => sum + part.length, 0)
      if (height > peak) {
        peak = height
        this.kept = keptBytes(path, shared)
      }
    }
    this.counts.opened += judge.opened
    this.counts.received += judge.received === '' ? 0 : 1
    this.counts[path.trouble > 0 ? 'failed' : path.step === 5 ? 'restarted' : 'quiet']++
    return problem === '' ? '' : `${problem}, ${stage.family.name}: ${JSON.stringify(wire.fed.slice(-300))}`
  }

  /** One piece of what comes in. */
  private stream(random: Random, stage: Stage): string {
    const own = random.oneIn(3) ? stage.answer : this.pieces[random.below(this.pieces.length)]
    switch (random.below(7)) {
      case 0:
        return hurt(own, random)
      case 1:
        return own.substr(0, random.below(own.length + 1))
      case 2:
        return noise(random)
      case 3:
        return `\r\n${stage.family.lines[random.below(stage.family.lines.length)]}\r\n`
      case 4:
        return stage.family.head.replace('%', `${random.below(40)}`) + noise(random)
      case 5:
        // A line that does not end.
        return random.oneIn(8)
          ? own
              .split('\n')
              .join('')
              .repeat(1 + random.below(60))
          : own
      default:
        return own
    }
  }
}

/** Watches one path. */
class Judge {
  opened = 0
  received = ''
  sends = false
  private wasOpen: boolean
  private commandMs = -Infinity
  /** How much had come when the PIN went out; -1 when it has not. */
  private pinAt = -1
  private seenWrites = 0

  constructor(
    private path: cellularPath.CellularPath,
    private wire: Wire,
    private family: Family,
  ) {
    this.wasOpen = path.state === OPEN
  }

  look(): string {
    const { path, wire } = this
    const { at } = path
    if (at.text.length > TEXT_LIMIT + RING_BYTES || at.payload.length > COUNT_LIMIT) return 'the engine keeps too much'
    if (path.received.length > TEXT_LIMIT || path.frame.length > TEXT_LIMIT) return 'the path keeps too much'
    if (at.count < 0 || at.count > COUNT_LIMIT || at.body.length > TEXT_LIMIT) return `the engine waits for ${at.count}`
    const isOpen = path.state === OPEN
    if (isOpen && !this.wasOpen) {
      this.opened++
      if (!wire.fed.includes(this.family.opened)) return 'open without a word of it'
    }
    this.wasOpen = isOpen
    const bytes = path.receive(path)
    if (bytes !== '') {
      this.received += bytes
      if (bytes.length > TEXT_LIMIT) return 'more received than is kept'
      // Where bytes were lost, or dropped because only so many are kept, pieces stand together that never did.
      const isTorn = wire.isFlooded || bytes.length === TEXT_LIMIT
      if (!isTorn && !this.isMadeOf(bytes, this.payloads())) return `received what never came: ${JSON.stringify(bytes)}`
    }
    return this.lookAtWrites()
  }

  /** All that came behind one of the family's headers, as many bytes as it announced. */
  private payloads(): string[] {
    const { fed } = this.wire
    const found: string[] = []
    const { counted } = this.family
    counted.lastIndex = 0
    // A line that lost its beginning may hold a second header: each of them is looked at.
    for (let match = counted.exec(fed); match !== null; match = counted.exec(fed)) {
      found.push(fed.substr(counted.lastIndex, Number(match[1])))
      counted.lastIndex = match.index + 1
    }
    return found
  }

  /** Several reads may be handed over at once. */
  private isMadeOf(bytes: string, payloads: string[]): boolean {
    if (bytes === '') return true
    return payloads.some(
      (payload) => payload !== '' && bytes.startsWith(payload) && this.isMadeOf(bytes.slice(payload.length), payloads),
    )
  }

  private lookAtWrites(): string {
    const { written, nowMs } = this.wire
    const fresh = written.slice(this.seenWrites)
    this.seenWrites = written.length
    if (fresh.length > WRITES_A_POLL) return `${fresh.length} writes in a poll`
    for (const bytes of fresh) {
      if (bytes.length > 512) return 'more than 512 bytes written at once'
      if (/^\r+$/.test(bytes) || bytes === FRAME) continue
      if (!/^AT[\x20-\x7e]*\r$/.test(bytes)) return `wrote ${JSON.stringify(bytes)}`
      if (nowMs - this.commandMs < GAP_MS) return `commands at ${this.commandMs} and ${nowMs}`
      this.commandMs = nowMs
      if (!bytes.startsWith('AT+CPIN="')) continue
      // A SIM that was ready since took the first one, and asks again because it was restarted.
      if (this.pinAt >= 0 && !this.wire.fed.slice(this.pinAt).includes('+CPIN: READY')) return 'the PIN went out twice'
      this.pinAt = this.wire.fed.length
    }
    return ''
  }
}

function hurt(bytes: string, random: Random): string {
  let result = bytes
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(result.length + 1)
    const kind = random.below(4)
    if (kind === 0) result = result.slice(0, at) + result.slice(at + 1 + random.below(4))
    else if (kind === 1) result = result.slice(0, at) + noise(random).slice(0, 4) + result.slice(at)
    else if (kind === 2) result = result.slice(0, at) + result.slice(random.below(at + 1))
    else result = result.replace(/\d+/, `${[0, 1, 255, 1500, 1501, 65536, 99999999][random.below(7)]}`)
  }
  return result
}

function noise(random: Random): string {
  let bytes = ''
  for (let count = random.below(60); count > 0; count--) {
    const kind = random.below(8)
    if (kind === 0) bytes += '\r\n'
    else if (kind === 1) bytes += ',":>@+'.charAt(random.below(6))
    else bytes += String.fromCharCode(random.below(256))
  }
  return bytes
}

export const at: FuzzTarget = {
  name: 'at',
  what: "a modem's bytes, in all families, as the cellular path reads them",
  inputsPerCall: 1,
  keptLimitBytes: KEPT_LIMIT,
  create: () => new Run(),
}
