/**
 * The modem model against hardware.md §2: a second reading of it, so texts and times are written anew here. Lines appear as
 * a host sees them: CR LF, text, CR LF.
 */

import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { Modem, type ModemOptions } from '../../hal-mock/modem'
import { type PeerConnection, VirtualNetwork } from '../../hal-mock/network'
import { Random } from '../../hal-mock/random'

const RECEIVER = '198.51.100.10'
const PORT = 10000
/** §2.2: UART of the A7670 is ready 11.1 s after the key; then 1 s SIM, 3 s registration, 5 s phone book. */
const BOOT_MS = 11100
const SETTLED_MS = 6000

class Bench {
  clock = new VirtualClock()
  network = new VirtualNetwork(this.clock)
  nic = this.network.attach('cellular')
  modem: Modem
  /** Everything the host has heard. */
  heard = ''
  pieces: { bytes: string; atMs: number }[] = []
  activity: string[] = []
  /** The station: what came, and the connection to answer on. */
  station = ''
  stationEnds = 0
  stationLink: PeerConnection | undefined

  constructor(options: ModemOptions = {}) {
    this.modem = new Modem(this.clock, this.nic, new Random(7), options)
    this.modem.onOutput = (bytes) => {
      this.heard += bytes
      this.pieces.push({ bytes, atMs: this.clock.nowMs })
    }
    this.modem.onActivity = (what) => this.activity.push(what)
    this.network.listen(RECEIVER, PORT, (connection) => {
      this.stationLink = connection
      return {
        onData: (bytes) => {
          this.station += bytes
        },
        onEnd: () => {
          this.stationEnds++
        },
      }
    })
  }

  wait(ms: number): void {
    this.clock.runTo(this.clock.nowMs + ms)
  }

  /** What is heard within ms. */
  hear(ms: number): string {
    this.heard = ''
    this.wait(ms)
    return this.heard
  }

  /** Sends a command and returns what is heard within ms. */
  say(text: string, ms = 60): string {
    this.heard = ''
    this.modem.receive(`${text}\r`)
    this.wait(ms)
    return this.heard
  }

  press(ms: number): void {
    this.modem.setPowerKey(1)
    this.wait(ms)
    this.modem.setPowerKey(0)
  }

  /** Booted, registered, echo off, nothing left to say. */
  settled(): this {
    this.press(100)
    this.wait(BOOT_MS + SETTLED_MS)
    this.say('ATE0')
    return this
  }

  /** settled() and link 0 open in manual receive mode. */
  connected(): this {
    this.settled()
    this.say('AT+CIPRXGET=1')
    this.say('AT+NETOPEN', 1000)
    this.say(`AT+CIPOPEN=0,"TCP","${RECEIVER}",${PORT}`, 500)
    return this
  }
}

/** Lines as they cross the wire. */
function lines(...texts: string[]): string {
  return texts.map((text) => `\r\n${text}\r\n`).join('')
}

describe('power', () => {
  it('boots in 11.1 s after a 100 ms press, STATUS goes high, and the boot lines come in order', () => {
    const bench = new Bench()
    bench.press(100)
    bench.clock.runTo(50 + BOOT_MS - 1)
    expect(bench.modem.statusLevel()).toBe(0)
    expect(bench.heard).toBe('')
    bench.wait(SETTLED_MS)
    expect(bench.modem.statusLevel()).toBe(1)
    expect(bench.heard).toBe(lines('*ATREADY: 1', '+CPIN: READY', 'SMS DONE', 'PB DONE'))
    expect(bench.activity).toEqual(['power on', 'running', 'registered'])
  })

  it('begins with RDY as a SIM7600, which wants the key for 500 ms', () => {
    const bench = new Bench({ model: 'SIM7600' })
    bench.press(499)
    expect(bench.hear(BOOT_MS + 100)).toBe('')
    bench.press(500)
    expect(bench.hear(BOOT_MS + 100)).toBe(lines('RDY'))
    expect(bench.say('ATE0')).toContain('OK')
    expect(bench.say('AT+CGMM')).toBe(lines('SIMCOM_SIM7600E-H', 'OK'))
    expect(bench.say('AT+NETOPEN?')).toBe(lines('+NETOPEN: 0,0', 'OK'))
  })

  it('ignores a press of 49 ms', () => {
    const bench = new Bench()
    bench.press(49)
    bench.wait(20000)
    expect(bench.activity).toEqual([])
  })

  it('a running module goes off after 2.5 s of the key and 2 s more, not after 2.4 s', () => {
    const bench = new Bench().settled()
    bench.press(2400)
    bench.wait(5000)
    expect(bench.modem.statusLevel()).toBe(1)
    bench.press(2500)
    bench.wait(1999)
    expect(bench.modem.statusLevel()).toBe(1)
    bench.wait(1)
    expect(bench.modem.statusLevel()).toBe(0)
    expect(bench.say('AT', 1000)).toBe('')
  })

  it('one press acts once: held for 10 s it switches on and leaves it on', () => {
    const bench = new Bench()
    bench.press(10000)
    bench.wait(10000)
    expect(bench.modem.statusLevel()).toBe(1)
  })

  it('a second long press within the boot time switches off again', () => {
    const bench = new Bench()
    bench.press(100)
    bench.wait(1000)
    bench.press(2600)
    bench.wait(20000)
    expect(bench.modem.statusLevel()).toBe(0)
    expect(bench.heard).toBe('')
  })

  it('a press that ends in the boot and goes off after it lets nothing be heard', () => {
    const bench = new Bench()
    bench.press(100)
    bench.wait(8000)
    bench.press(2600)
    bench.wait(20000)
    expect(bench.heard).toBe('')
    expect(bench.activity).toEqual(['power on', 'power off'])
  })

  it('a brown-out in the middle of a boot begins it anew', () => {
    const bench = new Bench()
    bench.press(100)
    bench.wait(8000)
    bench.modem.reboot()
    expect(bench.hear(BOOT_MS - 1)).toBe('')
    expect(bench.hear(20000)).toBe(lines('*ATREADY: 1', '+CPIN: READY', 'SMS DONE', 'PB DONE'))
  })

  it('does not start again within 2 s of going off', () => {
    const bench = new Bench().settled()
    bench.say('AT+CPOF', 2100)
    expect(bench.activity).toContain('power off')
    bench.press(100)
    bench.wait(20000)
    expect(bench.modem.statusLevel()).toBe(0)
    bench.press(100)
    bench.wait(12000)
    expect(bench.modem.statusLevel()).toBe(1)
  })

  it('answers nothing while it boots, and what was typed then is lost', () => {
    const bench = new Bench()
    bench.press(100)
    bench.wait(5000)
    expect(bench.say('AT', 6000)).toBe('')
    bench.wait(SETTLED_MS)
    expect(bench.heard).not.toContain('OK')
  })

  it('a supply cut drops everything without a word to the peer; the key does nothing without supply', () => {
    const bench = new Bench().connected()
    bench.modem.setSupply(false)
    expect(bench.modem.statusLevel()).toBe(0)
    bench.press(100)
    expect(bench.hear(20000)).toBe('')
    expect(bench.stationEnds).toBe(0)
    bench.modem.setSupply(true)
    bench.wait(10000)
    bench.press(100)
    expect(bench.hear(BOOT_MS + 100)).toBe(lines('*ATREADY: 1'))
  })

  it('CRESET and CFUN=1,1 answer OK and boot again with echo on', () => {
    for (const command of ['AT+CRESET', 'AT+CFUN=1,1', 'AT+CFUN=6']) {
      const bench = new Bench().settled()
      expect(bench.say(command, 100)).toBe(lines('OK'))
      expect(bench.hear(BOOT_MS + 200)).toBe(lines('*ATREADY: 1'))
      expect(bench.say('AT')).toBe(`AT\r${lines('OK')}`)
    }
  })

  it('a brown-out in the middle of a send loses payload, socket and settings', () => {
    const bench = new Bench().connected()
    bench.say('AT+CIPSEND=0,10')
    bench.modem.receive('12345')
    bench.wait(5)
    bench.modem.reboot()
    expect(bench.hear(BOOT_MS + SETTLED_MS)).toContain(lines('*ATREADY: 1'))
    expect(bench.say('AT+CIPOPEN?')).toMatch(/^AT\+CIPOPEN\?\r\r\n\+CIPOPEN: 0\r\n/)
    expect(bench.say('AT+NETOPEN?')).toContain('+NETOPEN: 0')
    expect(bench.station).toBe('')
  })

  it('a brown-out while off does nothing', () => {
    const bench = new Bench()
    bench.modem.reboot()
    bench.wait(20000)
    expect(bench.activity).toEqual([])
  })
})

