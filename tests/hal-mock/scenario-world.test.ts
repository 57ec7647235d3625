// What a scenario's words do to the virtual world. A firmware that does nothing stands in for the panel; the test itself
// sends what a chip would. How the real panel takes it is in programs/scenario-file.test.ts, by the reference's examples.

import { describe, expect, it } from 'vitest'
import { check } from '../../board/config/check'
import demoPanel from '../../docs/demo-panel.json'
import { DEMO_KEY, demoConfig, demoReceiver, RECEIVER_ADDRESS, RECEIVER_PORT } from '../../hal-mock/demo'
import type { Datagram } from '../../hal-mock/nic'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { parse } from '../../hal-mock/programs/scenario-file'
import { Random } from '../../hal-mock/random'
import { HABITS } from '../../hal-mock/receiver-quirks'
import { ScenarioRun } from '../../hal-mock/scenario'
import { PANEL_WORDS, panelSettings, WorldFaults } from '../../hal-mock/scenario-world'
import { type Firmware, Simulator } from '../../hal-mock/simulator'

const OWN = '192.168.1.50'
const ROUTER = '192.168.1.1'
const TIME_SERVER = '198.51.100.20'
const PORT = 50000
const COUNT = 1000
/** A null message for the demo account, in clear (reporting.md 3.1); its CRC is reckoned by the standard's words. */
const FRAME = framed('"NULL"0000R0L0#1234[]')

const idle: Firmware<object, null> = {
  makeCodes: () => null,
  storeCode: () => undefined,
  create: () => ({}),
  poll: () => Infinity,
  wake: () => false,
  pathState: () => 0,
}

