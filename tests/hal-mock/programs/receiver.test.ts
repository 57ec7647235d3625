// The station as a program: its command line, its lines of output, and round trips over real loopback sockets, both by
// plain sockets and through the live network's Nic. The frames are C1, C2, C5, C7 of reporting.md 6 (SIA DC-09).

import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ConnectionEvents } from '../../../hal-mock/network'
import { liveNic } from '../../../hal-mock/programs/live-network'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import {
  describe as describeEvent,
  parseArguments,
  printable,
  run,
  type StationOptions,
  startReceiver,
  UsageError,
} from '../../../hal-mock/programs/receiver'
import type { StationEvent } from '../../../hal-mock/receiver'

const C1 = '\n2BB40027"ADM-CID"0001L0#1234[#1234|1121 01 005]\r'
const C2_LATE = '\n4ACC003D"ADM-CID"0002R1L0#1234[#1234|1121 01 005]_12:34:56,10-25-2024\r'
const C5 = '\n1EF20013"NULL"0000L0#1234[]\r'
const C7 = '\n1BC10012"ACK"0001L0#1234[]\r'
const C13 = '\nDE900012"ACK"0000L0#1234[]\r'
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const KEY = '30313233343536373839414243444546'

/** What a test has opened, closed after it whatever happened. */
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

async function station(options: Partial<StationOptions> = {}) {
  const events: StationEvent[] = []
  const started = await startReceiver({
    host: '127.0.0.1',
    port: 0,
    accounts: [{ account: '1234', keyHex: '' }],
    mode: 'ack',
    isUdp: false,
    onEvent: (event) => events.push(event),
    ...options,
  })
  cleanUp.push(() => started.close())
  return { ...started, events }
}