describe('serial line', () => {
  it('echoes until ATE0, and again after ATE1', () => {
    const bench = new Bench()
    bench.press(100)
    bench.wait(BOOT_MS + SETTLED_MS)
    expect(bench.say('AT')).toBe(`AT\r${lines('OK')}`)
    expect(bench.say('ATE0')).toBe(`ATE0\r${lines('OK')}`)
    expect(bench.say('AT')).toBe(lines('OK'))
    bench.say('ATE1')
    expect(bench.say('at')).toBe(`at\r${lines('OK')}`)
  })

  it('takes lower case, junk before AT and line feeds; ignores a line without AT', () => {
    const bench = new Bench().settled()
    expect(bench.say('at+csq')).toBe(lines('+CSQ: 20,99', 'OK'))
    expect(bench.say('\n0\0AT')).toBe(lines('OK'))
    expect(bench.say('HELLO')).toBe('')
    expect(bench.say('')).toBe('')
  })

  it('answers ERROR to what it does not know', () => {
    const bench = new Bench().settled()
    expect(bench.say('AT+NOSUCH=1')).toBe(lines('ERROR'))
    expect(bench.say('AT+QIOPEN?')).toBe(lines('ERROR'))
    expect(bench.say('ATD112;')).toBe(lines('ERROR'))
  })

  it('cuts a command line of 5000 bytes and still answers the next', () => {
    const bench = new Bench().settled()
    expect(bench.say(`AT+${'X'.repeat(5000)}`, 1000)).toBe(lines('ERROR'))
    expect(bench.say('AT')).toBe(lines('OK'))
  })

  it('answers commands that arrive together one by one', () => {
    const bench = new Bench().settled()
    expect(bench.say('AT\rAT+CSQ\rAT+NOSUCH')).toBe(lines('OK', '+CSQ: 20,99', 'OK', 'ERROR'))
    bench.modem.faults.overlapDrops = true
    expect(bench.say('AT\rAT+CSQ')).toBe(lines('OK'))
  })

  it('keeps 8 commands waiting and no more', () => {
    const bench = new Bench().settled()
    expect(bench.say(Array(20).fill('AT').join('\r'), 1000)).toBe(lines(...Array(9).fill('OK')))
  })

  it('takes 87 us a byte: 100 bytes in and 100 out cost 17 ms, answers 5 ms', () => {
    const bench = new Bench({ commandMs: 5 })
    bench.press(100)
    bench.wait(BOOT_MS + SETTLED_MS)
    bench.pieces = []
    const beginMs = bench.clock.nowMs
    bench.say(`${'x'.repeat(97)}AT`)
    const endMs = bench.pieces[bench.pieces.length - 1].atMs
    // 100 bytes in (8.7 ms), their echo out (8.7 ms) while the 5 ms run, then 6 bytes of OK.
    expect(endMs - beginMs).toBeGreaterThanOrEqual(17)
    expect(endMs - beginMs).toBeLessThanOrEqual(19)
  })

  it('splits output at random borders of at most chunkBytes, without losing one', () => {
    const bench = new Bench({ chunkBytes: 3 }).settled()
    bench.pieces = []
    expect(bench.say('ATI', 200)).toContain(lines('Model: A7670E-FASE'))
    const sizes = bench.pieces.map((piece) => piece.bytes.length)
    expect(Math.max(...sizes)).toBe(3)
    expect(Math.min(...sizes)).toBe(1)
  })

  it('identifies itself', () => {
    const bench = new Bench().settled()
    expect(bench.say('AT+CGMM')).toBe(lines('A7670E-FASE', 'OK'))
    expect(bench.say('AT+CGMR')).toBe(lines('+CGMR: A7670M7_V1.11.1', 'OK'))
    expect(bench.say('AT+CGSN')).toMatch(/^\r\n\d{15}\r\n\r\nOK\r\n$/)
    expect(bench.say('AT+CICCID')).toMatch(/\+ICCID: 89\d{18}\r\n/)
    expect(bench.say('AT+IFC=0,0')).toBe(lines('OK'))
    expect(bench.say('AT+IFC=2,2')).toBe(lines('ERROR'))
    expect(bench.say('AT+IPR?')).toBe(lines('+IPR: 115200', 'OK'))
    expect(bench.say('AT+IPR=9600')).toBe(lines('ERROR'))
    expect(bench.say('AT&W')).toBe(lines('OK'))
    expect(bench.say('AT+CMEE=3')).toBe(lines('ERROR'))
  })
})