function framed(body: string): string {
  let crc = 0
  for (let index = 0; index < body.length; index++) {
    crc ^= body.charCodeAt(index)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0')
  return `\n${hex(crc)}${hex(body.length)}${body}\r`
}

/** A world in which these words were said at 1 s, one a line; a clear account, so that frames can be written by hand. */
function worldWith(...words: string[]) {
  const simulator = new Simulator<unknown, unknown>({
    firmware: idle as Firmware<unknown, unknown>,
    config: { ...demoConfig(), receivers: [{ ...demoReceiver(), key: '' }] },
    crypto: nodeCrypto,
    seed: 1,
  })
  const { clock, ethernet, cellular, network, receiver } = simulator
  const faults = new WorldFaults(simulator)
  const text = words.map((line) => `at 1 s ${line}`).join('\n')
  new ScenarioRun(simulator, parse(`${text}\nat 2 s expect siren off`, 'test'), { faults }).advanceTo(3000)
  const heard: Datagram[] = []
  ethernet.datagrams.onDatagram = (datagram) => heard.push(datagram)
  const run = (ms: number) => clock.runTo(clock.nowMs + ms)
  const send = (target: string, targetPort: number, bytes: string, sourcePort = PORT) =>
    ethernet.datagrams.send({ source: OWN, sourcePort, target, targetPort, bytes })
  /** What a host that echoes gets and sends back, of COUNT datagrams each 10 ms. */
  const echo = () => {
    const out: string[] = []
    network.serve('203.0.113.1', 7, (datagram, answer) => {
      out.push(datagram.bytes)
      answer({ ...datagram, source: '203.0.113.1', sourcePort: 7, target: OWN, targetPort: PORT })
    })
    for (let index = 0; index < COUNT; index++) {
      send('203.0.113.1', 7, String(index))
      run(10)
    }
    run(5000)
    return { out, back: heard.map((datagram) => datagram.bytes) }
  }
  /** What comes of a TCP connection to the receiver that sends a frame. */
  const call = (frame = FRAME, nic = ethernet) => {
    const events: string[] = []
    const connection = nic.connect(RECEIVER_ADDRESS, RECEIVER_PORT, {
      onOpen: () => {
        events.push('open')
        connection.send(frame, () => undefined)
      },
      onData: (bytes) => events.push(bytes.replace(/^\n.{8}(.*)\r$/s, '$1')),
      onEnd: () => events.push('end'),
      onReset: () => events.push('reset'),
    })
    run(5000)
    return { events, connection }
  }
  return { simulator, receiver, ethernet, cellular, faults, heard, run, send, echo, call }
}

describe('packets', () => {
  it('ethernet loses 30 %: 70 of 100 datagrams arrive, 49 of 100 come back; cellular loses none', () => {
    const world = worldWith('ethernet loses 30 %')
    const { out, back } = world.echo()
    expect(Math.abs(out.length / COUNT - 0.7)).toBeLessThan(0.05)
    expect(Math.abs(back.length / COUNT - 0.49)).toBeLessThan(0.05)
    expect(world.cellular.lossPercent).toBe(0)
  })

  it('ethernet loses 100 %: nothing arrives, and 0 % ends it', () => {
    expect(worldWith('ethernet loses 100 %').echo().out).toEqual([])
    expect(worldWith('ethernet loses 100 %', 'ethernet loses 0 %').echo().back.length).toBe(COUNT)
  })

  it('ethernet doubles 20 %: 120 arrive for 100 datagrams', () => {
    expect(Math.abs(worldWith('ethernet doubles 20 %').echo().out.length / COUNT - 1.2)).toBeLessThan(0.04)
  })

  it('ethernet bends 10 %: every tenth is not what was sent, in one bit', () => {
    const { out } = worldWith('ethernet bends 10 %').echo()
    const bent = out.filter((bytes, index) => bytes !== String(index))
    expect(Math.abs(bent.length / COUNT - 0.1)).toBeLessThan(0.03)
  })

  it('ethernet delays 300 ms: there at 300 ms, back at 600 ms', () => {
    const { send, run, heard, simulator } = worldWith('ethernet delays 300 ms')
    let atMs = 0
    simulator.network.serve('203.0.113.1', 7, (datagram, answer) => {
      atMs = simulator.clock.nowMs
      answer({ ...datagram, source: '203.0.113.1', sourcePort: 7, target: OWN, targetPort: PORT })
    })
    const startMs = simulator.clock.nowMs
    send('203.0.113.1', 7, 'x')
    run(599)
    expect([atMs - startMs, heard.length]).toEqual([300, 0])
    run(1)
    expect(heard.length).toBe(1)
  })

  it('ethernet delays 10 ms to 200 ms: datagrams overtake each other, none is lost', () => {
    const { out } = worldWith('ethernet delays 10 ms to 200 ms').echo()
    expect(out.length).toBe(COUNT)
    const late = out.filter((bytes, index) => index > 0 && Number(bytes) < Number(out[index - 1]))
    expect(late.length).toBeGreaterThan(COUNT / 5)
  })
})

describe('ways', () => {
  it('break way out: nothing arrives; break way in: it arrives and nothing comes back; mend: all is well', () => {
    expect(worldWith('break way out behind ethernet').echo().out).toEqual([])
    const { out, back } = worldWith('break way in behind ethernet').echo()
    expect([out.length, back.length]).toEqual([COUNT, 0])
    const both = ['break way out behind ethernet', 'break way in behind ethernet']
    const mends = ['mend way out behind ethernet', 'mend way in behind ethernet']
    expect(worldWith(...both, ...mends).echo().back.length).toBe(COUNT)
    expect(worldWith(...both, 'mend internet behind ethernet').echo().back.length).toBe(COUNT)
    expect(worldWith(...both).cellular.carries()).toBe(true)
  })

  it('part receiver from ethernet: no connection and no datagram reach it, others do, cellular too', () => {
    const world = worldWith('part receiver from ethernet')
    expect(world.call().events).toEqual([])
    expect(world.call(FRAME, world.cellular).events[0]).toBe('open')
    expect(world.echo().back.length).toBe(COUNT)
    expect(worldWith('part receiver from ethernet', 'join receiver to ethernet').call().events[0]).toBe('open')
  })

  it('part cuts a connection that is open, and join brings it back when TCP has not given up yet', () => {
    const world = worldWith('ntp on')
    const { events, connection } = world.call()
    world.faults.act(['ethernet', 'receiver', 'part'])
    connection.send(FRAME, () => events.push('late'))
    world.run(5000)
    expect(events).not.toContain('late')
    world.faults.act(['ethernet', 'receiver', 'join'])
    world.run(10000)
    expect(events).toContain('late')
  })

  it.each([
    ['ethernet nat forgets tcp after 10 s', 9000, 'late'],
    ['ethernet nat forgets tcp after 10 s', 11000, undefined],
    ['ethernet nat resets tcp after 10 s', 11000, 'reset'],
    ['ethernet nat keeps', 11000, 'late'],
  ])('%s: after %i ms of silence a frame ends in %s', (words, silenceMs, last) => {
    const world = worldWith(words)
    const { events, connection } = world.call()
    const before = events.length
    // call() has waited for 5 s already, of which the frame took some.
    world.run(silenceMs - 5000)
    connection.send(FRAME, () => events.push('late'))
    world.run(300)
    expect(events.slice(before).at(-1)).toBe(last)
  })

  it('ethernet nat forgets udp after 5 s: an answer comes through at 4 s, not at 6 s', () => {
    for (const [waitMs, count] of [
      [4000, 1],
      [6000, 0],
    ]) {
      const world = worldWith('ethernet nat forgets udp after 5 s')
      let reply = () => {}
      world.simulator.network.serve('203.0.113.1', 7, (datagram, answer) => {
        reply = () => answer({ ...datagram, source: '203.0.113.1', sourcePort: 7, target: OWN, targetPort: PORT })
      })
      world.send('203.0.113.1', 7, 'x')
      world.run(waitMs)
      reply()
      world.run(100)
      expect(world.heard.length).toBe(count)
    }
  })
})

/** DISCOVER, or REQUEST of an address that the client has (RFC 2131 4.4.5). */
function dhcpMessage(kind: number, ciaddr: string): string {
  const address = String.fromCharCode(...ciaddr.split('.').map(Number))
  const mac = '\x02\0\0\0\0\x01'
  let bytes = '\x01\x01\x06\0\x11\x22\x33\x44\0\0\x80\0' + address + '\0'.repeat(12) + mac
  bytes += '\0'.repeat(236 - bytes.length)
  return `${bytes}\x63\x82\x53\x63\x35\x01${String.fromCharCode(kind)}\xff${'\0'.repeat(60)}`
}

describe('the cable’s servers', () => {
  const DISCOVER = 1
  const OFFER = 2
  const REQUEST = 3
  const ACK = 5
  const NAK = 6

  /** Kind, address and lease of the answer; nothing without one. */
  function ask(world: ReturnType<typeof worldWith>, kind: number, ciaddr = '0.0.0.0') {
    world.heard.length = 0
    world.send('255.255.255.255', 67, dhcpMessage(kind, ciaddr), 68)
    world.run(1000)
    if (world.heard.length === 0) return []
    const { bytes } = world.heard[0]
    const lease = bytes.indexOf('\x33\x04', 240)
    const seconds = lease < 0 ? 0 : Buffer.from(bytes, 'latin1').readUInt32BE(lease + 2)
    return [bytes.charCodeAt(242), [16, 17, 18, 19].map((at) => bytes.charCodeAt(at)).join('.'), seconds]
  }

  it('dhcp is there from the start, with leases of an hour', () => {
    expect(ask(worldWith('ntp on'), DISCOVER)).toEqual([OFFER, '192.168.1.50', 3600])
  })

  it('dhcp off says nothing, on answers again, refuses says no', () => {
    const world = worldWith('dhcp off')
    expect(ask(world, DISCOVER)).toEqual([])
    world.faults.act(['dhcp', 'on'])
    ask(world, DISCOVER)
    expect(ask(world, REQUEST, '192.168.1.50').slice(0, 2)).toEqual([ACK, '192.168.1.50'])
    world.faults.act(['dhcp', 'refuses'])
    expect(ask(world, REQUEST, '192.168.1.50')[0]).toBe(NAK)
  })

  it('dhcp gives another address, and takes the old one back at renewal; dhcp leases 2 min', () => {
    const world = worldWith('dhcp leases 2 min')
    expect(ask(world, DISCOVER)).toEqual([OFFER, '192.168.1.50', 120])
    world.faults.act(['dhcp', 'gives', '192.168.1.60'])
    expect(ask(world, REQUEST, '192.168.1.50')[0]).toBe(NAK)
    expect(ask(world, DISCOVER).slice(0, 2)).toEqual([OFFER, '192.168.1.60'])
  })

  /** Response code and last four bytes of the answer. */
  function lookUp(world: ReturnType<typeof worldWith>, name: string) {
    world.heard.length = 0
    const labels = name.split('.').map((label) => String.fromCharCode(label.length) + label)
    world.send(ROUTER, 53, `\x12\x34\x01\0\0\x01\0\0\0\0\0\0${labels.join('')}\0\0\x01\0\x01`)
    world.run(1000)
    if (world.heard.length === 0) return []
    const { bytes } = world.heard[0]
    return [
      bytes.charCodeAt(3) & 15,
      bytes
        .slice(-4)
        .split('')
        .map((byte) => byte.charCodeAt(0))
        .join('.'),
    ]
  }

  it('dns names receiver and time server; off is silent, fails says SERVFAIL, wrong names somebody else', () => {
    const world = worldWith('dns on')
    expect(lookUp(world, 'rct.example.net')).toEqual([0, RECEIVER_ADDRESS])
    expect(lookUp(world, 'time.example.net')).toEqual([0, TIME_SERVER])
    world.faults.act(['dns', 'off'])
    expect(lookUp(world, 'rct.example.net')).toEqual([])
    world.faults.act(['dns', 'fails'])
    expect(lookUp(world, 'rct.example.net')[0]).toBe(2)
    world.faults.act(['dns', 'wrong'])
    expect(lookUp(world, 'rct.example.net')).toEqual([0, '198.51.100.99'])
    world.faults.act(['dns', 'on'])
    expect(lookUp(world, 'rct.example.net')).toEqual([0, RECEIVER_ADDRESS])
  })

  /** Seconds by which the time server is ahead of the bench's clock; undefined when it is silent. */
  function ahead(world: ReturnType<typeof worldWith>): number | undefined {
    world.heard.length = 0
    world.send(TIME_SERVER, 123, `\x23${'\0'.repeat(39)}stampstm`)
    world.run(1000)
    if (world.heard.length === 0) return undefined
    const told = Buffer.from(world.heard[0].bytes, 'latin1').readUInt32BE(40) - 2208988800
    return Math.round((told - world.simulator.board.utcSeconds()) / 3600) * 3600 || 0
  }

  it('ntp tells the time; off is silent, wrong is a day ahead', () => {
    const world = worldWith('ntp on')
    expect(ahead(world)).toBe(0)
    world.faults.act(['ntp', 'off'])
    expect(ahead(world)).toBeUndefined()
    world.faults.act(['ntp', 'wrong'])
    expect(ahead(world)).toBe(86400)
    world.faults.act(['ntp', 'on'])
    expect(ahead(world)).toBe(0)
  })
})

describe('panelSettings', () => {
  it('changes what its words say, for the first receiver, and nothing without words', () => {
    const config = { ...demoConfig(), receivers: [demoReceiver(), { ...demoReceiver(), isBackup: true }] }
    expect(panelSettings(config, [])).toBe(config)
    const changed = panelSettings(config, ['dhcp', 'name', 'ntp', 'udp'])
    expect(changed.receivers[0]).toEqual({ ...demoReceiver(), host: 'rct.example.net', protocol: 'udp' })
    expect(changed.receivers[1]).toEqual(config.receivers[1])
    expect(changed.ethernet).toMatchObject({ isDynamic: true, address: '0.0.0.0', timeServer: 'time.example.net' })
    expect(panelSettings(config, ['name']).ethernet).toMatchObject({ address: OWN, dnsServers: [ROUTER] })
    for (const word of PANEL_WORDS) {
      const { receivers, ethernet } = panelSettings(config, [word])
      expect(check({ ...demoPanel, receivers, ethernet }), word).toEqual([])
    }
  })
})

describe('names in a cellular network', () => {
  it('are known to the Nic: the receiver’s, and no other', () => {
    const { cellular } = worldWith('dns off')
    expect([cellular.resolve('rct.example.net'), cellular.resolve('other.example')]).toEqual([RECEIVER_ADDRESS, ''])
  })
})

describe('the receiver', () => {
  const ACK = '"ACK"0000R0L0#1234[]'

  it('close: takes the frame and hangs up without a word; ack: answers', () => {
    expect(worldWith('receiver close').call().events).toEqual(['open', 'end'])
    expect(worldWith('receiver close', 'receiver ack').call().events).toEqual(['open', ACK])
  })

  it('like NAME: has the habits of that one, and standard its own', () => {
    for (const [name, habits] of Object.entries(HABITS).filter(([key]) => key !== 'none')) {
      expect(worldWith(`receiver like ${name}`).receiver.habits).toBe(habits)
    }
    expect(worldWith('receiver like hacs', 'receiver like standard').receiver.habits).toBe(HABITS.none)
    // reporting.md 7.2: a NAK for a null message, twice, then the end.
    const { events } = worldWith('receiver like ioBroker').call()
    expect(events.join(' ')).toMatch(/"NAK"0000R0L0A0.*"NAK"0000R0L0A0.* end$/s)
  })

  /** A stamp (reporting.md 3.4) so many seconds from the world's time now. */
  function stamped(world: ReturnType<typeof worldWith>, seconds: number): string {
    const iso = new Date((world.simulator.board.utcSeconds() + seconds) * 1000).toISOString()
    return framed(
      `"NULL"0000R0L0#1234[]_${iso.slice(11, 19)},${iso.slice(5, 7)}-${iso.slice(8, 10)}-${iso.slice(0, 4)}`,
    )
  }

  it.each([
    ['right', 0],
    ['10 min ahead', 600],
    ['90 s behind', -90],
  ])('clock %s: takes stamps of its own time, refuses those of ours, and tells its time', (words, aheadSeconds) => {
    const world = worldWith(`receiver clock ${words}`)
    expect(world.call(stamped(world, aheadSeconds)).events.at(-1)).toContain('"ACK"')
    const { events } = world.call(stamped(world, aheadSeconds === 0 ? 60 : 0))
    const told = /"NAK"0000R0L0A0\[\]_(\d\d):(\d\d):(\d\d)/.exec(events.at(-1) ?? '')
    expect(told).not.toBeNull()
    const seconds = Number(told?.[1]) * 3600 + Number(told?.[2]) * 60 + Number(told?.[3])
    const truth = (world.simulator.board.utcSeconds() + aheadSeconds) % 86400
    expect(Math.abs(seconds - truth)).toBeLessThanOrEqual(5)
  })

  it('account unknown: DUH; known: ACK', () => {
    expect(worldWith('receiver account unknown').call().events.at(-1)).toContain('"DUH"')
    expect(worldWith('receiver account unknown', 'receiver account known').call().events.at(-1)).toBe(ACK)
  })

  it('key wrong: cannot decrypt, so no event; key right: takes it', () => {
    const receiver = new Simulator<unknown, unknown>({
      firmware: idle as Firmware<unknown, unknown>,
      config: demoConfig(),
      crypto: nodeCrypto,
      seed: 1,
    })
    const faults = new WorldFaults(receiver)
    const clear = `xxxxx|]_08:00:00,01-05-2026`
    const plain = '0'.repeat((32 - clear.length) % 16) + clear
    const key = new Uint8Array(Buffer.from(DEMO_KEY, 'hex'))
    const hex = Buffer.from(nodeCrypto.encryptCbc(Buffer.from(plain, 'latin1'), key))
      .toString('hex')
      .toUpperCase()
    const frame = framed(`"*NULL"0000R0L0#1234[${hex}`)
    const say = () => receiver.receiver.open('test').receive(frame)
    expect(say()).toContain('"*ACK"')
    faults.act(['receiver', 'key', 'wrong'])
    expect(say()).toContain('"NAK"')
    faults.act(['receiver', 'key', 'right'])
    expect(say()).toContain('"*ACK"')
  })
})

describe('the modem, its card and the flash', () => {
  it('are removed and silent, and as before', () => {
    const { faults, simulator } = worldWith('sim removed', 'modem silent')
    const { modem, flash } = simulator.board
    expect([modem.sim, modem.faults.silent]).toEqual(['absent', true])
    faults.act(['sim', 'inserted'])
    faults.act(['modem', 'answers'])
    expect([modem.sim, modem.faults.silent]).toEqual(['ready', false])
    faults.act(['flash', '2', '3'])
    flash.write(0, new Uint8Array(4))
    expect(simulator.board.isPowered).toBe(true)
    flash.write(4, new Uint8Array(4))
    expect(simulator.board.isPowered).toBe(false)
    expect([...flash.read(0, 8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 255])
  })

  it('boots again by itself when it reboots', () => {
    const told: string[] = []
    const { faults, simulator } = worldWith('box closed')
    simulator.board.modem.setPowerKey(1)
    simulator.clock.runTo(60000)
    simulator.board.modem.onActivity = (what) => told.push(what)
    faults.act(['modem', 'reboots'])
    simulator.clock.runTo(120000)
    expect(told).toEqual(['restart', 'running', 'registered'])
  })
})

describe('a word that nothing acts for', () => {
  it('stops the run with its name, and so does one that no parser makes', () => {
    const simulator = new Simulator<unknown, unknown>({
      firmware: idle as Firmware<unknown, unknown>,
      config: demoConfig(),
      crypto: nodeCrypto,
      seed: new Random(1).next() % 1000,
    })
    const run = new ScenarioRun(simulator, parse('at 1 s dhcp off\nat 2 s expect siren off', 'test'))
    expect(() => run.advanceTo(3000)).toThrow('nothing here acts for: dhcp off')
    const faults = new WorldFaults(simulator)
    expect(() => faults.act(['weather', 'bad'])).toThrow('no such word: weather bad')
    expect(() => faults.act(['ethernet', 'hums'])).toThrow('no such word')
    expect(() => faults.act(['receiver', 'sings'])).toThrow('no such word')
  })
})
