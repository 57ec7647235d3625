import { describe, expect, it } from 'vitest'
import {
  bytesOf,
  type Config,
  groupsOf,
  hexBytes,
  keyBytes,
  type ReceiverConfig,
  validate,
} from '../../firmware/config'

function receiver(): ReceiverConfig {
  return {
    host: '198.51.100.10',
    port: 12128,
    protocol: 'tcp',
    account: '1234',
    key: '30313233343536373839414243444546',
    paths: 'both',
    isMonitoring: true,
    isBackup: false,
    events: 'all',
    isPolled: true,
    hasEventTime: true,
    isPadded: true,
  }
}

/** Build C of hardware.md 4.2 with two zones; sound in every field. */
function sound(): Config {
  return {
    receivers: [receiver()],
    category: 'DP2',
    testHours: 24,
    expiryHours: 0,
    partition: 1,
    codeLength: 6,
    exitDelaySeconds: 60,
    entryDelaySeconds: 30,
    utcOffsetMinutes: 60,
    zones: [
      { name: 'Front door', type: 'entryExit', pin: 34 },
      { name: 'Hall window', type: 'instant', pin: 35 },
    ],
    ethernet: {
      mac: '02:00:00:12:34:56',
      isDynamic: false,
      address: '192.168.1.50',
      mask: '255.255.255.0',
      gateway: '192.168.1.1',
      dnsServers: [],
      timeServer: '',
    },
    cellular: { apn: 'iot.example', simPin: '', smsNumber: '' },
    pins: {
      rows: [13, 14, 15, 25],
      columns: [27, 36, 39],
      siren: 4,
      sirenRest: 0,
      light: 2,
      buzzer: 33,
      w5500Reset: 26,
      modemPowerKey: 32,
      modemSupply: -1,
      modemStatus: -1,
    },
  }
}

type Change = (config: Config) => void

/** Problems after one change. */
function problems(change: Change): string[] {
  const config = sound()
  change(config)
  return validate(config)
}