describe('SIM', () => {
  it('is busy (CME 14) for a second after the boot', () => {
    const bench = new Bench()
    bench.press(100)
    bench.wait(BOOT_MS)
    expect(bench.say('AT+CPIN?')).toContain(lines('ERROR'))
    bench.say('AT+CMEE=1')
    expect(bench.say('AT+CPIN?')).toContain(lines('+CME ERROR: 14'))
    bench.say('AT+CMEE=2')
    expect(bench.say('AT+CPIN?')).toContain(lines('+CME ERROR: SIM busy'))
    bench.wait(1000)
    expect(bench.say('AT+CPIN?')).toContain(lines('+CPIN: READY', 'OK'))
  })

  it('asks for its PIN, takes the right one and then registers', () => {
    const bench = new Bench({ simPin: '1234' }).settled()
    expect(bench.activity).not.toContain('registered')
    expect(bench.say('AT+CPIN?')).toBe(lines('+CPIN: SIM PIN', 'OK'))
    expect(bench.say('AT+CPIN="1234"', 600)).toBe(lines('OK', '+CPIN: READY'))
    bench.wait(4000)
    expect(bench.say('AT+CEREG?')).toBe(lines('+CEREG: 0,1', 'OK'))
    bench.say('AT+CMEE=1')
    expect(bench.say('AT+CPIN="1234"')).toBe(lines('+CME ERROR: 3'))
  })

  it('wants the PUK after three wrong PINs, also when they are spread over power cycles', () => {
    const bench = new Bench({ simPin: '1234' })
    for (let cycle = 0; cycle < 3; cycle++) {
      bench.press(100)
      bench.wait(BOOT_MS + SETTLED_MS)
      bench.say('AT+CMEE=1')
      expect(bench.say('AT+CPIN="1111"')).toContain(lines('+CME ERROR: 16'))
      if (cycle === 2) break
      bench.say('AT+CPOF', 5000)
    }
    expect(bench.modem.sim).toBe('puk')
    expect(bench.say('AT+CPIN?')).toContain(lines('+CPIN: SIM PUK', 'OK'))
    expect(bench.say('AT+CPIN="1234"')).toContain(lines('+CME ERROR: 12'))
    expect(bench.activity.join(' ')).not.toMatch(/1234|1111/)
  })

  it('a right PIN gives all three tries back', () => {
    const bench = new Bench({ simPin: '1234' }).settled()
    for (let round = 0; round < 3; round++) {
      bench.say('AT+CPIN="1"')
      bench.say('AT+CPIN="2"')
      expect(bench.say('AT+CPIN?')).toBe(lines('+CPIN: SIM PIN', 'OK'))
      bench.say('AT+CPIN="1234"', 600)
      bench.say('AT+CFUN=0', 600)
      bench.say('AT+CFUN=1', 600)
    }
  })

  it('a SIM with PIN that was pulled and put back asks for it again', () => {
    const bench = new Bench({ simPin: '1234' }).settled()
    bench.say('AT+CPIN="1234"', 600)
    bench.modem.sim = 'absent'
    bench.wait(1100)
    bench.modem.sim = 'ready'
    expect(bench.hear(1100)).toBe(lines('+CPIN: SIM PIN'))
  })

  it('reports no SIM at boot, and removal and return while it runs', () => {
    const bench = new Bench()
    bench.modem.sim = 'absent'
    bench.settled()
    bench.say('AT+CMEE=2')
    expect(bench.say('AT+CPIN?')).toBe(lines('+CME ERROR: SIM not inserted'))
    bench.modem.sim = 'ready'
    expect(bench.hear(1100)).toBe(lines('+CPIN: READY'))
    bench.wait(4000)
    expect(bench.say('AT+CEREG?')).toBe(lines('+CEREG: 0,1', 'OK'))
    bench.modem.sim = 'absent'
    expect(bench.hear(1100)).toBe(lines('+CPIN: SIM REMOVED'))
    expect(bench.say('AT+CEREG?')).toBe(lines('+CEREG: 0,0', 'OK'))
  })
})