/** Waits for a condition of the real world, at most two seconds. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(condition()).toBe(true)
}

async function dial(port: number): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  cleanUp.push(() => socket.destroy())
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes
  })
  await once(socket, 'connect')
  return { socket, heard: () => text }
}

describe('the command line', () => {
  const silent = { out: () => undefined, error: () => undefined }
  const parse = (line: string) => parseArguments(line.split(' '), silent)

  it('fills in loopback, ack, TCP and text', () => {
    expect(parse('--port 12128 --account 1234')).toEqual({
      host: '127.0.0.1',
      port: 12128,
      accounts: [{ account: '1234', keyHex: '' }],
      mode: 'ack',
      quirk: 'none',
      isUdp: false,
      isJson: false,
      hasFrames: false,
    })
  })

  it('gives each key to the account before it, in upper case', () => {
    expect(parse(`--port 0 --account abc --account 1234 --key ${'ab'.repeat(32)} --account 5678`).accounts).toEqual([
      { account: 'ABC', keyHex: '' },
      { account: '1234', keyHex: 'AB'.repeat(32) },
      { account: '5678', keyHex: '' },
    ])
  })

  it('takes all the rest', () => {
    const settings = parse('--port 0 --account 123 --host ::1 --udp --json --frames --mode duh')
    expect(settings).toMatchObject({ host: '::1', isUdp: true, isJson: true, hasFrames: true, mode: 'duh' })
    const ways = parse('--port 0 --account 123 --quirk ioBroker --null-mode silent --window 0')
    expect(ways).toMatchObject({ quirk: 'ioBroker', nullMode: 'silent', windowSeconds: 0 })
  })

  it.each([
    ['--account 1234', /--port is missing.*12128/],
    ['--port 1 --account 1234 5678', /arguments.*--help/],
    ['--port 1', /--account is missing.*1234/],
    ['--port 65536 --account 1234', /--port 65536.*0 to 65535/],
    ['--port x --account 1234', /--port x.*0 to 65535/],
    ['--port 1 --account 12', /--account 12 .*3 to 16/],
    ['--port 1 --account 12345678901234567', /--account .*3 to 16/],
    ['--port 1 --account 12G4', /--account 12G4.*0-9 and A-F/],
    ['--port 1 --account abc --account ABC', /--account ABC.*twice/],
    [`--port 1 --key ${KEY} --account 1234`, /--key.*after the --account/],
    [`--port 1 --account 1234 --key ${KEY} --key ${KEY}`, /--key.*twice.*1234/],
    ['--port 1 --account 1234 --key 0123', /--key.*1234.*32, 48 or 64.*4 characters/],
    ['--port 1 --account 1234 --host station', /--host station.*127\.0\.0\.1/],
    ['--port 1 --account 1234 --mode loud', /--mode.*loud.*ack, silent, nak, duh, close/],
    ['--port 1 --account 1234 --null-mode loud', /--null-mode.*loud.*ack, silent, nak, duh/],
    ['--port 1 --account 1234 --quirk other', /--quirk.*other.*pysiaalarm, ioBroker, dc09-rs/],
    ['--port 1 --account 1234 --window -5', /--window -5.*whole seconds/],
    ['--port 1 --account 1234 --tcp', /--tcp.*--help/],
  ])('refuses %j and names the option and the fix', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError)
    expect(() => parse(line)).toThrow(message)
  })

  it('never repeats a key in an error', async () => {
    const lines: string[] = []
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
    const words = `--port 1 --account 1234 --key ${KEY}F`.split(' ')
    expect(await run(words, output, AbortSignal.abort())).toBe(2)
    expect(lines.join()).not.toContain(KEY)
  })

  it('writes its help and ends with 0', async () => {
    const lines: string[] = []
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
    expect(await run(['--help'], output, AbortSignal.abort())).toBe(0)
    for (const option of ['--port', '--account', '--key', '--host', '--udp', '--json', '--mode', 'npm run receiver']) {
      expect(lines.join('\n')).toContain(option)
    }
  })

  it('ends with 2 when the port is taken, and says so', async () => {
    const { port } = await station()
    const lines: string[] = []
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
    expect(await run(['--port', String(port), '--account', '1234'], output, AbortSignal.abort())).toBe(2)
    expect(lines).toEqual([expect.stringMatching(/--port \d+ is taken.*choose another/)])
  })

  it('ends with 2 when the UDP port alone is taken, and leaves TCP free again', async () => {
    const udp = createSocket('udp4').bind(0, '127.0.0.1')
    cleanUp.push(() => udp.close())
    await once(udp, 'listening')
    const { port } = udp.address()
    const lines: string[] = []
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
    const words = ['--udp', '--account', '1234', '--port', String(port)]
    expect(await run(words, output, AbortSignal.abort())).toBe(2)
    expect(lines).toEqual([expect.stringMatching(/--port \d+ is taken/)])
    expect((await station({ port })).port).toBe(port)
  })

  it('ends with 2 when the host is not of this machine (192.0.2.1 is nobody, RFC 5737)', async () => {
    const lines: string[] = []
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
    const words = '--port 0 --account 1234 --host 192.0.2.1'.split(' ')
    expect(await run(words, output, AbortSignal.abort())).toBe(2)
    expect(lines).toEqual([expect.stringMatching(/--host 192\.0\.2\.1 is no address of this machine/)])
  })
})

describe('lines of output', () => {
  const duress: StationEvent = {
    account: '1234',
    sequence: 7,
    qualifier: 1,
    code: '121',
    partition: 1,
    number: 5,
    via: 'tcp 127.0.0.1:4000',
    isEncrypted: true,
    isDuplicate: false,
    name: 'Duress',
    isPriority: true,
    stamp: '',
    occurred: '',
  }

  it('marks duress as a priority and its number as a user', () => {
    expect(describeEvent(duress, 'NOW')).toBe(
      'NOW  PRIORITY  121 Duress (new)  account 1234  partition 01  user 005  via tcp 127.0.0.1:4000  seq 0007  encrypted',
    )
  })

  it('calls opening disarmed, closing armed, a burglary a zone, and a copy a copy', () => {
    const open = { ...duress, code: '401', name: 'Open/close by user', isPriority: false, isEncrypted: false }
    expect(describeEvent(open, '')).toMatch(/\(disarmed\).*user 005.*clear$/)
    expect(describeEvent({ ...open, qualifier: 3 }, '')).toMatch(/\(armed\)/)
    expect(describeEvent({ ...open, code: '406' }, '')).toMatch(/\(new\)/)
    expect(describeEvent({ ...open, code: '130', qualifier: 3 }, '')).toMatch(/\(restore\).*zone 005/)
    expect(describeEvent({ ...open, qualifier: 6, isDuplicate: true }, '')).toMatch(/\(still so\).*COPY$/)
    expect(describeEvent({ ...open, occurred: '12:34:50,10-25-2024' }, '')).toMatch(/occurred 12:34:50,10-25-2024$/)
  })

  it('writes the bytes that a terminal might obey as numbers', () => {
    expect(printable('\n\x1b[2J\\\xff"\r')).toBe('\\x0a\\x1b[2J\\x5c\\xff"\\x0d')
  })
})

describe('the station on loopback', () => {
  it('answers C1 over TCP with C7, then a split and a joined frame on the same connection', async () => {
    const { port, events } = await station()
    const { socket, heard } = await dial(port)
    socket.write(C1, 'latin1')
    await until(() => heard() === C7)
    socket.write(C5.slice(0, 15), 'latin1')
    await new Promise((resolve) => setTimeout(resolve, 20))
    socket.write(C5.slice(15) + C5, 'latin1')
    await until(() => heard() === C7 + C13 + C13)
    expect(events).toMatchObject([{ code: '121', number: 5, via: expect.stringMatching(/^tcp 127\.0\.0\.1:\d+$/) }])
  })

  it('answers the binary form over TCP byte for byte', async () => {
    const { port } = await station()
    const { socket, heard } = await dial(port)
    socket.write(`\n\x2b\xb4${C1.slice(5)}`, 'latin1')
    await until(() => heard() === `\n\x1b\xc1${C7.slice(5)}`)
  })

  it('answers C1 over UDP at the same port, and both ways know the copy', async () => {
    const { port, events } = await station({ isUdp: true })
    const udp = createSocket('udp4')
    cleanUp.push(() => udp.close())
    const replies: string[] = []
    udp.on('message', (bytes) => replies.push(bytes.toString('latin1')))
    udp.send(Buffer.from(C1, 'latin1'), port, '127.0.0.1')
    await until(() => replies.length === 1)
    const { socket, heard } = await dial(port)
    socket.write(C1, 'latin1')
    await until(() => heard() === C7)
    expect(replies).toEqual([C7])
    expect(events.map((event) => event.isDuplicate)).toEqual([false, true])
  })

  it('has the ways of another receiver: a doubled NAK to a NULL over TCP, then FIN', async () => {
    const { port } = await station({ quirk: 'ioBroker', utcSeconds: () => 1729859699 })
    const { socket, heard } = await dial(port)
    let isEnded = false
    socket.on('end', () => {
      isEnded = true
    })
    socket.write(C5, 'latin1')
    const C9 = '\n18D30025"NAK"0000R0L0A0[]_12:34:59,10-25-2024\r'
    await until(() => heard() === C9 + C9 && isEnded)
  })

  it('answers null messages in their own mode, and checks no stamps in a window of 0', async () => {
    const { port, events } = await station({ nullMode: 'silent', windowSeconds: 0 })
    const { socket, heard } = await dial(port)
    socket.write(C5 + C2_LATE, 'latin1')
    await until(() => heard().includes('"ACK"0002R1L0#1234[]'))
    expect(heard()).not.toContain('"ACK"0000')
    expect(events.map((event) => event.code)).toEqual(['121'])
  })

  it('checks stamps by the clock of the host: a frame of 2024 gets NAK', async () => {
    const { port, events } = await station()
    const { socket, heard } = await dial(port)
    socket.write(C2_LATE, 'latin1')
    await until(() => /"NAK"0000R0L0A0\[\]_\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}\r$/.test(heard()))
    expect(events).toEqual([])
  })

  it('mode close: hangs up without a word after the first frame, and acknowledges nothing behind it', async () => {
    const { port, events } = await station({ mode: 'close' })
    const { socket, heard } = await dial(port)
    let isEnded = false
    socket.on('end', () => {
      isEnded = true
    })
    socket.write(C5 + C5, 'latin1')
    await until(() => isEnded)
    expect([heard(), events]).toEqual(['', []])
  })

  it('changes its mode while it runs', async () => {
    const { port, receiver } = await station({ mode: 'duh' })
    const { socket, heard } = await dial(port)
    socket.write(C5, 'latin1')
    await until(() => heard().includes('"DUH"0000L0#1234[]'))
    receiver.mode = 'ack'
    socket.write(C5, 'latin1')
    await until(() => heard().endsWith(C13))
  })

  it('closes with a connection open, twice, and frees the port', async () => {
    const first = await station({ isUdp: true })
    const { socket } = await dial(first.port)
    socket.on('error', () => undefined)
    await Promise.all([first.close(), first.close()])
    const second = await station({ port: first.port, isUdp: true })
    expect(second.port).toBe(first.port)
  })

  it('prints the address first, one JSON object a line, and ends when it is told to', async () => {
    const lines: string[] = []
    const stop = new AbortController()
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
    const ended = run('--port 0 --account 1234 --json --frames'.split(' '), output, stop.signal)
    cleanUp.push(() => stop.abort())
    await until(() => lines.length === 1)
    const first = JSON.parse(lines[0])
    expect(first).toMatchObject({ type: 'listening', host: '127.0.0.1', mode: 'ack' })
    const { socket, heard } = await dial(first.port)
    socket.write(C1, 'latin1')
    await until(() => heard() === C7)
    stop.abort()
    expect(await ended).toBe(0)
    expect(lines.slice(1).map((line) => JSON.parse(line))).toMatchObject([
      { type: 'frame', direction: 'in', frame: C1, verdict: 'ACK' },
      { type: 'event', code: '121', name: 'Duress', isPriority: true },
      { type: 'frame', direction: 'out', frame: C7, verdict: 'ACK' },
    ])
  })

  it('runs as a program and ends with 0 at Ctrl-C', async () => {
    const words = ['--import', 'tsx', 'hal-mock/programs/receiver.ts', '--port', '0', '--account', '1234']
    const child = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
    cleanUp.push(() => child.kill('SIGKILL'))
    let text = ''
    child.stdout.on('data', (bytes) => {
      text += bytes
    })
    await once(child.stdout, 'data')
    const port = Number(/^listening on 127\.0\.0\.1 port (\d+), TCP, mode ack\n$/.exec(text)?.[1])
    const { socket, heard } = await dial(port)
    socket.write(C1, 'latin1')
    await until(() => heard() === C7 && text.includes('PRIORITY  121 Duress (new)'))
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
  }, 10000)
})

describe('the live network', () => {
  function listener(): ConnectionEvents & { log: string[] } {
    const log: string[] = []
    return {
      log,
      onOpen: () => log.push('open'),
      onData: (bytes) => log.push(bytes),
      onEnd: () => log.push('end'),
      onReset: () => log.push('reset'),
    }
  }

  function nicTo(port: number) {
    const nic = liveNic('cable', (address) => (address === '10.0.0.1' ? { host: '127.0.0.1', port } : undefined))
    cleanUp.push(() => nic.closeAll())
    return nic
  }

  async function plainServer(onSocket: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
    const server = createServer({ allowHalfOpen: true }, onSocket).listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanUp.push(() => server.close())
    return { port: (server.address() as AddressInfo).port, server }
  }

  it('carries C1 to the station and C7 back, and says nothing from inside a call', async () => {
    const { port } = await station()
    const nic = nicTo(port)
    const events = listener()
    const connection = nic.connect('10.0.0.1', 9000, events)
    expect(events.log).toEqual([])
    await until(() => events.log.includes('open'))
    let acknowledgedCount = 0
    connection.send(C1, () => acknowledgedCount++)
    expect(acknowledgedCount).toBe(0)
    await until(() => events.log.includes(C7) && acknowledgedCount === 1)
    connection.end()
    await until(() => events.log.at(-1) === 'end')
    expect(events.log).toEqual(['open', C7, 'end'])
  })

  it('resets what nobody listens to: an address without a mapping, and a port that refuses', async () => {
    const { port, server } = await plainServer(() => undefined)
    server.close()
    await once(server, 'close')
    const nic = nicTo(port)
    for (const address of ['8.8.8.8', '10.0.0.1']) {
      const events = listener()
      nic.connect(address, 9000, events)
      expect(events.log).toEqual([])
      await until(() => events.log.length > 0)
      expect(events.log).toEqual(['reset'])
    }
  })

  it('lets the chip send after the peer closed its side', async () => {
    let received = ''
    const { port } = await plainServer((socket) => {
      cleanUp.push(() => socket.destroy())
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1')
      })
      socket.end()
    })
    const events = listener()
    const connection = nicTo(port).connect('10.0.0.1', 9000, events)
    await until(() => events.log.at(-1) === 'end')
    connection.send('\xff\x00late', () => undefined)
    await until(() => received === '\xff\x00late')
    expect(events.log).toEqual(['open', 'end'])
  })

  it('holds both directions while the cable is out and loses nothing when it comes back', async () => {
    let host: Socket | undefined
    let received = ''
    const { port } = await plainServer((socket) => {
      host = socket
      cleanUp.push(() => socket.destroy())
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1')
      })
    })
    const nic = nicTo(port)
    const events = listener()
    const connection = nic.connect('10.0.0.1', 9000, events)
    await until(() => events.log.includes('open') && host !== undefined)
    nic.setLink(false)
    expect(nic.isUp()).toBe(false)
    connection.send('one', () => events.log.push('acknowledged'))
    connection.send('two', () => undefined)
    host?.write('reply')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([events.log, received]).toEqual([['open'], ''])
    nic.setLink(true)
    expect(nic.isUp()).toBe(true)
    await until(() => received === 'onetwo' && events.log.includes('reply') && events.log.includes('acknowledged'))
  })

  it('ends a connection without a word when the way was cut for more than 12.6 s', async () => {
    let received = ''
    const { port } = await plainServer((socket) => {
      cleanUp.push(() => socket.destroy())
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1')
      })
    })
    const nic = nicTo(port)
    const clock = vi.spyOn(performance, 'now')
    cleanUp.push(() => clock.mockRestore())
    for (const [cutMs, expected] of [
      [12600, 'x'],
      [12601, ''],
    ] as const) {
      received = ''
      const events = listener()
      const connection = nic.connect('10.0.0.1', 9000, events)
      await until(() => events.log.includes('open'))
      clock.mockReturnValue(1000)
      nic.setInternet(false)
      connection.send('x', () => undefined)
      clock.mockReturnValue(1000 + cutMs)
      nic.setInternet(true)
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect([cutMs, received, events.log]).toEqual([cutMs, expected, ['open']])
    }
  })

  it('keeps 64 ghosts and lets the oldest go first', async () => {
    const closed: number[] = []
    let count = 0
    const { port } = await plainServer((socket) => {
      const number = ++count
      cleanUp.push(() => socket.destroy())
      socket.on('error', () => undefined)
      socket.on('close', () => closed.push(number))
      socket.on('end', () => socket.end())
      socket.resume()
    })
    const nic = nicTo(port)
    for (let number = 1; number <= 66; number++) {
      const events = listener()
      const connection = nic.connect('10.0.0.1', 9000, events)
      await until(() => events.log.includes('open'))
      connection.abandon()
    }
    await until(() => closed.length === 1)
    expect(closed).toEqual([1])
  })

  it('keeps its link but swallows a connection attempt while the internet is away', async () => {
    const { port } = await station()
    const nic = nicTo(port)
    nic.setInternet(false)
    expect(nic.isUp()).toBe(true)
    const events = listener()
    nic.connect('10.0.0.1', 9000, events)
    nic.connect('8.8.8.8', 9000, events)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(events.log).toEqual([])
    nic.setInternet(true)
    await until(() => events.log.length === 2)
    expect(events.log.sort()).toEqual(['open', 'reset'])
  })

  it('leaves a ghost at the peer when the chip forgets a connection, until closeAll', async () => {
    const ends: string[] = []
    const { port } = await plainServer((socket) => {
      cleanUp.push(() => socket.destroy())
      socket.on('close', () => ends.push('close'))
      socket.on('error', () => undefined)
      socket.resume()
      socket.write('hello')
    })
    const nic = nicTo(port)
    const events = listener()
    const connection = nic.connect('10.0.0.1', 9000, events)
    await until(() => events.log.includes('hello'))
    connection.abandon()
    connection.send('x', () => events.log.push('acknowledged'))
    connection.end()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([events.log, ends]).toEqual([['open', 'hello'], []])
    nic.closeAll()
    nic.closeAll()
  })
})

describe('the natives on Node', () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
  const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')

  it('gives the check value of CRC-32', () => {
    expect(nodeCrypto.crc32(bytes('123456789'))).toBe(0xcbf43926)
  })

  it('gives the PBKDF2-HMAC-SHA256 vector of RFC 7914, section 11', () => {
    expect(hex(nodeCrypto.pbkdf2(bytes('passwd'), bytes('salt'), 1, 64))).toBe(
      '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc' +
        '49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
    )
  })

  it.each([16, 24, 32])('undoes AES-CBC with a key of %i bytes, no padding added', (sizeBytes) => {
    const key = new Uint8Array(sizeBytes).fill(7)
    const plain = bytes('0123456789abcdef0123456789abcdef')
    const cipher = nodeCrypto.encryptCbc(plain, key)
    expect(cipher.length).toBe(32)
    expect(nodeCrypto.decryptCbc(cipher, key)).toEqual(plain)
  })

  it('starts from an all-zero vector (FIPS 197, C.1)', () => {
    const key = new Uint8Array(Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'))
    const plain = new Uint8Array(Buffer.from('00112233445566778899aabbccddeeff', 'hex'))
    expect(hex(nodeCrypto.encryptCbc(plain, key))).toBe('69c4e0d86a7b0430d8cdb78070b4c55a')
  })

  it('refuses half a block and a key of 15 bytes', () => {
    expect(() => nodeCrypto.encryptCbc(new Uint8Array(8), new Uint8Array(16))).toThrow()
    expect(() => nodeCrypto.encryptCbc(new Uint8Array(16), new Uint8Array(15))).toThrow()
  })
})
