import { describe, expect, it } from 'vitest'
import * as cellularPath from '../../../firmware/cellular/cellular-path'
import type { Hal } from '../../../firmware/hal'
import { Random } from '../../../hal-mock/random'

// The path's states (firmware/transmit/path.ts) and the board's pins, written down again.
const DOWN = 0
const READY = 1
const OPENING = 2
const OPEN = 3
const KEY = 32
const SUPPLY = 27
const STATUS = 39

/** Lines as a modem frames them (V.250). */
function text(...lines: string[]): string {
  return lines.map((line) => `\r\n${line}\r\n`).join('')
}

type Answer = string | (() => string)

/** A modem that knows only its script: what it answers to a command that begins with a key, the longest key wins. */
function bench(script: Record<string, Answer> = {}, settings: Partial<cellularPath.CellularSettings> = {}) {
  const answers: Record<string, Answer> = {
    AT: text('OK'),
    'AT+CGMM': text('A7670E-FASE', 'OK'),
    'AT+CPIN?': text('+CPIN: READY', 'OK'),
    'AT+CEREG?': text('+CEREG: 1,1', 'OK'),
    'AT+CGREG?': text('+CGREG: 1,0', 'OK'),
    'AT+NETOPEN': text('OK', '+NETOPEN: 0'),
    'AT+NETCLOSE': text('OK', '+NETCLOSE: 0'),
    'AT+CIPOPEN': text('OK', '+CIPOPEN: 0,0'),
    'AT+CIPSEND=': '\r\n>',
    'AT+CIPRXGET=2': text('+IP ERROR: No data', 'ERROR'),
    'AT+CIPRXGET=4': text('+CIPRXGET: 4,0,0', 'OK'),
    'AT+CIPCLOSE': text('OK', '+CIPCLOSE: 0,0'),
    payload: '',
    ...script,
  }
  const world = {
    nowMs: 0,
    status: 1,
    isSilent: false,
    answerMs: 10,
    answers,
    /** Commands with their times, payload as "payload n". */
    log: [] as string[],
    commands: [] as string[],
    payload: '',
    pins: [] as string[],
    incoming: [] as { atMs: number; bytes: string }[],
    typed: '',
    payloadLeft: 0,
    maximumWrite: 0,
  }
  function answer(name: string) {
    let best = ''
    for (const key of Object.keys(world.answers)) if (name.startsWith(key) && key.length > best.length) best = key
    const found = world.answers[best]
    const bytes = typeof found === 'function' ? found() : found
    if (bytes !== undefined && !world.isSilent) say(bytes, world.answerMs)
  }
  function say(bytes: string, delayMs = 0) {
    world.incoming.push({ atMs: world.nowMs + delayMs, bytes })
  }
  const hal: Hal = {
    clock: { nowMs: () => world.nowMs, utcSeconds: () => 0 },
    pins: {
      mode: () => {},
      write: (pin: number, level: number) => {
        world.pins.push(`${world.nowMs} ${pin}=${level}`)
      },
      read: () => world.status,
    },
    uart: {
      read: () => {
        const due = world.incoming.filter((piece) => piece.atMs <= world.nowMs)
        world.incoming = world.incoming.filter((piece) => piece.atMs > world.nowMs)
        return due.map((piece) => piece.bytes).join('')
      },
      write: (bytes: string) => {
        if (bytes.length > world.maximumWrite) world.maximumWrite = bytes.length
        for (const byte of bytes) {
          if (world.payloadLeft > 0) {
            world.payload += byte
            if (--world.payloadLeft === 0) answer('payload')
          } else if (byte === '\r') {
            const command = world.typed
            world.typed = ''
            if (command === '') continue
            world.log.push(`${world.nowMs} ${command}`)
            world.commands.push(command)
            if (command.startsWith('AT+CIPSEND=0,')) world.payloadLeft = parseInt(command.substr(13), 10)
            answer(command)
          } else world.typed += byte
        }
      },
    },
  } as unknown as Hal
  const p = cellularPath.create(hal, {
    apn: 'internet',
    simPin: '',
    targets: [{ host: '192.0.2.7', port: 12345, isUdp: 0 }],
    powerKeyPin: KEY,
    supplyPin: SUPPLY,
    statusPin: STATUS,
    smsNumber: '',
    ...settings,
  })
  /** Polls at the path's own pace. */
  function run(durationMs: number) {
    const endMs = world.nowMs + durationMs
    for (;;) {
      const nextMs = p.poll(p, world.nowMs)
      if (!(nextMs > world.nowMs) || nextMs > world.nowMs + 2000)
        throw new Error(`poll at ${world.nowMs} wants ${nextMs}`)
      if (nextMs > endMs) break
      world.nowMs = nextMs
    }
    world.nowMs = endMs
  }
  function runTo(state: number, limitMs: number) {
    const endMs = world.nowMs + limitMs
    while (p.state !== state && world.nowMs < endMs) world.nowMs = p.poll(p, world.nowMs)
    if (p.state !== state) throw new Error(`state ${p.state} after ${limitMs} ms:\n${world.log.slice(-20).join('\n')}`)
  }
  function count(prefix: string): number {
    return world.commands.filter((command) => command.startsWith(prefix)).length
  }
  /** From power-up to OPEN. */
  function connect() {
    runTo(READY, 60000)
    run(100)
    p.open(p, 0)
    runTo(OPEN, 30000)
    run(100)
  }
  return { p, world, say, run, runTo, count, connect }
}