describe('registration', () => {
  it('goes 2, then 1 after registerAfterMs, told by URC to those who asked', () => {
    const bench = new Bench({ registerAfterMs: 8000 })
    bench.press(100)
    bench.wait(BOOT_MS)
    bench.say('ATE0')
    bench.say('AT+CEREG=1')
    bench.say('AT+CREG=2')
    const heard = bench.hear(10000)
    expect(heard).toContain(lines('+CREG: 2', '+CEREG: 2'))
    expect(heard).toContain(lines('+CREG: 1,"1A2B","0000C3D4",7', '+CEREG: 1'))
    expect(heard).not.toContain('+CGREG')
    expect(bench.say('AT+CEREG?')).toBe(lines('+CEREG: 1,1', 'OK'))
    expect(bench.say('AT+CREG?')).toBe(lines('+CREG: 2,1,"1A2B","0000C3D4",7', 'OK'))
    expect(bench.say('AT+CGREG?')).toBe(lines('+CGREG: 0,1', 'OK'))
    expect(bench.say('AT+COPS?')).toBe(lines('+COPS: 0,2,"00101",7', 'OK'))
  })

  it('roaming (5), denied (3) and emergency only (11) show as such; only roaming carries data', () => {
    for (const [status, result] of [
      [5, 0],
      [3, 1],
      [11, 1],
    ]) {
      const bench = new Bench()
      bench.modem.networkStatus = status
      bench.settled()
      bench.wait(10000)
      expect(bench.say('AT+CEREG?')).toBe(lines(`+CEREG: 0,${status}`, 'OK'))
      expect(bench.say('AT+NETOPEN', 1000)).toBe(lines('OK', `+NETOPEN: ${result}`))
    }
  })

  it('without coverage says 2 within 5 s, gives the bearer up after 30 s, and comes back', () => {
    const bench = new Bench().connected()
    bench.say('AT+CEREG=1')
    bench.nic.setLink(false)
    expect(bench.hear(5000)).toBe(lines('+CEREG: 2'))
    expect(bench.say('AT+CSQ')).toBe(lines('+CSQ: 99,99', 'OK'))
    expect(bench.hear(24000)).toBe('')
    expect(bench.hear(3000)).toBe(lines('+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY'))
    bench.nic.setLink(true)
    expect(bench.hear(5000)).toBe(lines('+CEREG: 1'))
    expect(bench.activity).toContain('network lost')
  })

  it('a gap in coverage of 2 s is not noticed, and one of 20 s keeps the socket', () => {
    const bench = new Bench().connected()
    bench.say('AT+CEREG=1')
    bench.nic.setLink(false)
    bench.wait(2000)
    bench.nic.setLink(true)
    expect(bench.hear(5000)).toBe('')
    bench.nic.setLink(false)
    bench.wait(20000)
    bench.nic.setLink(true)
    bench.wait(5000)
    expect(bench.say('AT+CIPCLOSE?')).toBe(lines('+CIPCLOSE: 1,0,0,0,0,0,0,0,0,0', 'OK'))
  })

  it('CFUN=4 takes registration and bearer away, CFUN=1 gives the registration back', () => {
    const bench = new Bench().connected()
    expect(bench.say('AT+CFUN=4', 600)).toBe(lines('OK', '+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY'))
    expect(bench.say('AT+CEREG?')).toBe(lines('+CEREG: 0,0', 'OK'))
    expect(bench.say('AT+CFUN=1', 600)).toBe(lines('OK'))
    bench.wait(4000)
    expect(bench.say('AT+CEREG?')).toBe(lines('+CEREG: 0,1', 'OK'))
    expect(bench.say('AT+CFUN?')).toBe(lines('+CFUN: 1', 'OK'))
    expect(bench.say('AT+CFUN=3')).toBe(lines('ERROR'))
  })

  it('CFUN=0 switches the SIM off too, and its PIN is asked for again', () => {
    const bench = new Bench({ simPin: '1234' }).settled()
    bench.say('AT+CPIN="1234"', 5000)
    expect(bench.say('AT+CFUN=0', 600)).toBe(lines('OK', '+CPIN: NOT READY'))
    expect(bench.say('AT+CPIN?')).toBe(lines('ERROR'))
    expect(bench.say('AT+CFUN=1', 600)).toBe(lines('OK', '+CPIN: SIM PIN'))
  })

  it('knows the time from the network when CTZU was set before, in local time with its zone', () => {
    // 2026-02-28 23:30:00 UTC; one hour east of it, it is March.
    const bench = new Bench({ utcSeconds: () => 1772321400 })
    bench.press(100)
    bench.wait(BOOT_MS)
    bench.say('ATE0')
    bench.say('AT+CTZU=1')
    bench.say('AT+CTZR=1')
    expect(bench.say('AT+CCLK?')).toMatch(/\+CCLK: "80\/01\/06,00:00:\d\d\+00"/)
    expect(bench.hear(SETTLED_MS)).toContain(lines('+CTZV: +04,26/02/28,23:30:00'))
    expect(bench.say('AT+CCLK?')).toBe(lines('+CCLK: "26/03/01,00:30:00+04"', 'OK'))
  })

  it('leaves the clock in 1980 when the network or CTZU is silent', () => {
    const unset = /^\r\n\+CCLK: "80\/01\/06,/
    const mute = new Bench()
    mute.press(100)
    mute.wait(BOOT_MS)
    mute.say('ATE0')
    mute.say('AT+CTZU=1')
    mute.wait(SETTLED_MS)
    expect(mute.say('AT+CCLK?')).toMatch(unset)
    expect(new Bench({ utcSeconds: () => 1772321400 }).settled().say('AT+CCLK?')).toMatch(unset)
  })

  it('agrees with the calendar of JavaScript on every day from 2020 to 2037', () => {
    let seconds = 0
    const bench = new Bench({ utcSeconds: () => seconds || 1, commandMs: 0 })
    bench.press(100)
    bench.wait(BOOT_MS)
    bench.say('ATE0')
    bench.say('AT+CTZU=1')
    bench.wait(SETTLED_MS)
    for (seconds = 1577876400; seconds < 2145913200; seconds += 86400) {
      const local = new Date((seconds + 3600) * 1000).toISOString()
      const expected = `${local.slice(2, 10).replace(/-/g, '/')},${local.slice(11, 19)}+04`
      bench.say('AT+CCLK?', 5)
      expect(bench.heard.slice(10, 10 + expected.length)).toBe(expected)
    }
  })
})

describe('bearer', () => {
  it('NETOPEN answers OK, then +NETOPEN: 0; a second one says already opened', () => {
    const bench = new Bench().settled()
    expect(bench.say('AT+NETOPEN?')).toBe(lines('+NETOPEN: 0', 'OK'))
    expect(bench.say('AT+IPADDR')).toBe(lines('+IP ERROR: Network not opened', 'ERROR'))
    expect(bench.say('AT+NETOPEN')).toBe(lines('OK'))
    expect(bench.hear(500)).toBe(lines('+NETOPEN: 0'))
    expect(bench.say('AT+NETOPEN')).toBe(lines('+IP ERROR: Network is already opened', 'ERROR'))
    expect(bench.say('AT+NETOPEN?')).toBe(lines('+NETOPEN: 1', 'OK'))
    expect(bench.say('AT+IPADDR')).toMatch(/^\r\n\+IPADDR: \d+\.\d+\.\d+\.\d+\r\n\r\nOK\r\n$/)
  })

  it('fails when refused, not registered or with the wrong APN', () => {
    const refused = new Bench().settled()
    refused.modem.faults.pdpRefused = true
    expect(refused.say('AT+NETOPEN', 1000)).toBe(lines('OK', '+NETOPEN: 1'))
    const searching = new Bench({ registerAfterMs: 60000 }).settled()
    expect(searching.say('AT+NETOPEN', 1000)).toBe(lines('OK', '+NETOPEN: 1'))
    const uncovered = new Bench().settled()
    uncovered.nic.setLink(false)
    expect(uncovered.say('AT+NETOPEN', 1000)).toBe(lines('OK', '+NETOPEN: 1'))
    const bench = new Bench({ apn: 'iot.example' }).settled()
    expect(bench.say('AT+NETOPEN', 1000)).toBe(lines('OK', '+NETOPEN: 1'))
    expect(bench.say('AT+CGDCONT=1,"IP","iot.example"')).toBe(lines('OK'))
    expect(bench.say('AT+CGDCONT?')).toContain('+CGDCONT: 1,"IP","iot.example"')
    expect(bench.say('AT+NETOPEN', 1000)).toBe(lines('OK', '+NETOPEN: 0'))
  })

  it('NETCLOSE closes the links first, in order', () => {
    const bench = new Bench().connected()
    expect(bench.say('AT+NETCLOSE', 500)).toBe(lines('+CIPCLOSE: 0,0', 'OK', '+NETCLOSE: 0'))
    expect(bench.stationEnds).toBe(1)
    expect(bench.say('AT+NETCLOSE')).toBe(lines('+NETCLOSE: 2', 'ERROR'))
  })

  it('after a bearer lost NETOPEN fails until the dead links are closed', () => {
    const bench = new Bench().connected()
    bench.nic.setLink(false)
    bench.wait(40000)
    bench.nic.setLink(true)
    bench.wait(5000)
    expect(bench.say('AT+CIPSEND=0,5')).toBe(lines('+CIPERROR: 2', 'ERROR'))
    expect(bench.say('AT+NETOPEN', 1000)).toBe(lines('OK', '+NETOPEN: 1'))
    expect(bench.say('AT+CIPCLOSE=0', 200)).toBe(lines('OK', '+CIPCLOSE: 0,0'))
    expect(bench.say('AT+NETOPEN', 1000)).toBe(lines('OK', '+NETOPEN: 0'))
    expect(bench.stationEnds).toBe(0)
  })

  it('connects to a name that its network knows, a second for the look-up and a round trip later', () => {
    const bench = new Bench().connected()
    bench.nic.names['rct.example'] = RECEIVER
    expect(bench.say(`AT+CIPOPEN=1,"TCP","rct.example",${PORT}`, 1040)).toBe(lines('OK'))
    expect(bench.hear(60)).toBe(lines('+CIPOPEN: 1,0'))
  })

  it('knows only dotted addresses where the network knows no names', () => {
    const bench = new Bench().connected()
    expect(bench.say(`AT+CDNSGIP="${RECEIVER}"`)).toBe(lines(`+CDNSGIP: 1,"${RECEIVER}","${RECEIVER}"`, 'OK'))
    expect(bench.say('AT+CDNSGIP="rct.example"')).toBe(lines('+CDNSGIP: 0,10', 'ERROR'))
    expect(bench.say('AT+CIPOPEN=1,"TCP","rct.example",10000', 2000)).toBe(lines('OK', '+CIPOPEN: 1,11'))
    expect(bench.say('AT+CIPOPEN=1,"TCP","1.2.3.256",10000', 2000)).toBe(lines('OK', '+CIPOPEN: 1,11'))
  })
})

