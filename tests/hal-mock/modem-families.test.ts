/**
 * The modem models B to E, and what all of them share, against hardware.md §2: a second reading of it, so texts, codes and
 * times are written anew here. Lines appear as a host sees them: CR LF, text, CR LF.
 */

import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { Modem, type ModemModel, type ModemOptions } from '../../hal-mock/modem'
import { type Datagram, type PeerConnection, replyTo, VirtualNetwork } from '../../hal-mock/network'
import { Random } from '../../hal-mock/random'

const RECEIVER = '198.51.100.10'
const PORT = 10000
const HOST = `"${RECEIVER}",${PORT}`

class Bench {
  clock = new VirtualClock()
  network = new VirtualNetwork(this.clock)
  nic = this.network.attach('cellular')
  modem: Modem
  heard = ''
  activity: string[] = []
  station = ''
  stationEnds = 0
  stationLink: PeerConnection | undefined
  datagrams: Datagram[] = []
  answer: (reply: Datagram) => void = () => {}

  constructor(options: ModemOptions) {
    this.modem = new Modem(this.clock, this.nic, new Random(7), options)
    this.modem.onOutput = (bytes) => {
      this.heard += bytes
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
    this.network.serve(RECEIVER, PORT, (datagram, answer) => {
      this.datagrams.push(datagram)
      this.answer = answer
    })
  }

  hear(ms: number): string {
    this.heard = ''
    this.clock.runTo(this.clock.nowMs + ms)
    return this.heard
  }

  say(text: string, ms = 60): string {
    this.modem.receive(`${text}\r`)
    return this.hear(ms)
  }

  press(ms: number): void {
    this.modem.setPowerKey(1)
    this.hear(ms)
    this.modem.setPowerKey(0)
  }

  /** Registered, echo off, and all of these commands answered in their own time. */
  after(...commands: string[]): this {
    this.press(1000)
    this.hear(20000)
    this.say('ATE0')
    for (const command of commands) this.say(command, 1000)
    return this
  }
}

function lines(...texts: string[]): string {
  return texts.map((text) => `\r\n${text}\r\n`).join('')
}

describe('modules (§2.2, §2.3)', () => {
  it.each<[ModemModel, number, number, string]>([
    ['SIM7080', 1000, 4500, lines('RDY', '+CFUN: 1', '+CPIN: READY', 'SMS Ready')],
    ['SIM7000', 1000, 4500, lines('RDY', '+CFUN: 1', '+CPIN: READY', 'SMS Ready')],
    ['SIM800', 1000, 3000, lines('RDY', '+CFUN: 1', '+CPIN: READY', 'Call Ready', 'SMS Ready')],
    ['BG95', 500, 5000, lines('RDY', '+CPIN: READY', 'APP RDY')],
    ['EC25', 500, 13000, lines('RDY', '+CPIN: READY', '+QIND: SMS DONE')],
    ['SARA-R4', 150, 6000, lines('+CPIN: READY')],
  ])(
    '%s: wants its key for %i ms, is there after %i ms, and says so in its own words',
    (model, keyMs, bootMs, said) => {
      const bench = new Bench({ model, simBusyMs: 500 })
      bench.press(keyMs - 1)
      expect(bench.hear(30000)).toBe('')
      bench.modem.setPowerKey(1)
      bench.hear(keyMs)
      bench.modem.setPowerKey(0)
      expect(bench.hear(bootMs - 1)).toBe('')
      expect(bench.modem.statusLevel()).toBe(0)
      expect(bench.hear(20000)).toBe(said)
      expect(bench.modem.statusLevel()).toBe(1)
    },
  )

  it.each<[ModemModel, string, string]>([
    ['SIM7080', 'AT+CPOWD=1', lines('NORMAL POWER DOWN')],
    ['SIM800', 'AT+CPOWD=1', lines('NORMAL POWER DOWN')],
    ['BG95', 'AT+QPOWD=1', lines('OK', 'POWERED DOWN')],
    ['SARA-R4', 'AT+CPWROFF', lines('OK')],
  ])('%s goes off by %s', (model, command, said) => {
    const bench = new Bench({ model }).after()
    expect(bench.say(command, 5000)).toBe(said)
    expect(bench.modem.statusLevel()).toBe(0)
    expect(bench.say('AT')).toBe('')
  })

  it.each<[ModemModel, string, string]>([
    ['SIM7080', 'AT+CREBOOT', 'SIM7080G'],
    ['SIM7000', 'AT+CFUN=1,1', 'SIMCOM_SIM7000E'],
    ['BG95', 'AT+CFUN=1,1', 'BG95-M3'],
    ['SARA-R4', 'AT+CFUN=15', 'SARA-R410M-02B'],
  ])('%s restarts by %s, and its echo is back', (model, command, name) => {
    const bench = new Bench({ model }).after()
    expect(bench.say('AT+CGMM')).toBe(lines(name, 'OK'))
    expect(bench.say(command)).toBe(lines('OK'))
    bench.hear(20000)
    expect(bench.say('AT')).toBe(`AT\r${lines('OK')}`)
  })

  it('each knows its own commands only', () => {
    for (const [model, foreign] of [
      ['SIM7080', ['AT+NETOPEN', 'AT+CIPSHUT', 'AT+QIACT?', 'AT+USOCR=6', 'AT+CPOF', 'AT+CRESET', 'AT+QPINC="SC"']],
      ['SIM800', ['AT+NETOPEN', 'AT+CNACT?', 'AT+QIACT?', 'AT+USOCR=6', 'AT+CEREG?', 'AT+CEREG=1']],
      ['BG95', ['AT+NETOPEN', 'AT+CNACT?', 'AT+CIPSHUT', 'AT+USOCR=6', 'AT+CPOWD=1', 'AT+SPIC']],
      ['SARA-R4', ['AT+NETOPEN', 'AT+CNACT?', 'AT+CIPSHUT', 'AT+QIACT?', 'AT+QPOWD=1']],
      ['A7670', ['AT+CNACT?', 'AT+CIPSHUT', 'AT+QIACT?', 'AT+USOCR=6', 'AT+CREBOOT', 'AT+QPOWD=1']],
    ] as [ModemModel, string[]][]) {
      const bench = new Bench({ model }).after()
      for (const command of foreign) expect(bench.say(command), `${model} ${command}`).toBe(lines('ERROR'))
    }
  })

  it.each<[ModemModel, string, string]>([
    ['SIM800', 'AT+SPIC', '+SPIC: 3,10,3,10'],
    ['BG95', 'AT+QPINC="SC"', '+QPINC: "SC",3,10'],
    ['SARA-R4', 'AT+UPINCNT', '+UPINCNT: 3,10,3,10'],
  ])('%s tells by %s how often a PIN may be tried', (model, command, said) => {
    const bench = new Bench({ model, simPin: '1234' }).after()
    expect(bench.say(command)).toBe(lines(said, 'OK'))
    bench.say('AT+CPIN="9999"')
    expect(bench.say(command)).toBe(lines(said.replace('3,10', '2,10'), 'OK'))
  })

  it('a SIM that fails says so to everything', () => {
    const bench = new Bench({}).after('AT+CMEE=1')
    bench.modem.sim = 'failure'
    expect(bench.say('AT+CPIN?')).toContain('+CME ERROR: 13')
  })
})

describe('dialect B (§2.6)', () => {
  const UP = ['AT+CNCFG=0,1,"iot"', 'AT+CNACT=0,1']
  const bench = (...more: string[]) => new Bench({ model: 'SIM7080', apn: 'iot' }).after(...UP, ...more)

  it('activates and deactivates its context, and shows four of them', () => {
    const b = new Bench({ model: 'SIM7080', apn: 'iot' }).after()
    expect(b.say('AT+CAOPEN=0,0,"TCP",' + HOST)).toBe(lines('+CAOPEN: 0,21', 'ERROR'))
    expect(b.say('AT+CNACT=0,1', 1000)).toBe(lines('OK', '+APP PDP: 0,DEACTIVE'))
    b.say(UP[0])
    expect(b.say('AT+CNACT=0,1', 1000)).toBe(lines('OK', '+APP PDP: 0,ACTIVE'))
    const rest = lines('+CNACT: 1,0,"0.0.0.0"', '+CNACT: 2,0,"0.0.0.0"', '+CNACT: 3,0,"0.0.0.0"', 'OK')
    expect(b.say('AT+CNACT?')).toMatch(/^\r\n\+CNACT: 0,1,"[\d.]+"\r\n/)
    expect(b.say('AT+CNACT=0,0', 1000)).toBe(lines('OK', '+APP PDP: 0,DEACTIVE'))
    expect(b.say('AT+CNACT?')).toBe(lines('+CNACT: 0,0,"0.0.0.0"') + rest)
  })

  it('opens with the result before OK, or after it when it was asked to', () => {
    expect(bench().say(`AT+CAOPEN=0,0,"TCP",${HOST}`, 500)).toBe(lines('+CAOPEN: 0,0', 'OK'))
    const b = bench()
    b.modem.faults.resultFirst = true
    expect(b.say(`AT+CAOPEN=0,0,"TCP",${HOST}`, 500)).toBe(lines('OK', '+CAOPEN: 0,0'))
    expect(b.say(`AT+CAOPEN=0,0,"TCP",${HOST}`)).toBe(lines('+CAOPEN: 0,1', 'ERROR'))
    expect(bench().say('AT+CAOPEN=0,0,"TCP","198.51.100.11",1', 500)).toBe(lines('+CAOPEN: 0,27', 'ERROR'))
    expect(bench().say('AT+CAOPEN=0,0,"TCP","example.org",1', 2000)).toBe(lines('+CAOPEN: 0,20', 'ERROR'))
  })

  it('sends behind a prompt, tells once of bytes that come, and reads them on the line of their header', () => {
    const b = bench(`AT+CAOPEN=0,0,"TCP",${HOST}`)
    expect(b.say('AT+CASEND=0,5')).toBe('\r\n>')
    b.modem.receive('a\r\n\x1ab')
    expect(b.hear(100)).toBe(lines('OK'))
    expect(b.station).toBe('a\r\n\x1ab')
    b.stationLink?.send('one')
    b.stationLink?.send('OK\r\n')
    expect(b.hear(200)).toBe(lines('+CADATAIND: 0'))
    expect(b.say('AT+CARECV=0,2')).toBe(`\r\n+CARECV: 2,on${lines('OK')}`)
    expect(b.say('AT+CARECV=0,100')).toBe(`\r\n+CARECV: 5,eOK\r\n${lines('OK')}`)
    expect(b.say('AT+CARECV=0,100')).toBe(lines('+CARECV: 0', 'OK'))
  })

  it('tells of the end of a connection, keeps what came before it, and closes', () => {
    const b = bench(`AT+CAOPEN=0,0,"TCP",${HOST}`)
    b.stationLink?.send('bye')
    b.stationLink?.end()
    expect(b.hear(300)).toBe(lines('+CADATAIND: 0', '+CASTATE: 0,0'))
    expect(b.say('AT+CARECV=0,9')).toBe(`\r\n+CARECV: 3,bye${lines('OK')}`)
    expect(b.say('AT+CASEND=0,1')).toBe(lines('ERROR'))
    expect(b.say('AT+CACLOSE=0')).toBe(lines('OK'))
    expect(b.say('AT+CACLOSE=0')).toBe(lines('ERROR'))
  })

  it('says which context the network took', () => {
    const b = bench(`AT+CAOPEN=0,0,"TCP",${HOST}`)
    b.modem.loseBearer()
    expect(b.hear(50)).toBe(lines('+APP PDP: 0,DEACTIVE'))
    expect(b.say('AT+CASEND=0,1')).toBe(lines('ERROR'))
  })
})

describe('dialect C (§2.7)', () => {
  const UP = [
    'AT+CIPSHUT',
    'AT+CIPMUX=1',
    'AT+CIPQSEND=1',
    'AT+CIPRXGET=1',
    'AT+CSTT="iot","",""',
    'AT+CIICR',
    'AT+CIFSR',
  ]
  const bench = (...more: string[]) => new Bench({ model: 'SIM800', apn: 'iot' }).after(...UP, ...more)

  it('comes up in its order only, and ends three of the steps without OK', () => {
    const b = new Bench({ model: 'SIM800', apn: 'iot' }).after()
    expect(b.say('AT+CIPSHUT', 500)).toBe(lines('SHUT OK'))
    expect(b.say('AT+CIICR')).toBe(lines('ERROR'))
    expect(b.say('AT+CIFSR')).toBe(lines('ERROR'))
    for (const command of UP.slice(1, 5)) expect(b.say(command)).toBe(lines('OK'))
    expect(b.say('AT+CIPMUX=1')).toBe(lines('ERROR'))
    expect(b.say('AT+CIICR', 1000)).toBe(lines('OK'))
    expect(b.say(`AT+CIPSTART=0,"TCP",${HOST}`)).toBe(lines('ERROR'))
    expect(b.say('AT+CIFSR')).toMatch(/^\r\n\d+\.\d+\.\d+\.\d+\r\n$/)
    expect(b.say(`AT+CIPSTART=0,"TCP",${HOST}`, 500)).toBe(lines('OK', '0, CONNECT OK'))
    expect(b.say(`AT+CIPSTART=0,"TCP",${HOST}`)).toBe(lines('ERROR', '0, ALREADY CONNECT'))
  })

  it('says CONNECT FAIL, and with a wrong APN that it cannot come up', () => {
    expect(bench().say('AT+CIPSTART=0,"TCP","198.51.100.11",1', 500)).toBe(lines('OK', '0, CONNECT FAIL'))
    const b = new Bench({ model: 'SIM800', apn: 'iot' }).after('AT+CIPSHUT', 'AT+CIPMUX=1', 'AT+CSTT="other"')
    expect(b.say('AT+CIICR', 1000)).toBe(lines('ERROR'))
  })

  it('sends with DATA ACCEPT, without quick send with SEND OK once the peer has it', () => {
    const b = bench(`AT+CIPSTART=0,"TCP",${HOST}`)
    expect(b.say('AT+CIPSEND=0,3')).toBe('\r\n> ')
    b.modem.receive('abc')
    expect(b.hear(20)).toBe(lines('DATA ACCEPT:0,3'))
    b.say('AT+CIPQSEND=0')
    b.say('AT+CIPSEND=0,3')
    b.modem.receive('def')
    expect(b.hear(40)).toBe('')
    expect(b.hear(40)).toBe(lines('0, SEND OK'))
    expect(b.station).toBe('abcdef')
    b.modem.faults.partialSend = true
    b.say('AT+CIPSEND=0,2')
    b.modem.receive('gh')
    expect(b.hear(20)).toBe(lines('0, SEND FAIL'))
  })

  it('reads with counts of what was read and what is left', () => {
    const b = bench(`AT+CIPSTART=0,"TCP",${HOST}`)
    b.stationLink?.send('hello')
    expect(b.hear(100)).toBe(lines('+CIPRXGET: 1,0'))
    expect(b.say('AT+CIPRXGET=4,0')).toBe(lines('+CIPRXGET: 4,0,5', 'OK'))
    expect(b.say('AT+CIPRXGET=2,0,3')).toBe(`${lines('+CIPRXGET: 2,0,3,2')}hel${lines('OK')}`)
    expect(b.say('AT+CIPRXGET=2,0,9')).toBe(`${lines('+CIPRXGET: 2,0,2,0')}lo${lines('OK')}`)
    expect(b.say('AT+CIPRXGET=2,0,9')).toBe(`${lines('+CIPRXGET: 2,0,0,0', 'OK')}`)
  })

  it('tells CLOSED and PDP: DEACT, and shows its state behind the OK', () => {
    const b = bench(`AT+CIPSTART=0,"TCP",${HOST}`)
    expect(b.say('AT+CIPSTATUS')).toContain(
      `${lines('OK', 'STATE: IP STATUS')}\r\nC: 0,0,"TCP","${RECEIVER}","${PORT}","CONNECTED"`,
    )
    b.stationLink?.end()
    expect(b.hear(100)).toBe(lines('0, CLOSED'))
    expect(b.say('AT+CIPCLOSE=0', 100)).toBe(lines('0, CLOSE OK'))
    expect(b.say('AT+CIPCLOSE=0', 100)).toBe(lines('ERROR'))
    b.modem.loseBearer()
    expect(b.hear(100)).toBe(lines('+PDP: DEACT'))
    expect(b.say('AT+CIPSTATUS')).toContain('STATE: PDP DEACT')
    expect(b.say(`AT+CIPSTART=0,"TCP",${HOST}`)).toBe(lines('ERROR'))
  })
})

describe('dialect D (§2.8)', () => {
  const UP = ['AT+QICSGP=1,1,"iot","","",0', 'AT+QIACT=1']
  const bench = (...more: string[]) => new Bench({ model: 'BG95', apn: 'iot' }).after(...UP, ...more)
  const OPEN = `AT+QIOPEN=1,0,"TCP",${HOST},0,0`

  it('activates once, an error when it is active already', () => {
    const b = new Bench({ model: 'BG95', apn: 'iot' }).after('AT+CMEE=1')
    expect(b.say('AT+QIACT?')).toBe(lines('OK'))
    expect(b.say('AT+QIACT=1', 1000)).toBe(lines('+CME ERROR: 561'))
    b.say(UP[0])
    expect(b.say('AT+QIACT=1', 1000)).toBe(lines('OK'))
    expect(b.say('AT+QIACT=1', 1000)).toBe(lines('ERROR'))
    expect(b.say('AT+QIACT?')).toMatch(/^\r\n\+QIACT: 1,1,1,"[\d.]+"\r\n\r\nOK\r\n$/)
    expect(b.say('AT+QIDEACT=1')).toBe(lines('OK'))
    expect(b.say(OPEN)).toBe(lines('OK', '+QIOPEN: 0,561'))
  })

  it('opens with OK and then a code', () => {
    const b = bench()
    expect(b.say(OPEN, 500)).toBe(lines('OK', '+QIOPEN: 0,0'))
    expect(b.say(OPEN, 500)).toBe(lines('OK', '+QIOPEN: 0,563'))
    expect(b.say('AT+QISTATE=1,0')).toContain(`+QISTATE: 0,"TCP","${RECEIVER}",${PORT},0,2,`)
    expect(bench().say('AT+QIOPEN=1,0,"TCP","198.51.100.11",1,0,0', 500)).toBe(lines('OK', '+QIOPEN: 0,566'))
    expect(bench().say('AT+QIOPEN=1,0,"TCP","example.org",1,0,0', 2000)).toBe(lines('OK', '+QIOPEN: 0,565'))
  })

  it('sends with SEND OK, SEND FAIL without room, ERROR when not connected', () => {
    const b = bench(OPEN)
    expect(b.say('AT+QISEND=0,3')).toBe('\r\n> ')
    b.modem.receive('abc')
    expect(b.hear(10)).toBe(lines('SEND OK'))
    // The peer's acknowledgement takes a round trip of 50 ms.
    expect(b.say('AT+QISEND=0,0', 20)).toBe(lines('+QISEND: 3,0,3', 'OK'))
    b.hear(50)
    expect(b.say('AT+QISEND=0,0')).toBe(lines('+QISEND: 3,3,0', 'OK'))
    b.modem.faults.partialSend = true
    b.say('AT+QISEND=0,2')
    b.modem.receive('de')
    expect(b.hear(10)).toBe(lines('SEND FAIL'))
    b.say('AT+QICLOSE=0', 100)
    expect(b.say('AT+QISEND=0,3')).toBe(lines('ERROR'))
  })

  it('tells of bytes once until all have been read', () => {
    const b = bench(OPEN)
    b.stationLink?.send('hello')
    expect(b.hear(100)).toBe(lines('+QIURC: "recv",0'))
    b.stationLink?.send('again')
    expect(b.hear(100)).toBe('')
    expect(b.say('AT+QIRD=0,0')).toBe(lines('+QIRD: 10,0,10', 'OK'))
    expect(b.say('AT+QIRD=0,7')).toBe(`${lines('+QIRD: 7')}helloag${lines('OK')}`)
    expect(b.say('AT+QIRD=0,7')).toBe(`${lines('+QIRD: 3')}ain${lines('OK')}`)
    expect(b.say('AT+QIRD=0,7')).toBe(lines('+QIRD: 0', 'OK'))
    b.stationLink?.send('more')
    expect(b.hear(100)).toBe(lines('+QIURC: "recv",0'))
  })

  it('tells closed and pdpdeact; closing what is not open succeeds', () => {
    const b = bench(OPEN)
    b.stationLink?.end()
    expect(b.hear(100)).toBe(lines('+QIURC: "closed",0'))
    expect(b.say('AT+QICLOSE=0', 100)).toBe(lines('OK'))
    expect(b.say('AT+QICLOSE=0', 100)).toBe(lines('OK'))
    b.modem.loseBearer()
    expect(b.hear(100)).toBe(lines('+QIURC: "pdpdeact",1'))
  })

  it('has UTC for QLTS=1 once the network told it, and an empty answer before', () => {
    const options: ModemOptions = { model: 'BG95', utcSeconds: () => 1767600000 }
    expect(new Bench(options).after().say('AT+QLTS=1')).toBe(lines('+QLTS: ""', 'OK'))
    const b = new Bench(options)
    b.press(1000)
    b.hear(5200)
    b.say('ATE0')
    b.say('AT+CTZU=1', 5000)
    expect(b.say('AT+QLTS=1')).toBe(lines('+QLTS: "2026/01/05,08:00:00+04,0"', 'OK'))
    b.modem.faults.absurdTime = true
    expect(b.say('AT+QLTS=1')).toContain('"2070/01/01,')
  })
})

describe('dialect E (§2.9)', () => {
  const bench = (...more: string[]) => new Bench({ model: 'SARA-R4' }).after('AT+CGACT=1,1', ...more)
  const OPEN = ['AT+USOCR=6', `AT+USOCO=0,${HOST}`]

  it('makes a socket, then connects it, at once or with a result that comes later', () => {
    const b = bench()
    expect(b.say('AT+USOCR=6')).toBe(lines('+USOCR: 0', 'OK'))
    expect(b.say(`AT+USOCO=0,${HOST}`, 500)).toBe(lines('OK'))
    expect(b.say('AT+USOCR=6')).toBe(lines('+USOCR: 1', 'OK'))
    expect(b.say(`AT+USOCO=1,${HOST},1`, 500)).toBe(lines('OK', '+UUSOCO: 1,0'))
    b.say('AT+USOCR=6')
    expect(b.say('AT+USOCO=2,"198.51.100.11",1', 500)).toBe(lines('ERROR'))
    expect(b.say('AT+USOCO=2,"198.51.100.11",1,1', 500)).toBe(lines('OK', '+UUSOCO: 2,111'))
    expect(b.say('AT+USOCR=99')).toBe(lines('ERROR'))
    expect(new Bench({ model: 'SARA-R4' }).after().say('AT+USOCR=6')).toBe(lines('ERROR'))
  })

  it('sends behind @ and reads in quotes', () => {
    const b = bench(...OPEN)
    expect(b.say('AT+USOWR=0,3')).toBe('\r\n@')
    b.modem.receive('abc')
    expect(b.hear(10)).toBe(lines('+USOWR: 0,3', 'OK'))
    b.hear(100)
    expect(b.station).toBe('abc')
    b.stationLink?.send('"hi"')
    expect(b.hear(100)).toBe(lines('+UUSORD: 0,4'))
    expect(b.say('AT+USORD=0,0')).toBe(lines('+USORD: 0,4', 'OK'))
    expect(b.say('AT+USORD=0,99')).toBe(`\r\n+USORD: 0,4,""hi""\r\n${lines('OK')}`)
    expect(b.say('AT+USORD=0,99')).toBe(`\r\n+USORD: 0,0,""\r\n${lines('OK')}`)
  })

  it('tells +UUSOCL, and frees the number with USOCL', () => {
    const b = bench(...OPEN)
    b.stationLink?.end()
    expect(b.hear(100)).toBe(lines('+UUSOCL: 0'))
    expect(b.say('AT+USOCL=0')).toBe(lines('OK'))
    expect(b.say('AT+USOCL=0')).toBe(lines('ERROR'))
    expect(b.say('AT+USOCR=17')).toBe(lines('+USOCR: 0', 'OK'))
  })
})

describe('datagrams', () => {
  it.each<[ModemModel, string[], string, string, string]>([
    [
      'A7670',
      ['AT+CIPRXGET=1', 'AT+NETOPEN', 'AT+CIPOPEN=0,"UDP",,,5000'],
      `AT+CIPSEND=0,5,${HOST}`,
      'AT+CIPRXGET=2,0,3',
      '+CIPRXGET: 2,0,3,6\r\none\r\nOK',
    ],
    [
      'SIM7080',
      ['AT+CNACT=0,1', `AT+CAOPEN=0,0,"UDP",${HOST}`],
      'AT+CASEND=0,5',
      'AT+CARECV=0,3',
      '+CARECV: 3,one\r\nOK',
    ],
    [
      'SIM800',
      [
        'AT+CIPMUX=1',
        'AT+CIPQSEND=1',
        'AT+CIPRXGET=1',
        'AT+CSTT=""',
        'AT+CIICR',
        'AT+CIFSR',
        `AT+CIPSTART=0,"UDP",${HOST}`,
      ],
      'AT+CIPSEND=0,5',
      'AT+CIPRXGET=2,0,3',
      '+CIPRXGET: 2,0,3,6\r\none\r\nOK',
    ],
    [
      'BG95',
      ['AT+QIACT=1', `AT+QIOPEN=1,0,"UDP",${HOST},0,0`],
      'AT+QISEND=0,5',
      'AT+QIRD=0,3',
      '+QIRD: 3\r\none\r\nOK',
    ],
    [
      'SARA-R4',
      ['AT+CGACT=1,1', 'AT+USOCR=17', `AT+USOCO=0,${HOST}`],
      'AT+USOWR=0,5',
      'AT+USORD=0,3',
      '+USORD: 0,3,"one"\r\n\r\nOK',
    ],
  ])('%s sends each as one, and loses the rest of one that is read in part', (model, up, send, read, said) => {
    const b = new Bench({ model }).after(...up)
    b.say(send)
    b.modem.receive('hello')
    b.hear(200)
    expect(b.datagrams.map((datagram) => datagram.bytes)).toEqual(['hello'])
    const first = b.datagrams[0]
    b.answer(replyTo(first, 'one and more'))
    b.answer(replyTo(first, 'second'))
    // From somewhere else, and to a port that nobody has.
    b.answer({ ...replyTo(first, 'forged'), targetPort: first.sourcePort + 1000 })
    b.hear(200)
    expect(b.say(read).split('\r\n').join('').trim()).toBe(said.split('\r\n').join(''))
    expect(b.say(read.replace(',3', ',100'))).toContain('second')
  })
})

describe('messages (§2.10)', () => {
  it('are refused until the SIM has settled, then sent behind a prompt and Ctrl-Z', () => {
    const b = new Bench({})
    b.press(100)
    b.hear(11200)
    b.say('ATE0')
    expect(b.say('AT+CMGF=1')).toBe(lines('+CMS ERROR: 500'))
    b.hear(5000)
    expect(b.say('AT+CMGS="+49170"')).toBe(lines('ERROR'))
    expect(b.say('AT+CMGF=1')).toBe(lines('OK'))
    expect(b.say('AT+CMGS="+49170"')).toBe('\r\n> ')
    b.modem.receive('help\r\nme\x1a')
    expect(b.hear(3000)).toBe(lines('+CMGS: 1', 'OK'))
    expect(b.modem.messages).toEqual([{ number: '+49170', text: 'help\r\nme' }])
  })

  it('ESC ends one unsent; the network may refuse, or be slow', () => {
    const b = new Bench({}).after('AT+CMGF=1')
    b.say('AT+CMGS="1"')
    b.modem.receive('x\x1b')
    expect(b.hear(3000)).toBe(lines('OK'))
    b.modem.faults.smsError = 330
    b.say('AT+CMGS="1"')
    b.modem.receive('x\x1a')
    expect(b.hear(3000)).toBe(lines('+CMS ERROR: 330'))
    b.modem.faults.smsError = 0
    b.modem.faults.smsLateMs = 100000
    b.say('AT+CMGS="1"')
    b.modem.receive('x\x1a')
    expect(b.hear(100000)).toBe('')
    expect(b.hear(3000)).toBe(lines('+CMGS: 1', 'OK'))
    b.modem.networkStatus = 2
    b.hear(40000)
    b.say('AT+CMGS="1"')
    b.modem.receive('x\x1a')
    expect(b.hear(110000)).toContain('+CMS ERROR: 331')
    expect(b.modem.messages.length).toBe(1)
  })
})

describe('faults of the line (§2.13)', () => {
  it('falls silent after so many bytes', () => {
    const b = new Bench({}).after()
    b.modem.faults.silentAfterBytes = 1
    expect(b.say('AT')).toBe('')
    b.modem.faults.silentAfterBytes = 0
    expect(b.say('AT')).toBe(lines('OK'))
  })

  it('returns what is typed and nothing else', () => {
    const b = new Bench({}).after('ATE1')
    b.modem.faults.echoOnly = true
    expect(b.say('AT+CSQ')).toBe('AT+CSQ\r')
  })

  it('at a wrong baud rate hears nothing and says junk', () => {
    const b = new Bench({}).after('AT+CREG=1')
    b.modem.faults.wrongBaud = true
    expect(b.say('AT')).toBe('')
    b.modem.say('RING')
    const junk = b.hear(100)
    expect(junk.length).toBe('\r\nRING\r\n'.length)
    expect(junk).not.toContain('RING')
  })

  it('loses the bearer without a word', () => {
    for (const model of ['A7670', 'SIM7080', 'SIM800', 'BG95', 'SARA-R4'] as ModemModel[]) {
      const b = new Bench({ model }).after(
        ...['AT+NETOPEN', 'AT+CNACT=0,1', 'AT+CSTT=""', 'AT+CIICR', 'AT+QIACT=1', 'AT+CGACT=1,1'],
      )
      expect(b.activity).toContain('network opened')
      b.modem.faults.lossUntold = true
      b.modem.loseBearer()
      expect(b.hear(1000)).toBe('')
      expect(b.activity).toContain('network lost')
    }
  })
})