describe('cellular path: start', () => {
  it('goes from a running modem to READY in order, with the settings of dialect A', () => {
    const { world, runTo } = bench()
    runTo(READY, 20000)
    expect(world.commands).toEqual([
      'AT',
      'AT',
      'AT',
      'ATE0',
      'AT+CMEE=2',
      'AT+IFC=0,0',
      'AT+CGMM',
      'AT+CPIN?',
      'AT+CEREG=1',
      'AT+CGREG=1',
      'AT+CGDCONT=1,"IP","internet"',
      'AT+CTZU=1',
      'AT+SJDR=1',
      'AT+CIPMODE=0',
      'AT+CIPRXGET=1',
      'AT+CIPSENDMODE=0',
      'AT+CIPTIMEOUT=30000,20000,15000',
      'AT+CIPCCFG=10,0,0,0,1,0,500,1',
      'AT+CEREG?',
      'AT+NETOPEN',
    ])
    expect(world.nowMs).toBeLessThan(6000)
    expect(world.pins.filter((pin) => pin.endsWith(`${KEY}=1`))).toEqual([])
  })

  it('leaves out the eighth field of CIPCCFG on a SIM7600', () => {
    const { world, runTo } = bench({ 'AT+CGMM': text('SIMCOM_SIM7600E-H', 'OK') })
    runTo(READY, 20000)
    expect(world.commands).toContain('AT+CIPCCFG=10,0,0,0,1,0,500')
  })

  it('presses the key for 1 s when STATUS is low, and once only in the boot time', () => {
    const { world, run } = bench()
    world.status = 0
    world.isSilent = true
    run(30000)
    expect(world.pins.filter((pin) => pin.includes(` ${KEY}=`))).toEqual(['0 32=0', '1000 32=1', '2000 32=0'])
  })

  it('without STATUS, presses only after 4 s of silence', () => {
    const { world, run } = bench({}, { statusPin: -1 })
    world.isSilent = true
    run(30000)
    expect(world.pins.filter((pin) => pin.includes(` ${KEY}=`))).toEqual(['0 32=0', '5000 32=1', '6000 32=0'])
    expect(world.commands[0]).toBe('AT')
  })

  it('without STATUS, does not press the key of a modem that answers', () => {
    const { world, runTo } = bench({}, { statusPin: -1 })
    runTo(READY, 20000)
    expect(world.pins.filter((pin) => pin.endsWith(`${KEY}=1`))).toEqual([])
  })

  it('takes "Network is already opened" for success', () => {
    const { p, runTo, run, count } = bench({ 'AT+NETOPEN': text('+IP ERROR: Network is already opened', 'ERROR') })
    runTo(READY, 20000)
    run(5000)
    expect(p.state).toBe(READY)
    expect(count('AT+NETCLOSE')).toBe(0)
  })

  it('goes on when settings are refused', () => {
    const { runTo } = bench({
      'AT+CMEE': text('ERROR'),
      'AT+IFC': text('+CME ERROR: 4'),
      'AT+CIPCCFG': text('ERROR'),
      'AT+CEREG=1': text('ERROR'),
    })
    runTo(READY, 20000)
  })
})