describe('opening and closing', () => {
  it('CIPOPEN answers OK, then +CIPOPEN: 0,0 after one round trip', () => {
    const bench = new Bench().settled()
    bench.say('AT+NETOPEN', 1000)
    const beginMs = bench.clock.nowMs
    expect(bench.say(`AT+CIPOPEN=0,"TCP","${RECEIVER}",${PORT}`, 500)).toBe(lines('OK', '+CIPOPEN: 0,0'))
    const took = bench.pieces[bench.pieces.length - 1].atMs - beginMs
    expect(took).toBeGreaterThanOrEqual(50)
    expect(took).toBeLessThan(70)
    const listed = bench.say('AT+CIPOPEN?')
    expect(listed.split('+CIPOPEN: ').length - 1).toBe(10)
    expect(listed).toContain(`+CIPOPEN: 0,"TCP","${RECEIVER}",${PORT},-1\r\n`)
    expect(listed).toContain('+CIPOPEN: 9\r\n')
    expect(bench.activity).toContain(`open 0 ${RECEIVER}:${PORT}`)
  })

  it('or in the other order, OK last', () => {
    const bench = new Bench().connected()
    bench.modem.faults.resultFirst = true
    expect(bench.say(`AT+CIPOPEN=1,"TCP","${RECEIVER}",${PORT}`, 500)).toBe(lines('+CIPOPEN: 1,0', 'OK'))
    expect(bench.say('AT+CIPCLOSE=1', 200)).toBe(lines('+CIPCLOSE: 1,0', 'OK'))
    bench.nic.setInternet(false)
    bench.say('AT+CIPTIMEOUT=3000,3000,3000')
    expect(bench.say(`AT+CIPOPEN=1,"TCP","${RECEIVER}",${PORT}`, 4000)).toBe(lines('+CIPOPEN: 1,10', 'OK'))
  })

  it('refused is 1, a silent world is 10 after CIPTIMEOUT', () => {
    const bench = new Bench().connected()
    expect(bench.say(`AT+CIPOPEN=1,"TCP","${RECEIVER}",9`, 500)).toBe(lines('OK', '+CIPOPEN: 1,1'))
    expect(bench.say('AT+CIPTIMEOUT=30000,20000,15000')).toBe(lines('OK'))
    expect(bench.say('AT+CIPTIMEOUT?')).toBe(lines('+CIPTIMEOUT: 30000,20000,15000', 'OK'))
    expect(bench.say('AT+CIPTIMEOUT=2999')).toBe(lines('ERROR'))
    bench.nic.setInternet(false)
    expect(bench.say(`AT+CIPOPEN=1,"TCP","${RECEIVER}",${PORT}`, 19900)).toBe(lines('OK'))
    expect(bench.hear(200)).toBe(lines('+CIPOPEN: 1,10'))
  })

  it('without a limit set a silent world is told after 120 s', () => {
    const bench = new Bench().connected()
    bench.nic.setInternet(false)
    expect(bench.say(`AT+CIPOPEN=1,"TCP","${RECEIVER}",${PORT}`, 119900)).toBe(lines('OK'))
    expect(bench.hear(200)).toBe(lines('+CIPOPEN: 1,10'))
  })

  it('fails at once: 2 network not opened, 3 wrong parameter, 8 busy, 9 opened, ERROR for link 10', () => {
    const bench = new Bench().settled()
    expect(bench.say('AT+CIPOPEN=0,"TCP","1.2.3.4",1')).toBe(lines('+CIPOPEN: 0,2', 'ERROR'))
    bench.say('AT+NETOPEN', 1000)
    expect(bench.say('AT+CIPOPEN=0,"TCP","1.2.3.4",70000')).toBe(lines('+CIPOPEN: 0,3', 'ERROR'))
    expect(bench.say('AT+CIPOPEN=0,"TCP"')).toBe(lines('+CIPOPEN: 0,3', 'ERROR'))
    expect(bench.say('AT+CIPOPEN=1,"UDP",,,70000')).toBe(lines('+CIPOPEN: 1,3', 'ERROR'))
    expect(bench.say('AT+CIPOPEN=10,"TCP","1.2.3.4",1')).toBe(lines('ERROR'))
    bench.nic.delayMs = 300
    const open = `AT+CIPOPEN=0,"TCP","${RECEIVER}",${PORT}`
    expect(bench.say(open)).toBe(lines('OK'))
    expect(bench.say(open)).toBe(lines('+CIPOPEN: 0,8', 'ERROR'))
    bench.wait(1000)
    expect(bench.say(open)).toBe(lines('+CIPOPEN: 0,9', 'ERROR'))
  })

  it('holds ten links', () => {
    const bench = new Bench().settled()
    bench.say('AT+NETOPEN', 1000)
    for (let link = 0; link < 10; link++) {
      const answer = bench.say(`AT+CIPOPEN=${link},"TCP","${RECEIVER}",${PORT}`, 500)
      expect(answer).toBe(lines('OK', `+CIPOPEN: ${link},0`))
    }
    expect(bench.say('AT+CIPCLOSE?')).toBe(lines('+CIPCLOSE: 1,1,1,1,1,1,1,1,1,1', 'OK'))
  })

  it('CIPCLOSE answers OK, then +CIPCLOSE: 0,0, and the peer sees the end', () => {
    const bench = new Bench().connected()
    expect(bench.say('AT+CIPCLOSE=0', 200)).toBe(lines('OK', '+CIPCLOSE: 0,0'))
    expect(bench.stationEnds).toBe(1)
    expect(bench.say('AT+CIPCLOSE=0')).toBe(lines('+CIPCLOSE: 0,4', 'ERROR'))
    expect(bench.say('AT+CIPCLOSE=11')).toBe(lines('ERROR'))
  })

  it('nothing comes from a connection that was closed while it opened', () => {
    const bench = new Bench().settled()
    bench.say('AT+NETOPEN', 1000)
    bench.nic.delayMs = 300
    bench.say(`AT+CIPOPEN=0,"TCP","${RECEIVER}",${PORT}`)
    expect(bench.say('AT+CIPCLOSE=0', 2000)).toBe(lines('OK', '+CIPCLOSE: 0,0'))
  })

  it('the peer closes: +IPCLOSE: 0,1, unread bytes stay until CIPCLOSE', () => {
    const bench = new Bench().connected()
    bench.stationLink?.send('bye')
    bench.stationLink?.end()
    expect(bench.hear(200)).toBe(lines('+CIPRXGET: 1,0', '+IPCLOSE: 0,1'))
    expect(bench.say('AT+CIPSEND=0,5')).toBe(lines('+CIPERROR: 4', 'ERROR'))
    expect(bench.say('AT+CIPRXGET=4,0')).toBe(lines('+CIPRXGET: 4,0,3', 'OK'))
    expect(bench.say('AT+CIPRXGET=2,0,256')).toBe(`\r\n+CIPRXGET: 2,0,3,0\r\nbye\r\nOK\r\n`)
    expect(bench.say('AT+CIPCLOSE=0', 200)).toBe(lines('OK', '+CIPCLOSE: 0,0'))
    expect(bench.say('AT+CIPRXGET=2,0,256')).toBe(lines('+IP ERROR: No data', 'ERROR'))
  })

  it('some firmware frees the unread bytes at once', () => {
    const bench = new Bench().connected()
    bench.modem.faults.closeDropsData = true
    bench.stationLink?.send('bye')
    bench.stationLink?.end()
    bench.wait(200)
    expect(bench.say('AT+CIPRXGET=2,0,256')).toBe(lines('+IP ERROR: No data', 'ERROR'))
  })

  it('a link that the peer closed can be opened again without CIPCLOSE', () => {
    const bench = new Bench().connected()
    bench.stationLink?.end()
    bench.wait(200)
    expect(bench.say(`AT+CIPOPEN=0,"TCP","${RECEIVER}",${PORT}`, 500)).toBe(lines('OK', '+CIPOPEN: 0,0'))
  })
})