describe('validate', () => {
  it('finds nothing wrong with a sound configuration', () => {
    expect(validate(sound())).toEqual([])
  })

  // Each limit from both sides: field, least, most.
  const RANGES: [string, number, number, (config: Config, value: number) => void][] = [
    ['receivers[0].port', 1, 65535, (config, value) => void (config.receivers[0].port = value)],
    ['testHours', 0, 720, (config, value) => void (config.testHours = value)],
    ['expiryHours', 0, 720, (config, value) => void (config.expiryHours = value)],
    ['pins.sirenRest', 0, 1, (config, value) => void (config.pins.sirenRest = value)],
    ['partition', 1, 99, (config, value) => void (config.partition = value)],
    ['codeLength', 4, 8, (config, value) => void (config.codeLength = value)],
    ['exitDelaySeconds', 45, 255, (config, value) => void (config.exitDelaySeconds = value)],
    ['entryDelaySeconds', 30, 240, (config, value) => void (config.entryDelaySeconds = value)],
    ['utcOffsetMinutes', -720, 840, (config, value) => void (config.utcOffsetMinutes = value)],
  ]
  it.each(RANGES)('takes %s from %i to %i and nothing beyond (A-1, A-4, C-1)', (field, least, most, set) => {
    expect(problems((config) => set(config, least))).toEqual([])
    expect(problems((config) => set(config, most))).toEqual([])
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN]) {
      expect(problems((config) => set(config, value))).toEqual([
        `${field} is ${value}: use a whole number from ${least} to ${most}`,
      ])
    }
  })

  // One problem each, with the field's name and its value in the sentence.
  const WRONG: [string, RegExp, Change][] = [
    [
      'an account of 2 digits',
      /^receivers\[0\].account is '12'/,
      (config) => void (config.receivers[0].account = '12'),
    ],
    [
      'an account of 17 digits',
      /^receivers\[0\].account is '1{17}'/,
      (config) => void (config.receivers[0].account = '1'.repeat(17)),
    ],
    [
      'an account with a letter G',
      /^receivers\[0\].account is '12G4'/,
      (config) => void (config.receivers[0].account = '12G4'),
    ],
    ['a key of 31 digits', /^receivers\[0\].key has 31/, (config) => void (config.receivers[0].key = 'A'.repeat(31))],
    ['a key of 40 digits', /^receivers\[0\].key has 40/, (config) => void (config.receivers[0].key = 'A'.repeat(40))],
    [
      'a key that is not hex',
      /^receivers\[0\].key has 32/,
      (config) => void (config.receivers[0].key = 'X'.repeat(32)),
    ],
    ['an address of 3 numbers', /^receivers\[0\].host is/, (config) => void (config.receivers[0].host = '198.51.100')],
    ['an address with 256', /^receivers\[0\].host is/, (config) => void (config.receivers[0].host = '198.51.100.256')],
    ['a host with a blank', /^receivers\[0\].host is/, (config) => void (config.receivers[0].host = 'arc example')],
    [
      'a host name that nobody can look up',
      /^receivers\[0\].host is a name: give/,
      (config) => void (config.receivers[0].host = 'arc.example'),
    ],
    [
      'a name for datagrams over the modem',
      /^receivers\[0\].host is a name and protocol is udp: give/,
      (config) => {
        config.receivers[0].host = 'arc.example'
        config.receivers[0].protocol = 'udp'
        config.receivers[0].paths = 'cellular'
      },
    ],
    ['another protocol', /^receivers\[0\].protocol/, (config) => void (config.receivers[0].protocol = 'sctp' as 'tcp')],
    [
      'a text key of 15',
      /^receivers\[0\].key has 20/,
      (config) => void (config.receivers[0].key = 'text:0123456789ABCDE'),
    ],
    ['other paths', /^receivers\[0\].paths is 'none'/, (config) => void (config.receivers[0].paths = 'none' as 'both')],
    [
      'an unknown group',
      /^receivers\[0\].events is 'alarms,x'/,
      (config) => void (config.receivers[0].events = 'alarms,x'),
    ],
    ['no receiver', /^receivers \(how many\) is 0/, (config) => void (config.receivers = [])],
    [
      'five receivers',
      /^receivers \(how many\) is 5/,
      (config) => {
        for (let count = 1; count < 5; count++) config.receivers.push({ ...receiver(), isBackup: true })
      },
    ],
    [
      'three destinations',
      /^receivers has 3 without isBackup/,
      (config) => void config.receivers.push(receiver(), receiver()),
    ],
    ['a back-up alone', /^receivers\[0\].isBackup/, (config) => void (config.receivers[0].isBackup = true)],
    [
      'a back-up that is no monitoring station for one that is (D-19)',
      /^receivers\[1\].isMonitoring differs/,
      (config) => void config.receivers.push({ ...receiver(), isBackup: true, isMonitoring: false }),
    ],
    ['another category', /^category is 'DP5'/, (config) => void (config.category = 'DP5')],
    ['a category cut across', /^category is 'P1S'/, (config) => void (config.category = 'P1S')],
    [
      'three DNS servers',
      /^ethernet.dnsServers/,
      (config) => void (config.ethernet.dnsServers = ['1.1.1.1', '1.1.1.1', '1.1.1.1']),
    ],
    [
      'a DNS server by name',
      /^ethernet.dnsServers\[0\]/,
      (config) => void (config.ethernet.dnsServers = ['dns.example']),
    ],
    ['a time server with a blank', /^ethernet.timeServer/, (config) => void (config.ethernet.timeServer = 'a b')],
    ['a text number without +', /^cellular.smsNumber/, (config) => void (config.cellular.smsNumber = '0491701234567')],
    ['an address with a blank part', /^ethernet.address/, (config) => void (config.ethernet.address = '192.168..50')],
    ['a mask with a letter', /^ethernet.mask/, (config) => void (config.ethernet.mask = '255.255.255.a')],
    ['a missing gateway', /^ethernet.gateway/, (config) => void (config.ethernet.gateway = '')],
    ['a MAC of 5 pairs', /^ethernet.mac/, (config) => void (config.ethernet.mac = '02:00:00:12:34')],
    ['a multicast MAC', /^ethernet.mac/, (config) => void (config.ethernet.mac = '03:00:00:12:34:56')],
    ['a SIM PIN of 3 digits', /^cellular.simPin/, (config) => void (config.cellular.simPin = '123')],
    ['a SIM PIN with a letter', /^cellular.simPin/, (config) => void (config.cellular.simPin = '12a4')],
    ['an access point of 64 characters', /^cellular.apn/, (config) => void (config.cellular.apn = 'a'.repeat(64))],
    ['an access point with a quotation mark', /^cellular.apn/, (config) => void (config.cellular.apn = 'a","b')],
    ['an access point with a blank', /^cellular.apn/, (config) => void (config.cellular.apn = 'iot example')],
    ['an access point with a slash', /^cellular.apn/, (config) => void (config.cellular.apn = 'iot/example')],
    [
      'an access point with a letter beyond ASCII',
      /^cellular.apn/,
      (config) => void (config.cellular.apn = '\u212aPN'),
    ],
    ['an access point with a line end', /^cellular.apn/, (config) => void (config.cellular.apn = 'a\rAT')],
    ['no zone', /^zones \(how many\) is 0/, (config) => void (config.zones = [])],
    ['a zone without a name', /^zones\[1\].name is ''/, (config) => void (config.zones[1].name = '')],
    ['a zone name of 14', /^zones\[0\].name/, (config) => void (config.zones[0].name = 'A'.repeat(14))],
    ['a zone name beyond ASCII', /^zones\[0\].name/, (config) => void (config.zones[0].name = 'T\u00fcr')],
    [
      'an unknown zone type',
      /^zones\[0\].type is 'fire'/,
      (config) => void (config.zones[0].type = 'fire' as 'instant'),
    ],
    ['three rows', /^pins.rows \(how many\) is 3/, (config) => void config.pins.rows.pop()],
    ['two columns', /^pins.columns \(how many\) is 2/, (config) => void config.pins.columns.pop()],
    ['a pin with two uses', /^GPIO27 has two uses/, (config) => void (config.zones[0].pin = 27)],
    ['pin 40', /^a pin is 40/, (config) => void (config.zones[0].pin = 40)],
    ['pin -2', /^a pin is -2/, (config) => void (config.pins.modemSupply = -2)],
    ['a siren on an input-only pin', /^GPIO37 cannot be an output/, (config) => void (config.pins.siren = 37)],
    ['a row on an input-only pin', /^GPIO38 cannot be an output/, (config) => void (config.pins.rows[0] = 38)],
    ['a pin of the flash', /^GPIO9 is taken/, (config) => void (config.pins.buzzer = 9)],
    ['the W5500 select as a zone', /^GPIO5 is taken/, (config) => void (config.zones[0].pin = 5)],
    ['a pin of the display', /^GPIO21 is taken/, (config) => void (config.pins.columns[0] = 21)],
  ]
  it.each(WRONG)('names %s', (_name, sentence, change) => {
    const found = problems(change)
    expect(found.length).toBe(1)
    expect(found[0]).toMatch(sentence)
    expect(found[0]).toMatch(/: (use|give|correct|set)/)
  })

  it('names every problem, not only the first one', () => {
    const change: Change = (config) => {
      config.receivers[0].account = ''
      config.receivers[0].port = 0
      config.exitDelaySeconds = 44
    }
    expect(problems(change).length).toBe(3)
  })

  it('takes keys of 32, 48 and 64 hex digits, and none for clear reports', () => {
    for (const length of [0, 32, 48, 64])
      expect(problems((config) => void (config.receivers[0].key = 'aF'.repeat(length / 2)))).toEqual([])
  })

  it('takes keys of 16, 24 and 32 characters behind text:, which are other keys than the same digits as hex', () => {
    for (const length of [16, 24, 32]) {
      expect(problems((config) => void (config.receivers[0].key = `text:${'k'.repeat(length)}`))).toEqual([])
    }
    expect([...keyBytes('text:0123456789ABCDEF')]).toEqual([...Buffer.from('0123456789ABCDEF')])
    expect(keyBytes('0123456789ABCDEF0123456789ABCDEF')).toHaveLength(16)
    expect(keyBytes('')).toHaveLength(0)
  })

  it('takes names with DNS servers, by DHCP, or over the modem, which looks them up itself', () => {
    const named = (change: Change) =>
      problems((config) => {
        config.receivers[0].host = 'arc.example'
        change(config)
      })
    expect(named((config) => void (config.ethernet.dnsServers = ['192.0.2.53']))).toEqual([])
    expect(named((config) => void (config.ethernet.isDynamic = true))).toEqual([])
    expect(named((config) => void (config.receivers[0].paths = 'cellular'))).toEqual([])
  })

  it('takes a station with a back-up and one more receiver with its own, of every ATS category', () => {
    const change: Change = (config) => {
      const home = { ...receiver(), isMonitoring: false, events: 'alarms,openings' }
      config.receivers.push({ ...receiver(), isBackup: true }, home, { ...home, isBackup: true })
    }
    for (const category of ['SP1', 'SP2', 'SP3', 'SP4', 'SP5', 'SP6', 'DP1', 'DP2', 'DP3', 'DP4']) {
      expect(
        problems((config) => {
          change(config)
          config.category = category
        }),
      ).toEqual([])
    }
  })

  it('reads groups of events as bits, hold-up never among them (D-19)', () => {
    expect(groupsOf('all')).toBe(0b11110)
    expect(groupsOf('alarms')).toBe(0b00010)
    expect(groupsOf('tests,troubles')).toBe(0b10100)
    expect(groupsOf('')).toBe(-1)
    expect(groupsOf('holdUp')).toBe(-1)
  })

  it('takes accounts of 3 and 16 hex digits, SIM PINs of 4 and 8, names of 13, and 4 columns', () => {
    const change: Change = (config) => {
      config.receivers[0].account = 'aBc'
      config.cellular.simPin = '12345678'
      config.zones[0].name = 'ABCDEFGHIJKLM'
      config.pins.columns.push(12)
    }
    expect(problems(change)).toEqual([])
    expect(problems((config) => void (config.receivers[0].account = '0123456789ABCDEF'))).toEqual([])
    expect(problems((config) => void (config.cellular.simPin = '1234'))).toEqual([])
  })

  it('takes access points of 0 and 63 characters, of letters, digits, dots, hyphens and underscores', () => {
    for (const apn of ['', '0', 'azAZ09.-_', 'a'.repeat(63)])
      expect(problems((config) => void (config.cellular.apn = apn))).toEqual([])
    const others = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
      (sign) => !'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_'.includes(sign),
    )
    expect(others.length).toBe(256 - 65)
    for (const sign of others)
      expect(
        problems((config) => void (config.cellular.apn = `a${sign}`)),
        JSON.stringify(sign),
      ).toHaveLength(1)
  })

  it('takes 64 zones but not 65', () => {
    const zones =
      (count: number): Change =>
      (config) => {
        config.zones = []
        for (let index = 0; index < count; index++) config.zones.push({ name: `Z${index}`, type: 'instant', pin: 35 })
      }
    expect(problems(zones(64)).filter((problem) => problem.startsWith('zones'))).toEqual([])
    expect(problems(zones(65)).filter((problem) => problem.startsWith('zones'))).toHaveLength(1)
  })

  it('never repeats the key or the SIM PIN in a sentence (style 7)', () => {
    const key = 'DEADBEEF'.repeat(3)
    const found = problems((config) => {
      config.receivers[0].key = key
      config.cellular.simPin = '987'
    }).join(' ')
    expect(found).not.toContain(key)
    expect(found).not.toContain('987')
  })
})

describe('bytesOf', () => {
  it('reads dotted addresses and MACs', () => {
    expect(bytesOf('192.168.1.50', '.', 10, 4)).toEqual([192, 168, 1, 50])
    expect(bytesOf('02:00:fF:12:34:56', ':', 16, 6)).toEqual([2, 0, 255, 18, 52, 86])
  })

  it.each(['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.-4', '1.2.3. 4', '1.2.3.4x', '1.2.3.0004', '1e1.2.3.4'])(
    'gives nothing for %j',
    (text) => {
      expect(bytesOf(text, '.', 10, 4)).toEqual([])
    },
  )
})

describe('hexBytes', () => {
  it('reads pairs of either case', () => {
    expect([...hexBytes('00fFa1')]).toEqual([0, 255, 161])
    expect(hexBytes('').length).toBe(0)
  })
})