describe('cellular path: SIM and registration', () => {
  it('sends the PIN once, and goes on when the SIM is ready', () => {
    let isUnlocked = false
    const { world, runTo, count } = bench(
      {
        'AT+CPIN?': () => (isUnlocked ? text('+CPIN: READY', 'OK') : text('+CPIN: SIM PIN', 'OK')),
        'AT+CPIN=': () => {
          isUnlocked = true
          return text('OK', '+CPIN: READY')
        },
      },
      { simPin: '1234' },
    )
    runTo(READY, 20000)
    expect(world.commands).toContain('AT+CPIN="1234"')
    expect(count('AT+CPIN=')).toBe(1)
  })

  it('never sends a refused PIN again, not in 24 h', () => {
    const { p, run, count } = bench(
      { 'AT+CPIN?': text('+CPIN: SIM PIN', 'OK'), 'AT+CPIN=': text('+CME ERROR: incorrect password') },
      { simPin: '1234' },
    )
    run(24 * 3600000)
    expect(count('AT+CPIN=')).toBe(1)
    expect(p.trouble).toBe(cellularPath.SIM_FAULT)
    expect(p.state).toBe(DOWN)
  })

  it('does not send a PIN whose answer was lost a second time', () => {
    const { run, count } = bench({ 'AT+CPIN?': text('+CPIN: SIM PIN', 'OK'), 'AT+CPIN=': '' }, { simPin: '1234' })
    run(3600000)
    expect(count('AT+CPIN=')).toBe(1)
  })

  for (const [name, answer] of [
    ['a SIM that wants its PUK', text('+CPIN: SIM PUK', 'OK')],
    ['no SIM', text('+CME ERROR: SIM not inserted')],
  ]) {
    it(`asks again every 10 min with ${name}, without reset, key or supply`, () => {
      const { p, world, run, count } = bench({ 'AT+CPIN?': answer })
      run(3600000)
      expect(p.trouble).toBe(cellularPath.SIM_FAULT)
      expect(count('ATE0')).toBeGreaterThanOrEqual(5)
      expect(count('ATE0')).toBeLessThanOrEqual(7)
      expect(count('AT+CFUN') + count('AT+CRESET') + count('AT+CPOF')).toBe(0)
      expect(world.pins.length).toBe(2)
    })
  }

  it('comes back at once when a SIM is put in', () => {
    const { p, world, say, run, runTo } = bench({ 'AT+CPIN?': text('+CME ERROR: SIM not inserted') })
    run(60000)
    expect(p.trouble).toBe(cellularPath.SIM_FAULT)
    world.answers['AT+CPIN?'] = text('+CPIN: READY', 'OK')
    say(text('+CPIN: READY'))
    runTo(READY, 5000)
    expect(p.trouble).toBe(cellularPath.NO_TROUBLE)
  })

  it('is not registered with stat 0, 2 to 4 and 6 to 11', () => {
    for (const stat of [0, 2, 3, 4, 6, 7, 8, 9, 10, 11]) {
      const { p, run, count } = bench({ 'AT+CEREG?': text(`+CEREG: 1,${stat}`, 'OK') })
      run(60000)
      expect(p.state, `stat ${stat}`).toBe(DOWN)
      expect(count('AT+NETOPEN')).toBe(0)
    }
  })

  it('is registered with stat 5, or by CGREG alone, or by an unasked line with its cell', () => {
    bench({ 'AT+CEREG?': text('+CEREG: 2,5,"1A2B","01C2D3E4",7', 'OK') }).runTo(READY, 20000)
    bench({ 'AT+CEREG?': text('+CEREG: 1,0', 'OK'), 'AT+CGREG?': text('+CGREG: 1,1', 'OK') }).runTo(READY, 20000)
    const { say, run, runTo } = bench({ 'AT+CEREG?': text('+CEREG: 1,2', 'OK') })
    run(20000)
    say(text('+CEREG: 1,"1A2B","01C2D3E4",7'))
    runTo(READY, 3000)
  })

  it('says denied after 180 s of stat 3, rests 10 min, never resets, and resumes when the network changes its mind', () => {
    const { p, world, say, run, runTo, count } = bench({ 'AT+CEREG?': text('+CEREG: 1,3', 'OK') })
    run(200000)
    expect(p.trouble).toBe(cellularPath.NETWORK_DENIED)
    run(2 * 3600000)
    expect(count('AT+CFUN') + count('AT+CRESET') + count('AT+CPOF')).toBe(0)
    world.answers['AT+CEREG?'] = text('+CEREG: 1,1', 'OK')
    say(text('+CEREG: 1'))
    runTo(READY, 5000)
  })

  it('goes back to registration when it was lost for 30 s, not for 29 s', () => {
    const { p, world, say, run, runTo } = bench()
    runTo(READY, 20000)
    say(text('+CEREG: 2'))
    run(29000)
    expect(p.state).toBe(READY)
    say(text('+CEREG: 1'))
    run(10000)
    expect(p.state).toBe(READY)
    world.answers['AT+CEREG?'] = text('+CEREG: 1,2', 'OK')
    say(text('+CEREG: 2'))
    run(31000)
    expect(p.state).toBe(DOWN)
  })
})