describe('sending', () => {
  /** All byte values, with what a parser could stumble over. */
  const awkward = `\r\nOK\r\n> \x1a\x1b\0\xffAT\r\r\n+CIPRXGET: 1,0\r\n${Array.from({ length: 256 }, (_, code) =>
    String.fromCharCode(code),
  ).join('')}`

  it('prompts, takes exactly the length whatever the bytes, then OK and +CIPSEND: 0,n,n', () => {
    const bench = new Bench().connected()
    expect(bench.say(`AT+CIPSEND=0,${awkward.length}`)).toBe('\r\n>')
    bench.heard = ''
    bench.modem.receive(`${awkward.slice(0, 100)}`)
    bench.wait(1000)
    expect(bench.heard).toBe('')
    bench.modem.receive(`${awkward.slice(100)}AT\r`)
    expect(bench.hear(200)).toContain(lines('OK'))
    expect(bench.heard).toContain(lines(`+CIPSEND: 0,${awkward.length},${awkward.length}`))
    expect(bench.heard.split('OK').length - 1).toBe(2)
    expect(bench.station).toBe(awkward)
    expect(bench.activity).toContain(`send ${awkward.length}`)
  })

  it('never names the payload in the trace', () => {
    const bench = new Bench().connected()
    bench.say('AT+CIPSEND=0,6')
    bench.modem.receive('SECRET')
    bench.wait(200)
    expect(bench.station).toBe('SECRET')
    expect(bench.activity.join('\n')).not.toContain('SECRET')
  })

  it('takes lengths 1 to 1500', () => {
    const bench = new Bench().connected()
    for (const text of ['0,0', '0,1501', '0', '10,5', '0,-1']) {
      expect(bench.say(`AT+CIPSEND=${text}`)).toBe(lines('ERROR'))
    }
    expect(bench.say('AT+CIPSEND=0,1500')).toBe('\r\n>')
    bench.modem.receive('x'.repeat(1500))
    expect(bench.hear(400)).toBe(lines('OK', '+CIPSEND: 0,1500,1500'))
  })

  it('error instead of a prompt: 2 without bearer, 4 without socket', () => {
    const bench = new Bench().settled()
    expect(bench.say('AT+CIPSEND=0,5')).toBe(lines('+CIPERROR: 2', 'ERROR'))
    bench.say('AT+NETOPEN', 1000)
    expect(bench.say('AT+CIPSEND=0,5')).toBe(lines('+CIPERROR: 4', 'ERROR'))
  })

  it('confirms that the modem took the bytes, not that the peer has them; CIPACK knows', () => {
    const bench = new Bench().connected()
    bench.nic.setInternet(false)
    bench.say('AT+CIPSEND=0,5')
    bench.modem.receive('12345')
    expect(bench.hear(100)).toBe(lines('OK', '+CIPSEND: 0,5,5'))
    expect(bench.say('AT+CIPACK=0')).toBe(lines('+CIPACK: 5,0,0', 'OK'))
    bench.nic.setInternet(true)
    bench.wait(1000)
    expect(bench.station).toBe('12345')
    expect(bench.say('AT+CIPACK=0')).toBe(lines('+CIPACK: 5,5,0', 'OK'))
    expect(bench.say('AT+CIPACK=1')).toBe(lines('ERROR'))
  })

  it('with CIPSENDMODE=1 the confirmation waits for the peer', () => {
    const bench = new Bench().connected()
    bench.nic.delayMs = 400
    expect(bench.say('AT+CIPSENDMODE=1')).toBe(lines('OK'))
    bench.say('AT+CIPSEND=0,5')
    bench.modem.receive('12345')
    expect(bench.hear(700)).toBe(lines('OK'))
    expect(bench.hear(200)).toBe(lines('+CIPSEND: 0,5,5'))
  })

  it('aborts a link whose bytes stay unacknowledged for the send limit: +IPCLOSE: 0,2', () => {
    const bench = new Bench().connected()
    bench.say('AT+CIPTIMEOUT=30000,20000,15000')
    bench.nic.setInternet(false)
    bench.say('AT+CIPSEND=0,5')
    bench.modem.receive('12345')
    bench.wait(100)
    expect(bench.hear(14800)).toBe('')
    expect(bench.hear(200)).toBe(lines('+IPCLOSE: 0,2'))
    expect(bench.stationEnds).toBe(0)
  })

  it('watches the second send after the first was acknowledged', () => {
    const bench = new Bench().connected()
    bench.say('AT+CIPTIMEOUT=30000,20000,15000')
    bench.nic.delayMs = 100
    bench.say('AT+CIPSEND=0,5')
    bench.modem.receive('12345')
    bench.wait(60)
    bench.say('AT+CIPSEND=0,5')
    bench.modem.receive('67890')
    // The first is on its way back when the second leaves; then the world falls silent.
    bench.wait(90)
    bench.nic.setInternet(false)
    expect(bench.hear(20000)).toContain(lines('+IPCLOSE: 0,2'))
  })

  it('says +IPCLOSE once when the peer closes before it acknowledges', () => {
    const bench = new Bench().connected()
    bench.say('AT+CIPTIMEOUT=30000,20000,15000')
    bench.nic.delayMs = 400
    for (let round = 0; round < 2; round++) {
      bench.say('AT+CIPSEND=0,5')
      bench.modem.receive('12345')
      bench.wait(60)
    }
    bench.stationLink?.end()
    expect(bench.hear(60000)).toBe(lines('+IPCLOSE: 0,1'))
  })

  it('takes nothing (cnf 0) when 8192 bytes are unacknowledged', () => {
    const bench = new Bench().connected()
    bench.nic.setInternet(false)
    for (let sent = 0; sent < 5; sent++) {
      bench.say('AT+CIPSEND=0,1500')
      bench.modem.receive('x'.repeat(1500))
      expect(bench.hear(300)).toBe(lines('OK', '+CIPSEND: 0,1500,1500'))
    }
    bench.say('AT+CIPSEND=0,1500')
    bench.modem.receive('x'.repeat(1500))
    expect(bench.hear(300)).toBe(lines('OK', '+CIPSEND: 0,1500,0'))
  })

  it('the peer closes between prompt and data: cnf -1', () => {
    const bench = new Bench().connected()
    bench.say('AT+CIPSEND=0,5')
    bench.stationLink?.end()
    bench.wait(100)
    bench.modem.receive('12345')
    expect(bench.hear(100)).toBe(lines('OK', '+CIPSEND: 0,5,-1'))
  })

  it('takes half under the fault partialSend', () => {
    const bench = new Bench().connected()
    bench.modem.faults.partialSend = true
    bench.say('AT+CIPSEND=0,9')
    bench.modem.receive('123456789')
    expect(bench.hear(100)).toBe(lines('OK', '+CIPSEND: 0,9,4'))
    expect(bench.station).toBe('1234')
  })

  it('swallows commands as payload when the prompt was lost, until it has its bytes', () => {
    const bench = new Bench().connected()
    bench.modem.faults.promptMissing = true
    expect(bench.say('AT+CIPSEND=0,9', 5000)).toBe('')
    expect(bench.say('AT', 1000)).toBe('')
    expect(bench.say('AT', 1000)).toBe('')
    expect(bench.say('AT', 1000)).toBe(lines('OK', '+CIPSEND: 0,9,9'))
    expect(bench.say('AT')).toBe(lines('OK'))
  })
})

describe('receiving', () => {
  it('notices once per fill, reads in parts with the rest, says No data when empty', () => {
    const bench = new Bench().connected()
    bench.stationLink?.send('0123456789')
    expect(bench.hear(200)).toBe(lines('+CIPRXGET: 1,0'))
    bench.stationLink?.send('abc')
    expect(bench.hear(200)).toBe('')
    expect(bench.say('AT+CIPRXGET=4,0')).toBe(lines('+CIPRXGET: 4,0,13', 'OK'))
    expect(bench.say('AT+CIPRXGET=2,0,8')).toBe('\r\n+CIPRXGET: 2,0,8,5\r\n01234567\r\nOK\r\n')
    bench.stationLink?.send('de')
    expect(bench.hear(200)).toBe('')
    expect(bench.say('AT+CIPRXGET=2,0')).toBe('\r\n+CIPRXGET: 2,0,7,0\r\n89abcde\r\nOK\r\n')
    expect(bench.say('AT+CIPRXGET=2,0,8')).toBe(lines('+IP ERROR: No data', 'ERROR'))
    bench.stationLink?.send('f')
    expect(bench.hear(200)).toBe(lines('+CIPRXGET: 1,0'))
    expect(bench.say('AT+CIPACK=0')).toBe(lines('+CIPACK: 0,0,16', 'OK'))
  })

  it('carries OK, prompts and all byte values unchanged', () => {
    const bench = new Bench({ chunkBytes: 5 }).connected()
    const bytes = `\r\nOK\r\n>${String.fromCharCode(0, 26, 27, 255)}\r\nERROR\r\n`
    bench.stationLink?.send(bytes)
    bench.wait(200)
    expect(bench.say('AT+CIPRXGET=2,0,256')).toBe(`\r\n+CIPRXGET: 2,0,${bytes.length},0\r\n${bytes}\r\nOK\r\n`)
  })

  it('reads as hex text, at most 750 bytes at a time', () => {
    const bench = new Bench().connected()
    bench.stationLink?.send('\n\xffA')
    bench.wait(200)
    expect(bench.say('AT+CIPRXGET=3,0,751')).toBe(lines('ERROR'))
    expect(bench.say('AT+CIPRXGET=3,0,750')).toBe('\r\n+CIPRXGET: 3,0,3,0\r\n0AFF41\r\nOK\r\n')
  })

  it('pushes at once when manual mode is off', () => {
    const bench = new Bench().connected()
    expect(bench.say('AT+CIPRXGET?')).toBe(lines('+CIPRXGET: 1', 'OK'))
    bench.say('AT+CIPRXGET=0')
    bench.stationLink?.send('hello')
    expect(bench.hear(200)).toBe(`\r\nRECV FROM:${RECEIVER}:${PORT}\r\n+IPD5\r\nhello`)
    expect(bench.say('AT+CIPRXGET=2,0,5')).toBe(lines('ERROR'))
  })

  it('aborts a link whose host lets more than 16384 bytes lie', () => {
    const bench = new Bench().connected()
    for (let block = 0; block < 16; block++) bench.stationLink?.send('x'.repeat(1024))
    expect(bench.hear(1000)).toBe(lines('+CIPRXGET: 1,0'))
    bench.stationLink?.send('x')
    expect(bench.hear(200)).toBe(lines('+IPCLOSE: 0,2'))
    expect(bench.say('AT+CIPRXGET=4,0')).toBe(lines('+CIPRXGET: 4,0,16384', 'OK'))
  })
})