describe('cellular path: connection', () => {
  it('opens with one command, at once, and is OPEN on +CIPOPEN: 0,0', () => {
    const { p, world, run, runTo } = bench({ 'AT+CIPOPEN': text('OK') })
    runTo(READY, 20000)
    run(200)
    const sent = world.commands.length
    p.open(p, 0)
    expect(world.commands.slice(sent)).toEqual(['AT+CIPOPEN=0,"TCP","192.0.2.7",12345'])
    run(1000)
    expect(p.state).toBe(OPENING)
    world.incoming.push({ atMs: world.nowMs, bytes: text('+CIPOPEN: 0,0') })
    run(20)
    expect(p.state).toBe(OPEN)
  })

  it('takes +CIPOPEN before its OK', () => {
    const { p, connect, run } = bench({ 'AT+CIPOPEN': text('+CIPOPEN: 0,0', 'OK') })
    connect()
    run(5000)
    expect(p.state).toBe(OPEN)
    expect(p.send(p, 'abc')).toBe(true)
  })

  it('survives a lost OK of CIPOPEN and still sends', () => {
    const { p, world, connect, run } = bench({ 'AT+CIPOPEN': text('+CIPOPEN: 0,0') })
    connect()
    expect(p.send(p, 'abc')).toBe(true)
    run(5000)
    expect(world.payload).toBe('abc')
  })

  it('finds +CIPOPEN in a storm of other lines, cut at every byte', () => {
    const storm = text('+CREG: 1', '*PSUTTZ: 1', 'OK', 'RING', '+CIPOPEN: 0,0', '+CTZV: +04,26/01/02', '+CMTI: "SM",1')
    for (let cut = 0; cut <= storm.length; cut++) {
      const { p, run, runTo, say } = bench({ 'AT+CIPOPEN': '' })
      runTo(READY, 20000)
      p.open(p, 0)
      say(storm.slice(0, cut), 10)
      say(storm.slice(cut), 40)
      run(200)
      expect(p.state, `cut at ${cut}`).toBe(OPEN)
    }
  })

  it('falls back to READY when the receiver refuses: at once, then after 5 s and 15 s, then reopens the PDP', () => {
    const { p, world, run, runTo, count } = bench({ 'AT+CIPOPEN': text('OK', '+CIPOPEN: 0,10') })
    runTo(READY, 20000)
    for (const waitMs of [0, 5000, 15000]) {
      run(200)
      expect(p.state).toBe(READY)
      p.open(p, 0)
      const startMs = world.nowMs
      while (p.state !== DOWN) world.nowMs = p.poll(p, world.nowMs)
      runTo(READY, 30000)
      expect(world.nowMs - startMs).toBeGreaterThanOrEqual(waitMs)
      expect(world.nowMs - startMs).toBeLessThan(waitMs + 1500)
    }
    expect(count('AT+NETCLOSE')).toBe(0)
    p.open(p, 0)
    run(5000)
    expect(count('AT+NETCLOSE')).toBe(1)
    expect(count('AT+NETOPEN')).toBe(2)
    expect(p.state).toBe(READY)
  })

  it('sends the exact bytes after the prompt, 1024 of them in writes of at most 512', () => {
    const frame = '\n'.repeat(100) + '>OK\r\n' + 'z'.repeat(919)
    const { p, world, connect, run } = bench({ payload: text('OK', '+CIPSEND: 0,1024,1024') })
    connect()
    expect(p.send(p, `${frame}!`)).toBe(false)
    expect(p.send(p, frame)).toBe(true)
    expect(world.commands[world.commands.length - 1]).toBe('AT+CIPSEND=0,1024')
    expect(p.send(p, 'second')).toBe(false)
    run(1000)
    expect(world.payload).toBe(frame)
    expect(world.maximumWrite).toBe(512)
    expect(p.send(p, 'second')).toBe(true)
  })

  for (const [what, confirmation] of [
    ['half of the bytes', '+CIPSEND: 0,3,1'],
    ['none of them (disconnected)', '+CIPSEND: 0,3,-1'],
    ['something unreadable', '+CIPSEND: 0,3'],
  ]) {
    it(`drops the connection when the modem confirms ${what}`, () => {
      const { p, connect, run, count } = bench({ payload: text('OK', confirmation) })
      connect()
      p.send(p, 'abc')
      run(2000)
      expect(count('AT+CIPCLOSE=0')).toBe(1)
      expect(p.state).toBe(READY)
    })
  }

  it('recovers from a missing prompt: padding, AT three times, link closed, READY', () => {
    const { p, world, connect, run, count } = bench({ 'AT+CIPSEND=': '', payload: text('OK', '+CIPSEND: 0,3,3') })
    connect()
    p.send(p, 'abc')
    run(4000)
    expect(world.payload).toBe('\r\r\r')
    const sent = count('AT+CIPCLOSE=0')
    run(6000)
    expect(count('AT+CIPCLOSE=0')).toBe(sent + 1)
    expect(p.state).toBe(READY)
  })

  it('does not take a result that comes 10 s late for that of the next command', () => {
    const { p, world, run, runTo, say } = bench({ 'AT+CIPOPEN': '' })
    runTo(READY, 20000)
    p.open(p, 0)
    run(23500)
    const sent = world.commands.length
    // The answers given up arrive while the engine is getting back in step.
    say(text('OK'), 800)
    say(text('OK'), 1100)
    say(text('ERROR'), 1250)
    run(10000)
    const later = world.commands.slice(sent).filter((command) => command !== 'AT')
    expect(later[0]).toBe('AT+CIPCLOSE=0')
    expect(p.state).toBe(READY)
  })

  it('reads the reply on +CIPRXGET: 1,0, with OK and a prompt inside, until nothing is left', () => {
    const parts = ['OK\r\n>\r\nERROR\r\n', '\r\n+CIPOPEN: 0,1\r\n']
    const { p, say, connect, run, count } = bench({
      'AT+CIPRXGET=2': () => {
        const part = parts.shift()
        if (part === undefined) return text('+IP ERROR: No data', 'ERROR')
        return `\r\n+CIPRXGET: 2,0,${part.length},${parts.join('').length}\r\n${part}${text('OK')}`
      },
    })
    connect()
    say(text('+CIPRXGET: 1,0'))
    run(1000)
    expect(p.receive(p)).toBe('OK\r\n>\r\nERROR\r\n\r\n+CIPOPEN: 0,1\r\n')
    expect(p.receive(p)).toBe('')
    expect(p.state).toBe(OPEN)
    expect(count('AT+CIPRXGET=2,0,256')).toBe(2)
  })

  it('finds the reply within 2.2 s when the notice was lost', () => {
    let isThere = false
    const { p, connect, run, count } = bench({
      payload: text('OK', '+CIPSEND: 0,3,3'),
      'AT+CIPRXGET=4': () => text(`+CIPRXGET: 4,0,${isThere ? 5 : 0}`, 'OK'),
      'AT+CIPRXGET=2': () => `\r\n+CIPRXGET: 2,0,5,0\r\nreply${text('OK')}`,
    })
    connect()
    p.send(p, 'abc')
    run(3000)
    isThere = true
    run(2200)
    expect(p.receive(p)).toBe('reply')
    const asked = count('AT+CIPRXGET=4')
    run(20000)
    expect(count('AT+CIPRXGET=4') - asked).toBeLessThanOrEqual(1)
  })

  it('drains what is left after +IPCLOSE, closes the link, and is READY without a fault', () => {
    const { p, say, connect, run, count } = bench({
      'AT+CIPRXGET=2': () => `\r\n+CIPRXGET: 2,0,4,0\r\nlast${text('OK')}`,
    })
    connect()
    say(text('+IPCLOSE: 0,1'))
    run(1000)
    expect(p.receive(p)).toBe('last')
    expect(p.state).toBe(READY)
    expect(count('AT+CIPCLOSE=0')).toBe(1)
    expect(Array.from(p.tries)).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  it('keeps the last 1024 bytes for a receiver that talks too much', () => {
    let round = 0
    const { p, say, connect, run } = bench({
      'AT+CIPRXGET=2': () => {
        round++
        return `\r\n+CIPRXGET: 2,0,256,${round < 6 ? 256 : 0}\r\n${`${round}`.repeat(256)}${text('OK')}`
      },
    })
    connect()
    say(text('+CIPRXGET: 1,0'))
    run(2000)
    expect(p.receive(p)).toBe('3'.repeat(256) + '4'.repeat(256) + '5'.repeat(256) + '6'.repeat(256))
  })

  it('reopens the PDP after NETWORK CLOSED', () => {
    const { p, say, connect, run, count } = bench()
    connect()
    say(text('+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY'))
    run(50)
    expect(p.state).toBe(DOWN)
    run(3000)
    expect(p.state).toBe(READY)
    expect(count('AT+NETCLOSE')).toBe(1)
    expect(count('AT+NETOPEN')).toBe(2)
  })

  it('closes a link and opens it again without waiting for a second call', () => {
    const { p, world, connect, run } = bench()
    connect()
    const sent = world.commands.length
    p.close(p)
    expect(p.state).toBe(READY)
    p.open(p, 0)
    expect(p.state).toBe(OPENING)
    run(1000)
    expect(p.state).toBe(OPEN)
    expect(world.commands.slice(sent)).toEqual(['AT+CIPCLOSE=0', 'AT+CIPOPEN=0,"TCP","192.0.2.7",12345'])
  })

  it('closes a connection that comes up after close()', () => {
    const { p, say, run, runTo, count } = bench({ 'AT+CIPOPEN': text('OK'), 'AT+CIPCLOSE': text('ERROR') })
    runTo(READY, 20000)
    p.open(p, 0)
    run(100)
    p.close(p)
    run(1000)
    say(text('+CIPOPEN: 0,0'))
    run(1000)
    expect(p.state).toBe(READY)
    expect(count('AT+CIPCLOSE=0')).toBe(2)
  })
})

describe('cellular path: the modem restarts', () => {
  for (const [how, bytes] of [
    ['*ATREADY', text('*ATREADY: 1', '+CPIN: READY')],
    ['RDY', text('RDY')],
  ]) {
    it(`starts over on ${how} in the middle of a send, and the frame does not leak into the next life`, () => {
      const { p, world, say, connect, run, runTo } = bench()
      connect()
      p.send(p, 'x'.repeat(1000))
      run(20)
      world.payloadLeft = 0
      say(bytes)
      const sent = world.payload.length
      runTo(DOWN, 100)
      runTo(READY, 20000)
      run(1000)
      expect(world.payload.length).toBe(sent)
      expect(world.typed).toBe('')
    })
  }

  it('knows a restart by the echo when the boot line was lost', () => {
    const { p, world, run, runTo, count } = bench()
    runTo(READY, 20000)
    const before = count('ATE0')
    world.answers['AT+CEREG?'] = `AT+CEREG?\r${text('+CEREG: 0,0', 'OK')}`
    world.answers['AT+CGREG?'] = `AT+CGREG?\r${text('+CGREG: 0,0', 'OK')}`
    run(65000)
    expect(p.state).toBe(DOWN)
    expect(count('ATE0')).toBe(before + 1)
  })
})

describe('cellular path: ladder', () => {
  it('resets a modem that refuses CFUN, and takes the power key when it refuses the reset and CPOF too', () => {
    for (const refused of [
      ['AT+CFUN=4'],
      ['AT+CFUN=1'],
      ['AT+CFUN=4', 'AT+CRESET'],
      ['AT+CFUN=4', 'AT+CRESET', 'AT+CPOF'],
    ]) {
      const script: Record<string, string> = { 'AT+NETOPEN': text('OK', '+NETOPEN: 1') }
      for (const command of refused) script[command] = text('ERROR')
      const { world, run, count } = bench(script)
      for (let seconds = 0; seconds < 120 && count('AT+CRESET') === 0; seconds++) run(1000)
      expect(count('AT+CRESET'), refused.join()).toBe(1)
      run(6000)
      const isOff = refused.includes('AT+CRESET')
      expect(count('AT+CPOF') > 0, refused.join()).toBe(isOff)
      const isHeld = world.pins.some((pin) => pin.endsWith(`${KEY}=1`))
      expect(isHeld, refused.join()).toBe(refused.includes('AT+CPOF'))
    }
  })

  it('climbs from the PDP over radio and reset to power key and supply, with bounded tries', () => {
    const { world, run } = bench({ 'AT+NETOPEN': text('OK', '+NETOPEN: 1') })
    run(20 * 60000)
    const steps = world.commands.filter((command) => /NETCLOSE|CFUN=4|CRESET|CPOF/.test(command))
    expect(steps.slice(0, 6)).toEqual([
      'AT+NETCLOSE',
      'AT+NETCLOSE',
      'AT+CFUN=4',
      'AT+NETCLOSE',
      'AT+NETCLOSE',
      'AT+CFUN=4',
    ])
    expect(steps.indexOf('AT+CRESET')).toBe(8)
    expect(steps).toContain('AT+CPOF')
    expect(world.pins.some((pin) => pin.endsWith(`${SUPPLY}=0`))).toBe(true)
  })

  it('switches the supply off at most 6 times a day for a modem that stays silent', () => {
    const { world, run } = bench()
    world.isSilent = true
    run(24 * 3600000)
    const offs = world.pins.filter((pin) => pin.endsWith(`${SUPPLY}=0`))
    expect(offs.length).toBeGreaterThanOrEqual(5)
    expect(offs.length).toBeLessThanOrEqual(6)
  })

  it('gets in step with a modem that takes 900 ms or 4 s for everything', () => {
    for (const [answerMs, limitMs] of [
      [900, 30000],
      [4000, 200000],
    ]) {
      const { world, runTo, count } = bench()
      world.answerMs = answerMs
      runTo(READY, limitMs)
      expect(count('AT+CFUN') + count('AT+CPOF')).toBe(0)
    }
  })

  it('is READY within 6 min when coverage returns after 12 h', () => {
    const { world, run, runTo } = bench({
      'AT+CEREG?': text('+CEREG: 1,2', 'OK'),
      'AT+CGREG?': text('+CGREG: 1,0', 'OK'),
    })
    run(12 * 3600000)
    expect(world.pins.filter((pin) => pin.endsWith(`${SUPPLY}=0`)).length).toBeLessThanOrEqual(5)
    world.answers['AT+CEREG?'] = text('+CEREG: 1,1', 'OK')
    runTo(READY, 6 * 60000)
  })

  it('holds the key 3 s after 60 s of silence and keeps the supply off for 10 s', () => {
    const { world, run } = bench()
    world.isSilent = true
    run(5 * 60000)
    const atMs = (pin: string, from = 0) => {
      const found = world.pins.find((entry) => entry.endsWith(` ${pin}`) && parseInt(entry, 10) > from)
      return found === undefined ? -1 : parseInt(found, 10)
    }
    const holdMs = atMs(`${KEY}=1`)
    expect(holdMs).toBeGreaterThan(61000)
    expect(atMs(`${KEY}=0`, holdMs) - holdMs).toBe(3000)
    const offMs = atMs(`${SUPPLY}=0`)
    expect(atMs(`${SUPPLY}=1`, offMs) - offMs).toBe(10000)
  })

  it('forgets its tries after 10 min without a fault', () => {
    const { p, say, run, runTo } = bench()
    runTo(READY, 20000)
    say(text('+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY'))
    run(9 * 60000)
    expect(p.tries[2]).toBe(1)
    run(3 * 60000)
    expect(p.tries[2]).toBe(0)
  })

  it('asks an idle modem once a minute and polls with each full second', () => {
    const { p, world, run, runTo, count } = bench()
    runTo(READY, 20000)
    run(10000)
    expect(p.poll(p, world.nowMs)).toBe(Math.floor(world.nowMs / 1000) * 1000 + 1000)
    const before = count('AT')
    run(600000)
    expect(count('AT') - before).toBe(10)
  })
})

describe('cellular path: fuzz', () => {
  const PIECES = [
    ...['OK', 'ERROR', '+CME ERROR: 10', '+CIPOPEN: 0,1', '+CIPSEND: 0,3,3', '+CIPRXGET: 1,0', '+CIPRXGET: 2,0,9,9'],
    ...['+CIPRXGET: 2,0,99999,-1', '+IPCLOSE: 0,1', '+CIPCLOSE: 0,0', '+NETOPEN: 0', '+CEREG: 1', '+CEREG: 1,2,3'],
    ...[
      '+CPIN: SIM PUK',
      '+CPIN: NOT READY',
      'RDY',
      '*ATREADY: 1',
      '+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY',
      '+CIPOPEN:',
    ],
    ...[
      '+CIPOPEN: 0,00',
      '+CIPOPEN: 1,0',
      ':',
      ',',
      'AT',
      '+CGREG: 1,5',
      '+NETCLOSE: 0',
      '+CIPSEND: 0',
      '+CIPRXGET: 2,0',
    ],
  ]

  it('3000 random streams: never throws, buffers stay bounded, never OPEN without +CIPOPEN: 0,0', () => {
    for (let seed = 1; seed <= 3000; seed++) {
      const random = new Random(seed)
      // A third of the runs answer properly until the link is being opened.
      const { p, world, say, run, runTo } = bench(
        { 'AT+CIPOPEN': text('OK') },
        { simPin: seed % 5 === 0 ? '1234' : '', statusPin: seed % 7 === 0 ? -1 : STATUS },
      )
      if (seed % 3 === 0) {
        runTo(READY, 20000)
        p.open(p, 0)
      }
      for (let round = 0; round < 12; round++) {
        let bytes = ''
        const pieces = random.below(6)
        for (let piece = 0; piece < pieces; piece++) {
          const kind = random.below(8)
          if (kind === 0) for (let i = random.below(40); i >= 0; i--) bytes += String.fromCharCode(random.below(256))
          else if (kind === 1) bytes += '>'
          else if (kind === 2) {
            const whole = text(PIECES[random.below(PIECES.length)])
            const index = random.below(whole.length)
            bytes += whole.slice(0, index) + String.fromCharCode(random.below(256)) + whole.slice(index + 1)
          } else bytes += text(PIECES[random.below(PIECES.length)])
        }
        if (random.oneIn(60)) bytes += 'z'.repeat(5000)
        // A mutation may by chance have made the one line that opens.
        if (bytes.includes('+CIPOPEN: 0,0\r')) bytes = ''
        say(bytes, random.below(30))
        run(50 + random.below(300) * (random.oneIn(10) ? 100 : 1))
        if (random.oneIn(5)) p.open(p, 0)
        if (random.oneIn(9)) p.close(p)
        const isTaken = p.send(p, 'abc')
        if (p.state === OPEN || isTaken) throw new Error(`seed ${seed}: open by ${JSON.stringify(bytes)}`)
        const kept = p.at.text.length + p.at.payload.length + p.at.line.length
        if (kept > 3 * 1024 || p.received.length > 1024 || p.at.body.length > 1024)
          throw new Error(`seed ${seed}: ${kept}`)
      }
      if (world.maximumWrite > 512) throw new Error(`seed ${seed}: write of ${world.maximumWrite}`)
    }
  })

  it('600 random streams into an open connection: nothing is sent but whole frames, kept bytes stay bounded', () => {
    for (let seed = 1; seed <= 600; seed++) {
      const random = new Random(seed)
      const { p, say, run, connect } = bench({ payload: text('OK', '+CIPSEND: 0,3,3') })
      connect()
      for (let round = 0; round < 10; round++) {
        let bytes = ''
        for (let piece = random.below(6); piece >= 0; piece--) {
          if (random.oneIn(4))
            for (let i = random.below(300); i >= 0; i--) bytes += String.fromCharCode(random.below(256))
          else bytes += text(PIECES[random.below(PIECES.length)])
        }
        say(bytes)
        p.send(p, 'abc')
        run(50 + random.below(200))
        if (p.received.length > 1024 || p.at.payload.length > 256) throw new Error(`seed ${seed}`)
        if (random.oneIn(4)) p.receive(p)
      }
    }
  })

  it('comes back to READY after 5 s of pure noise', () => {
    const random = new Random(7)
    const { p, say, run, runTo } = bench()
    runTo(READY, 20000)
    for (let round = 0; round < 50; round++) {
      let noise = ''
      for (let i = 0; i < 1100; i++) noise += String.fromCharCode(random.below(256))
      say(noise)
      run(100)
    }
    expect(p.at.dropped).toBeGreaterThan(0)
    run(120000)
    expect(p.state).toBe(READY)
  })
})