describe('faults', () => {
  it('silent: hears and says nothing, yet the key still switches it off', () => {
    const bench = new Bench().connected()
    bench.modem.faults.silent = true
    expect(bench.say('AT', 5000)).toBe('')
    bench.stationLink?.send('hello')
    expect(bench.hear(1000)).toBe('')
    bench.press(2600)
    bench.wait(2500)
    expect(bench.modem.statusLevel()).toBe(0)
  })

  it('late answers come 30 s after each command, not one after the other', () => {
    const bench = new Bench().settled()
    bench.modem.faults.lateAnswerMs = 30000
    bench.say('AT+CSQ', 1000)
    bench.say('AT+COPS?', 28900)
    expect(bench.heard).toBe('')
    expect(bench.hear(200)).toBe(lines('+CSQ: 20,99', 'OK'))
    expect(bench.hear(1000)).toBe(lines('+COPS: 0,2,"00101",7', 'OK'))
  })

  it('loses every URC when loseUrcOneIn is 1, but no result of a command', () => {
    const bench = new Bench().settled()
    bench.modem.faults.loseUrcOneIn = 1
    bench.say('AT+CIPRXGET=1')
    expect(bench.say('AT+NETOPEN', 1000)).toBe(lines('OK', '+NETOPEN: 0'))
    expect(bench.say(`AT+CIPOPEN=0,"TCP","${RECEIVER}",${PORT}`, 500)).toBe(lines('OK', '+CIPOPEN: 0,0'))
    bench.stationLink?.send('hello')
    bench.stationLink?.end()
    expect(bench.hear(500)).toBe('')
    expect(bench.say('AT+CIPRXGET=4,0')).toBe(lines('+CIPRXGET: 4,0,5', 'OK'))
  })

  it('loses about every third URC when loseUrcOneIn is 3', () => {
    const bench = new Bench().connected()
    bench.modem.faults.loseUrcOneIn = 3
    let noticed = 0
    for (let round = 0; round < 300; round++) {
      bench.stationLink?.send('x')
      if (bench.hear(100) !== '') noticed++
      bench.say('AT+CIPRXGET=2,0')
    }
    expect(noticed).toBeGreaterThan(160)
    expect(noticed).toBeLessThan(240)
  })

  it('results that never come: OK, and then silence', () => {
    const bench = new Bench().settled()
    bench.modem.faults.resultMissing = true
    expect(bench.say('AT+NETOPEN', 200000)).toBe(lines('OK'))
    expect(bench.say('AT+NETOPEN?')).toBe(lines('+NETOPEN: 1', 'OK'))
  })

  it('the first command after a boot is lost on demand', () => {
    const bench = new Bench()
    bench.modem.faults.firstCommandLost = true
    bench.press(100)
    bench.wait(BOOT_MS + SETTLED_MS)
    expect(bench.say('AT')).toBe('AT\r')
    expect(bench.say('AT')).toContain('OK')
  })

  it('a command within commandGapMs of the last result loses its first byte', () => {
    const bench = new Bench().settled()
    bench.modem.faults.commandGapMs = 30
    bench.wait(100)
    expect(bench.say('AT', 10)).toBe(lines('OK'))
    expect(bench.say('AT', 100)).toBe('')
    expect(bench.say('AT', 100)).toBe(lines('OK'))
  })

  it('a storm puts lines before the echo, between lines, around the prompt, and never inside payload', () => {
    const bench = new Bench().connected()
    bench.modem.faults.urcStorm = true
    bench.say('ATE1')
    expect(bench.say('AT+CSQ')).toMatch(
      /^\r\n[^\r]+\r\nAT\+CSQ\r(\r\n[^\r]+\r\n)+\r\n\+CSQ: 20,99\r\n(\r\n[^\r]+\r\n)+\r\nOK\r\n$/,
    )
    bench.say('ATE0')
    expect(bench.say('AT+CIPSEND=0,5')).toMatch(/^(\r\n[^\r>]+\r\n)+\r\n>\r\n[^\r]+\r\n$/)
    bench.modem.receive('12345')
    bench.wait(200)
    expect(bench.station).toBe('12345')
    bench.stationLink?.send('hello')
    bench.wait(200)
    const read = bench.say('AT+CIPRXGET=2,0,256')
    expect(read).toMatch(/\r\n\+CIPRXGET: 2,0,5,0\r\nhello(\r\n[^\r]+\r\n)+\r\nOK\r\n$/)
    bench.modem.faults.noticeInPayload = true
    bench.stationLink?.send('hello')
    bench.wait(200)
    expect(bench.say('AT+CIPRXGET=2,0,256')).toContain('2,0,5,0\r\n\r\n+CIPRXGET: 1,0\r\nhello\r\n')
  })

  it('a storm holds no line that a reboot would say', () => {
    const bench = new Bench().settled()
    bench.modem.faults.urcStorm = true
    let heard = ''
    for (let round = 0; round < 200; round++) heard += bench.say('AT', 20)
    expect(heard).not.toMatch(/ATREADY|RDY|CPIN|DONE|ERROR/)
    for (const line of ['+CREG: 1', 'RING', '+CMTI: "SM",1', '+CIPRXGET: 1,0']) expect(heard).toContain(line)
  })

  it('two runs from one seed are equal to the byte and the millisecond', () => {
    const runs = [0, 1].map(() => {
      const bench = new Bench({ chunkBytes: 7 })
      bench.modem.faults.urcStorm = true
      bench.modem.faults.loseUrcOneIn = 4
      return JSON.stringify(bench.connected().pieces)
    })
    expect(runs[0]).toBe(runs[1])
  })
})
