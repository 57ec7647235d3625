import { describe, expect, it } from 'vitest'
import { find } from '../../../board/boards/index'
import { check, judge, judgeText } from '../../../board/config/check'
import { ZONE_TYPES } from '../../../board/config/zone-types'
import demoPanel from '../../../docs/demo-panel.json'
import { demoConfig } from '../../../hal-mock/demo'
import { type Change, type Loose, RECEIVER, sound } from './sound'

/** Problems after one change. */
function problems(change: Change): string[] {
  return check(sound(change))
}

/** Ends of the ranges of panel-behaviour.md, written anew: field, least, most, rule. */
const RANGES: [string, number, number, string][] = [
  ['testHours', 0, 720, 'S-10'],
  ['expiryHours', 0, 720, 'R-2'],
  ['bothDownMinutes', 0, 60, 'R-8'],
  ['partition', 1, 99, 'PT-3'],
  ['codeLength', 4, 8, 'C-1'],
  ['exitDelaySeconds', 45, 255, 'A-1'],
  ['entryDelay2Seconds', 30, 240, 'A-5'],
  ['cancelMinutes', 5, 255, 'A-9'],
  ['swingerHours', 1, 255, 'A-11'],
  ['crossZoneSeconds', 30, 600, 'A-12'],
  ['sirenMinutes', 1, 255, 'A-13'],
  ['keyTimeoutSeconds', 3, 30, 'A-16'],
  ['wrongLimit', 3, 10, 'L-1'],
  ['sensorWatchDays', 0, 99, 'Z-15'],
  ['acDelayMinutes', 0, 255, 'S-1'],
]

describe('a field', () => {
  it('is sound in the demo, and has its default where it is left out', () => {
    expect(problems(() => {})).toEqual([])
  })

  it.each(RANGES)('%s takes %i to %i and nothing beyond (%s)', (field, least, most, rule) => {
    const set = (value: unknown) => problems((panel) => void (panel[field] = value))
    expect(set(least)).toEqual([])
    expect(set(most)).toEqual([])
    for (const value of [least - 1, most + 1, least + 0.5, '60', null]) {
      const text = typeof value === 'string' ? `'${value}'` : String(value)
      expect(set(value)).toEqual([`${field} is ${text}: use a whole number from ${least} to ${most} (${rule})`])
    }
  })

  it('takes an entry delay of 30 to 240 s where no abort window is added to it (A-4)', () => {
    const set = (seconds: number) =>
      problems((panel) => Object.assign(panel, { entryDelaySeconds: seconds, profile: 'SIA', abortSeconds: 0 }))
    expect([set(30), set(60)]).toEqual([[], []])
    expect(set(29)).toEqual(['entryDelaySeconds is 29: use a whole number from 30 to 240 (A-4)'])
    expect(set(241)).toEqual(['entryDelaySeconds is 241: use a whole number from 30 to 240 (A-4)'])
  })

  it('takes an abort window of 15 to 45 s or none (A-7)', () => {
    const set = (seconds: unknown) => problems((panel) => void (panel.abortSeconds = seconds))
    for (const seconds of [0, 15, 30]) expect(set(seconds)).toEqual([])
    for (const seconds of [1, 14, 46, -1, 20.5, true]) {
      expect(set(seconds)).toEqual([
        `abortSeconds is ${seconds}: use 0 for none, or a whole number from 15 to 45 (A-7)`,
      ])
    }
  })

  it.each([
    ['exitRestart', 'A-2'],
    ['stayDoubleExit', 'A-3'],
    ['autoStay', 'A-24'],
    ['quickArm', 'A-33'],
    ['quickExit', 'A-34'],
  ])('%s is true or false (%s)', (field, rule) => {
    for (const value of [true, false]) expect(problems((panel) => void (panel[field] = value))).toEqual([])
    expect(problems((panel) => void (panel[field] = 1))).toEqual([`${field} is 1: use true or false (${rule})`])
  })

  it('is asked for where it has no default', () => {
    for (const field of ['receivers', 'zones', 'ethernet']) {
      const [first, ...others] = problems((panel) => void delete panel[field])
      expect(first).toMatch(new RegExp(`^${field} is missing: use `))
      expect(others).toEqual([])
    }
    expect(problems((panel) => void delete panel.receivers[0].isMonitoring)).toEqual([
      'receivers[0].isMonitoring is missing: use true or false (D-19)',
    ])
  })

  it('that there is not is refused with the name that is near (style 7)', () => {
    expect(problems((panel) => void (panel.exitDelySeconds = 60))).toEqual([
      'exitDelySeconds is no field that there is: use exitDelaySeconds, if that is meant',
    ])
    expect(problems((panel) => void (panel.zones[1].Chimes = true))).toEqual([
      'zones[1].Chimes is no field that there is: use chime, if that is meant',
    ])
    expect(problems((panel) => void (panel.cellular.password = ''))).toEqual([
      'cellular.password is no field that there is: use one of apn, simPin, smsNumber',
    ])
  })

  it('names every problem, not only the first one, and looks at all fields together in spite of it', () => {
    const found = problems((panel) => {
      panel.receivers[0].port = 0
      panel.exitDelaySeconds = 44
      panel.entryDelaySeconds = 40
      panel.unheardOf = 1
      panel.zones[0].crossZone = 9
      panel.zones[1].pin = 21
    })
    expect(found).toHaveLength(6)
    expect(found.join('\n')).toContain('entryDelaySeconds is 40: use at most 30')
    expect(found.join('\n')).toContain('GPIO21 is used twice')
  })

  it('never repeats the key or the SIM PIN in a sentence (style 7)', () => {
    const found = problems((panel) => {
      panel.receivers[0].key = 'DEADBEEF'.repeat(3)
      panel.cellular.simPin = '987'
    })
    expect(found).toHaveLength(2)
    expect(found.join(' ')).not.toMatch(/DEADBEEF|987/)
    expect(problems((panel) => void (panel.cellular.simPin = 987)).join(' ')).not.toContain('987')
  })

  it('is what a person would not expect: nothing, a text, a list', () => {
    for (const given of [null, undefined, 'panel', [], 5]) {
      expect(check(given)).toHaveLength(1)
      expect(check(given)[0]).toContain('use an object')
    }
  })
})

// One problem each, with the field's name in the sentence.
const RECEIVERS: [string, RegExp, Change][] = [
  ['an account of 2 digits', /^receivers\[0\].account is '12'/, (r) => void (r.account = '12')],
  ['an account of 17 digits', /^receivers\[0\].account is '1{17}'/, (r) => void (r.account = '1'.repeat(17))],
  ['an account with a letter G', /^receivers\[0\].account is '12G4'/, (r) => void (r.account = '12G4')],
  ['a key of 31 digits', /^receivers\[0\].key has 31/, (r) => void (r.key = 'A'.repeat(31))],
  ['a key of 40 digits', /^receivers\[0\].key has 40/, (r) => void (r.key = 'A'.repeat(40))],
  ['a key that is not hex', /^receivers\[0\].key has 32/, (r) => void (r.key = 'X'.repeat(32))],
  ['a text key of 15', /^receivers\[0\].key has 20/, (r) => void (r.key = 'text:0123456789ABCDE')],
  ['an address of 3 numbers', /^receivers\[0\].host is/, (r) => void (r.host = '198.51.100')],
  ['an address with 256', /^receivers\[0\].host is/, (r) => void (r.host = '198.51.100.256')],
  ['a host with a blank', /^receivers\[0\].host is/, (r) => void (r.host = 'arc example')],
  ['port 65536', /^receivers\[0\].port is 65536/, (r) => void (r.port = 65536)],
  ['another protocol', /^receivers\[0\].protocol is 'sctp': use tcp or udp/, (r) => void (r.protocol = 'sctp')],
  ['other paths', /^receivers\[0\].paths is 'none'/, (r) => void (r.paths = 'none')],
  ['an unknown group', /^receivers\[0\].events is 'alarms,x'/, (r) => void (r.events = 'alarms,x')],
  ['a name that nobody can look up', /^receivers\[0\].host is .*: give ethernet/, (r) => void (r.host = 'arc.example')],
  [
    'a name for datagrams over the modem (hardware.md 2.5)',
    /^receivers\[0\].host is .*: give an address for protocol udp/,
    (r) => Object.assign(r, { host: 'arc.example', protocol: 'udp', paths: 'cellular' }),
  ],
  ['a back-up alone', /^receivers\[0\].isBackup is true: set/, (r) => void (r.isBackup = true)],
]

const PANELS: [string, RegExp, Change][] = [
  ['no receiver', /^receivers has 0 entries: use 1 to 4/, (panel) => void (panel.receivers = [])],
  [
    'five receivers',
    /^receivers has 5 entries: use 1 to 4/,
    (panel) => {
      for (let count = 1; count < 5; count++) panel.receivers.push({ ...RECEIVER, isBackup: true })
    },
  ],
  [
    'three destinations',
    /^receivers has 3 entries: give at most 2 without isBackup/,
    (panel) => void panel.receivers.push(RECEIVER, RECEIVER),
  ],
  [
    'a back-up that is no monitoring station for one that is (D-19)',
    /^receivers\[1\].isMonitoring is false: give .*\(D-19\)/,
    (panel) => void panel.receivers.push({ ...RECEIVER, isBackup: true, isMonitoring: false }),
  ],
  ['another category', /^category is 'DP5': use SP1/, (panel) => void (panel.category = 'DP5')],
  ['another profile', /^profile is 'UL': use SIA or EN/, (panel) => void (panel.profile = 'UL')],
  [
    'three DNS servers',
    /^ethernet.dnsServers has 3 entries/,
    (panel) => void (panel.ethernet.dnsServers = ['1.1.1.1', '1.1.1.1', '1.1.1.1']),
  ],
  [
    'a DNS server by name',
    /^ethernet.dnsServers\[0\] is/,
    (panel) => void (panel.ethernet.dnsServers = ['dns.example']),
  ],
  ['a time server with a blank', /^ethernet.timeServer is/, (panel) => void (panel.ethernet.timeServer = 'a b')],
  ['an address with a blank part', /^ethernet.address is/, (panel) => void (panel.ethernet.address = '192.168..50')],
  ['a mask with a letter', /^ethernet.mask is/, (panel) => void (panel.ethernet.mask = '255.255.255.a')],
  ['an empty gateway', /^ethernet.gateway is ''/, (panel) => void (panel.ethernet.gateway = '')],
  [
    'no address and no DHCP',
    /^ethernet.address is missing: give it, or set ethernet.isDynamic/,
    (panel) => void delete panel.ethernet.address,
  ],
  ['a MAC of 5 pairs', /^ethernet.mac is/, (panel) => void (panel.ethernet.mac = '02:00:00:12:34')],
  ['a multicast MAC', /^ethernet.mac is/, (panel) => void (panel.ethernet.mac = '03:00:00:12:34:56')],
  ['a text number without +', /^cellular.smsNumber is/, (panel) => void (panel.cellular.smsNumber = '0491701234567')],
  ['a SIM PIN of 3 digits', /^cellular.simPin has 3/, (panel) => void (panel.cellular.simPin = '123')],
  ['a SIM PIN with a letter', /^cellular.simPin has 4/, (panel) => void (panel.cellular.simPin = '12a4')],
  ['an access point of 64 characters', /^cellular.apn is/, (panel) => void (panel.cellular.apn = 'a'.repeat(64))],
  ['an access point with a quotation mark', /^cellular.apn is/, (panel) => void (panel.cellular.apn = 'a","b')],
  ['an access point with a line end', /^cellular.apn is/, (panel) => void (panel.cellular.apn = 'a\rAT')],
  ['an access point beyond ASCII', /^cellular.apn is/, (panel) => void (panel.cellular.apn = '\u212aPN')],
  ['no zone', /^zones has 0 entries: use 1 to 64/, (panel) => void (panel.zones = [])],
  ['nine partitions', /^partitions has 9 entries/, (panel) => void (panel.partitions = nine())],
  [
    'a partition beyond 99 (PT-3)',
    /^partition is 98: use at most 97/,
    (panel) => Object.assign(panel, { partition: 98, partitions: nine().slice(6) }),
  ],
]

function nine(): { name: string }[] {
  return Array.from({ length: 9 }, (_, at) => ({ name: `Floor ${at}` }))
}

describe('receivers, network and the rest', () => {
  it.each(RECEIVERS)('names %s', (_name, sentence, change) => {
    const found = problems((panel) => change(panel.receivers[0]))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(sentence)
  })

  it.each(PANELS)('names %s', (_name, sentence, change) => {
    const found = problems(change)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(sentence)
  })

  it('takes keys of 32, 48 and 64 hex digits, of 16, 24 and 32 characters behind text:, and none', () => {
    const keys = [0, 16, 24, 32].flatMap((length) => [
      'aF'.repeat(length),
      length > 0 ? `text:${'k'.repeat(length)}` : '',
    ])
    for (const key of keys) expect(problems((panel) => void (panel.receivers[0].key = key))).toEqual([])
  })

  it('takes names with DNS servers, by DHCP, or over the modem, which looks them up itself', () => {
    const named = (change: Change) =>
      problems((panel) => {
        panel.receivers[0].host = 'arc.example'
        change(panel)
      })
    expect(named((panel) => void (panel.ethernet.dnsServers = ['192.0.2.53']))).toEqual([])
    expect(named((panel) => void (panel.ethernet.isDynamic = true))).toEqual([])
    expect(named((panel) => void (panel.receivers[0].paths = 'cellular'))).toEqual([])
  })

  it('refuses duressOf where duress codes are ruled out, or where nobody would hear of one (D-19, D-25, DS-3)', () => {
    const found = (isMonitoring: boolean, duressCodes: boolean) =>
      problems((panel) => {
        panel.users = [{ user: 1 }, { user: 33, duressOf: 1 }]
        panel.receivers = [{ ...RECEIVER, isMonitoring }]
        panel.duressCodes = duressCodes
      })
    expect(found(true, true)).toEqual([])
    expect(found(true, false)).toEqual([expect.stringMatching(/^users\[1\].duressOf is 1: take it out, .*\(D-25\)/)])
    for (const duressCodes of [false, true]) {
      expect(found(false, duressCodes)).toEqual([expect.stringMatching(/isMonitoring of the station .*\(D-19\)/)])
    }
  })

  it('takes a station with a back-up and one more receiver with its own, of every ATS category', () => {
    const home = { ...RECEIVER, isMonitoring: false, events: 'alarms,openings' }
    for (const category of ['SP1', 'SP2', 'SP3', 'SP4', 'SP5', 'SP6', 'DP1', 'DP2', 'DP3', 'DP4']) {
      const found = problems((panel) => {
        panel.receivers.push({ ...RECEIVER, isBackup: true }, home, { ...home, isBackup: true })
        panel.category = category
      })
      expect(found).toEqual([])
    }
  })

  it('takes access points of letters, digits, dots, hyphens and underscores only', () => {
    for (const apn of ['', '0', 'azAZ09.-_', 'a'.repeat(63)])
      expect(problems((panel) => void (panel.cellular.apn = apn))).toEqual([])
    for (let code = 0; code < 256; code++) {
      const sign = String.fromCharCode(code)
      const isTaken = /^[A-Za-z0-9._-]$/.test(sign)
      const found = problems((panel) => void (panel.cellular.apn = `a${sign}`))
      expect(found, JSON.stringify(sign)).toHaveLength(isTaken ? 0 : 1)
    }
  })
})

/** Of zone 1 alone. */
function ofZone(zone: Loose, more: Loose = {}): string[] {
  return problems((panel) => {
    Object.assign(panel.zones[0], zone)
    Object.assign(panel, more)
  })
}

/** Zone types by what panel-behaviour.md says of them, written anew from §2.1, Z-7, Z-9 and Z-12. */
const FOR_LIFE = ['holdUp', 'panic', 'fire', 'fireVerified', 'heat', 'pullStation', 'waterflow', 'carbonMonoxide']
const HEALTH = ['medical', 'pendant']
const ALWAYS = [...FOR_LIFE, ...HEALTH, 'gas', 'water', 'temperatureHigh', 'temperatureLow', 'auxiliary', 'tamper']
const BURGLARY = ZONE_TYPES.slice(0, 8)

describe('a zone', () => {
  it.each(ZONE_TYPES)('%s can be bypassed, held, cut off and forced as its type allows (Z-7, Z-12)', (type) => {
    const count = (zone: Loose) => ofZone({ type, ...zone }, { entryDelay2Seconds: 30 }).length
    const refused = (field: string) => count({ [field]: true }) === 1
    expect(refused('bypassable')).toBe(FOR_LIFE.includes(type))
    expect(refused('abort')).toBe([...FOR_LIFE, ...HEALTH].includes(type))
    expect(refused('swinger')).toBe([...FOR_LIFE, ...HEALTH].includes(type))
    expect(refused('forceArmable')).toBe([...ALWAYS, 'burglary24h'].includes(type))
    expect(count({ crossZone: 1 }) === 1).toBe(!(BURGLARY as readonly string[]).includes(type))
    expect(refused('night')).toBe(type !== 'follower' && type !== 'interiorDelayed')
    expect(refused('delayed')).toBe(type !== 'fire') // Z-11
    expect(refused('chime')).toBe(type === 'holdUp' || type === 'silentBurglary')
    expect(count({ silent: false }) === 1).toBe(type === 'holdUp' || type === 'silentBurglary')
  })

  it('says which rule refuses an attribute', () => {
    expect(ofZone({ type: 'fire', bypassable: true })).toEqual([
      'zones[0].bypassable is true: leave it out, fire, CO, panic and hold-up zones cannot be bypassed (Z-7)',
    ])
    expect(ofZone({ type: 'holdUp', chime: true })[0]).toContain('(Z-9)')
    expect(ofZone({ type: 'panic', abort: true })[0]).toContain('(Z-12)')
  })

  it('with an old or mistyped type is told the new one', () => {
    expect(ofZone({ type: 'entryExit' })[0]).toMatch(/^zones\[0\].type is 'entryExit': use .*; perhaps entryExit1$/)
    expect(ofZone({ type: 'instant' })[0]).toMatch(/use entryExit1, entryExit2, perimeter, .* or noAlarm/)
  })

  it('has 1 to 13 plain characters for a name', () => {
    for (const name of ['A', 'ABCDEFGHIJKLM', '#1 ~']) expect(ofZone({ name })).toEqual([])
    for (const name of ['', 'A'.repeat(14), 'T\u00fcr', 'a"b', 'a\nb', 7]) expect(ofZone({ name })).toHaveLength(1)
  })

  it('responds within 20 to 5100 ms in steps of 20, after 1 to 8 pulses (W-8, W-11)', () => {
    for (const responseMs of [20, 280, 5100]) expect(ofZone({ responseMs })).toEqual([])
    expect(ofZone({ responseMs: 30 })).toEqual(['zones[0].responseMs is 30: use 20 to 5100 in steps of 20 (W-8)'])
    for (const responseMs of [0, 5120, '400']) expect(ofZone({ responseMs })).toHaveLength(1)
    for (const pulses of [1, 8]) expect(ofZone({ pulses })).toEqual([])
    for (const pulses of [0, 9]) expect(ofZone({ pulses })).toHaveLength(1)
  })

  it('belongs to partitions that there are, each once (PT-2)', () => {
    const two = { partitions: [{ name: 'House' }, { name: 'Shop' }] }
    expect(ofZone({ partitions: [1, 2] }, two)).toEqual([])
    expect(ofZone({ partitions: [3] }, two)).toEqual([
      'zones[0].partitions[0] is 3: use 1 to 2, the partitions that there are (PT-2)',
    ])
    expect(ofZone({ partitions: [2, 2] }, two)[0]).toContain('leave it out')
    expect(ofZone({ partitions: [] }, two)).toHaveLength(1)
    expect(ofZone({ partitions: [9] }, two)).toHaveLength(1)
  })

  it('is watched for a number of days, which must be given (Z-15)', () => {
    expect(ofZone({ sensorWatch: true }, { sensorWatchDays: 30 })).toEqual([])
    expect(ofZone({ sensorWatch: true })).toEqual([
      'zones[0].sensorWatch is true: give sensorWatchDays from 1 to 99 for it (Z-15)',
    ])
  })

  it('comes 64 times and not 65', () => {
    const zones = (count: number) =>
      problems((panel) => {
        panel.zones = Array.from({ length: count }, (_, at) => ({ name: `Z${at}`, type: 'perimeter', pin: 64 + at }))
      }).filter((found) => found.startsWith('zones has'))
    expect(zones(64)).toEqual([])
    expect(zones(65)).toEqual(['zones has 65 entries: use 1 to 64 zones'])
  })
})

describe('pins', () => {
  it('of zones are GPIOs or inputs of expanders but GPA7 and GPB7 (docs/boards.md)', () => {
    for (const pin of [34, 64, 70, 72, 174]) expect(ofZone({ pin })).toEqual([])
    for (const pin of [40, 63, 71, 79, 87, 175, 176, -1, 34.5]) {
      expect(ofZone({ pin })[0]).toMatch(/^zones\[0\].pin is .*: use a GPIO from 0 to 39, or 64/)
    }
  })

  it('are the next that the board has where a zone names none, and an expander is offered when there are no more', () => {
    const found = problems((panel) => void panel.zones.push({ name: 'Attic', type: 'perimeter' }))
    expect(found).toEqual([
      'zones[2].pin is missing: give an input of a port expander, 64 to 174, or of an ADS1115, 192 to 207; devkitc-4x3 itself has GPIO 34 and 35 for zones',
    ])
  })

  it('have one use each', () => {
    const twice = problems((panel) => {
      for (const zone of panel.zones) zone.pin = 100
    })
    expect(twice).toEqual(['zones[1].pin is 100: give it another input, zone 1 has this one'])
    expect(ofZone({ pin: 27 })[0]).toMatch(/^GPIO27 is used twice, as keypad column 1 and zone 1/)
    expect(ofZone({ pin: 9 })[0]).toContain('GPIO9 cannot be the zone 1 (Front door): it belongs to the flash chip')
  })

  it('of the panel are checked in number, range and against the board', () => {
    const pins = judge(sound(), find('devkitc-4x3')).config?.pins as Loose
    const withPins = (change: Loose) => problems((panel) => void (panel.pins = { ...pins, ...change }))
    expect(withPins({})).toEqual([])
    expect(withPins({ rows: [13, 14, 15] })).toEqual(['pins.rows has 3 entries: use 4 rows'])
    expect(withPins({ columns: [27, 36] })).toEqual(['pins.columns has 2 entries: use 3 to 4 columns'])
    expect(withPins({ sirenRest: 2 })[0]).toMatch(/^pins.sirenRest is 2: use a whole number from 0 to 1 \(O-3\)/)
    expect(withPins({ modemSupply: -2 })[0]).toMatch(/^pins.modemSupply is -2/)
    expect(withPins({ siren: 37 })[0]).toMatch(/^GPIO37 cannot be the siren/)
    expect(withPins({ siren: 40 })[0]).toMatch(/^pins.siren is 40: use a GPIO from 0 to 39, or 64 \+ 16/)
    expect(withPins({ modemPowerKey: 64 })[0]).toMatch(/^pins.modemPowerKey is 64: use a whole number from 0 to 39/)
    expect(withPins({ sirenRest: 1 })[0]).toContain('use a board whose siren is of the other kind')
  })
})

describe('outputs at a port expander (firmware/io/output-port.ts)', () => {
  const follows = 'armed'
  const board = find('t-a7670')
  const zones = [{ name: 'Zone', type: 'perimeter', pin: 80 }]
  const at = (change: Loose, map = find('devkitc-4x3')) => check({ ...sound(), ...change }, map)

  it('may be on any board, GPA7 and GPB7 too, and all that the board itself has are where its map has them', () => {
    const outputs = [64, 71, 79].map((pin) => ({ pin, follows }))
    expect(at({ outputs })).toEqual([])
    expect(at({ outputs: [{ pin: 175, follows }] })).toEqual([])
    expect(at({ zones: [{ ...zones[0], pin: 96 }], outputs: [{ pin: 68, follows }] }, board)).toEqual([])
  })

  it('have one use each, and only those that exist', () => {
    expect(at({ zones: [{ ...zones[0], pin: 96 }], outputs: [{ pin: 64, follows }] }, board)).toEqual([
      'pin 64 is used twice, as siren and output 1 (armed): pin 68 is free and suits',
    ])
    expect(at({ outputs: [{ pin: 176, follows }] })[0]).toMatch(
      /^outputs\[0\].pin is 176: use a GPIO from 0 to 39, or 64/,
    )
  })

  it('are at one chip, the board’s if it has one', () => {
    const outputs = [
      { pin: 64, follows },
      { pin: 80, follows },
    ]
    expect(at({ outputs })).toEqual(['outputs[1].pin is 80: use 64 to 79, all outputs are at one MCP23017'])
    expect(at({ zones: [{ ...zones[0], pin: 96 }], outputs: [outputs[1]] }, board)).toEqual([
      'outputs[0].pin is 80: use 64 to 79, all outputs are at one MCP23017',
    ])
  })

  it('share their chip with no zone and no keypad', () => {
    const outputs = [{ pin: 80, follows }]
    expect(at({ outputs, zones })).toEqual([
      'zones[0].pin is 80: give it an input of another chip, outputs are at this one',
    ])
    expect(at({ outputs, keypads: [{ chip: 1, display: '0x3f' }] })).toEqual([
      'keypads[0].chip is 1: give it another chip, outputs are at this one',
    ])
    expect(at({ outputs, keypads: [{ chip: 2, display: '0x21' }] })).toEqual([
      "keypads[0].display is '0x21': give it another address, outputs are at this one",
    ])
    expect(at({ zones: [{ ...zones[0], pin: 96 }], keypad: '0x20' }, board)).toEqual([
      "keypad is '0x20': give it another address, outputs are at this one",
    ])
  })

  it('are no siren where boot would not know of it (P-8)', () => {
    const pins = { ...(judge(sound(), find('devkitc-4x3')).config?.pins as Loose), siren: 64, light: 65 }
    expect(at({ pins })).toEqual([
      'pin 64 cannot be the siren: devkitc-4x3 does not know of it at power-up; leave it at 4',
    ])
  })
})

describe('further keypads (L-5)', () => {
  const told = (keypads: Loose, pin = 64) =>
    problems((panel) => {
      panel.keypads = keypads
      panel.zones[1].pin = pin
    })

  it('are up to three, each with a chip and a display of its own', () => {
    const three = [
      { chip: 6, display: '0x3F' },
      { chip: 5, display: '0x38' },
      { chip: 4, display: '0x21' },
    ]
    expect(told(three)).toEqual([])
    expect(told([...three, { chip: 3, display: '0x39' }])).toEqual(['keypads has 4 entries: use 0 to 3 keypads'])
  })

  it.each([
    [
      'the first display’s address',
      { chip: 6, display: '0x27' },
      /^keypads\[0\].display is '0x27': use 0x20 to 0x26, or 0x38/,
    ],
    ['a chip that is none', { chip: 7, display: '0x3F' }, /^keypads\[0\].chip is 7: use a whole number from 0 to 6/],
    [
      'a chip that zones have',
      { chip: 0, display: '0x3F' },
      /^keypads\[0\].chip is 0: give it another chip, zone 2 is at this/,
    ],
    [
      'a display where zones are',
      { chip: 1, display: '0x20' },
      /^keypads\[0\].display is '0x20': give it another address, zones/,
    ],
    [
      'a display where its chip is',
      { chip: 1, display: '0x21' },
      /display is '0x21': .* keypads\[0\].chip has this one$/,
    ],
  ])('refuse %s', (_name, keypad, said) => {
    const found = told([keypad])
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(said)
  })

  it('refuse an address that another of them has', () => {
    const one = { chip: 6, display: '0x3F' }
    expect(told([one, { chip: 6, display: '0x38' }])[0]).toMatch(/^keypads\[1\].chip is 6: .* keypads\[0\].chip has/)
    expect(told([one, { chip: 5, display: '0x3f' }])[0]).toMatch(/^keypads\[1\].display .* keypads\[0\].display has/)
    expect(told([one, { chip: 5, display: '0x26' }])[0]).toMatch(/^keypads\[1\].display .* keypads\[0\].chip has/)
  })
})

describe('a battery test with arming (S-3)', () => {
  const advice =
    'testAtArming is true: give pins.batterySense and an output that follows batteryLoad, or set it to false (S-3)'

  it('is refused where nothing measures the battery, or nothing loads it', () => {
    const told = (hasSense: boolean, hasLoad: boolean) =>
      problems((panel) => {
        panel.testAtArming = true
        panel.pins = { ...demoConfig().pins, ...(hasSense ? { batterySense: 34 } : {}) }
        if (hasLoad) panel.outputs = [{ pin: 12, follows: 'batteryLoad' }]
      }).filter((text) => !text.startsWith('GPIO')) // the board has no pin left for both
    expect([told(false, false), told(true, false), told(false, true)]).toEqual([[advice], [advice], [advice]])
    expect(told(true, true)).toEqual([])
  })
})

describe('profile SIA', () => {
  it('wants entry delay and abort window together within 60 s (A-8)', () => {
    const set = (entryDelaySeconds: number, abortSeconds: number) =>
      problems((panel) => Object.assign(panel, { entryDelaySeconds, abortSeconds }))
    expect(set(45, 15)).toEqual([])
    expect(set(60, 0)).toEqual([])
    expect(set(31, 30)).toEqual([
      'entryDelaySeconds is 31: use at most 30, with abortSeconds 30 it may be 60 in profile SIA (A-8)',
    ])
  })

  it('counts entry delay 2 only when a zone has it (A-5, A-8)', () => {
    expect(problems((panel) => void (panel.entryDelay2Seconds = 240))).toEqual([])
    expect(ofZone({ type: 'entryExit2' })).toEqual([
      'entryDelay2Seconds is 60: use at most 30, with abortSeconds 30 it may be 60 in profile SIA (A-8)',
    ])
    expect(ofZone({ type: 'entryExit2' }, { entryDelay2Seconds: 40, abortSeconds: 20 })).toEqual([])
  })

  it('cuts a swinger off after 1 to 6 alarms (A-10)', () => {
    const set = (swingerLimit: number) => problems((panel) => void (panel.swingerLimit = swingerLimit))
    for (const limit of [1, 6]) expect(set(limit)).toEqual([])
    for (const limit of [0, 7])
      expect(set(limit)).toEqual([`swingerLimit is ${limit}: use 1 to 6 in profile SIA (A-10)`])
    expect(set(15)).toEqual(['swingerLimit is 15: use a whole number from 0 to 14 (A-10)'])
  })
})

describe('profile EN', () => {
  const en = (change: Loose) => problems((panel) => Object.assign(panel, { profile: 'EN' }, change))

  it('has entry delays up to 45 s, whatever the abort window (A-6)', () => {
    expect(en({ entryDelaySeconds: 45, abortSeconds: 45 })).toEqual([])
    expect(en({ entryDelaySeconds: 46 })).toEqual(['entryDelaySeconds is 46: use at most 45 in profile EN (A-6)'])
    expect(ofZone({ type: 'entryExit2' }, { profile: 'EN' })).toEqual([
      'entryDelay2Seconds is 60: use at most 45 in profile EN (A-6)',
    ])
  })

  it('sounds for 2 to 15 min, arms with a code, has 5 digits, and swingers as one likes (A-13, A-33, C-2, A-10)', () => {
    for (const change of [
      { sirenMinutes: 2 },
      { sirenMinutes: 15 },
      { codeLength: 5 },
      { swingerLimit: 0 },
      { swingerLimit: 14 },
    ])
      expect(en(change)).toEqual([])
    expect(en({ sirenMinutes: 1 })).toEqual(['sirenMinutes is 1: use 2 to 15 in profile EN (A-13)'])
    expect(en({ sirenMinutes: 16 })).toHaveLength(1)
    expect(en({ quickArm: true })).toEqual(['quickArm is true: use false in profile EN (A-33)'])
    expect(en({ codeLength: 4 })).toEqual(['codeLength is 4: use 5 to 8 in profile EN (C-2)'])
  })

  it('processes signals of 400 ms (W-10)', () => {
    expect(ofZone({ responseMs: 400 }, { profile: 'EN' })).toEqual([])
    expect(ofZone({ responseMs: 420 }, { profile: 'EN' })).toEqual([
      'zones[0].responseMs is 420: use at most 400 in profile EN (W-10)',
    ])
  })
})

describe('a text', () => {
  const map = find('devkitc-4x3')
  const text = JSON.stringify(demoPanel, null, 2)
  const lineWith = (part: string, of = text) => of.split('\n').findIndex((line) => line.includes(part)) + 1

  it('is judged as what it says, comments and a last comma allowed', () => {
    const { problems: found, config } = judgeText(`// Anna's\n${text.replace(/}$/, ',}')}`, map)
    expect(found).toEqual([])
    expect(config?.zones.count).toBe(2)
  })

  it('has each problem with its line, in order', () => {
    const wrong = text
      .replace('"entryExit1"', '"entryExit"')
      .replace('"exitDelaySeconds": 60', '"exitDelaySeconds": 20')
      .replace('"abortSeconds"', '"abortSecond"')
    const { problems: found, config } = judgeText(wrong, map)
    expect(config).toBeUndefined()
    expect(found.map((problem) => problem.split(':')[0])).toEqual([
      `line ${lineWith('exitDelay', wrong)}`,
      `line ${lineWith('abortSecond', wrong)}`,
      `line ${lineWith('"entryExit"', wrong)}`,
    ])
    expect(found[0]).toContain('exitDelaySeconds is 20: use a whole number from 45 to 255 (A-1)')
  })

  it('has the line of the object that lacks a field, and of a zone whose GPIO is taken', () => {
    const lacking = text.replace(/\n *"isMonitoring": true/, '').replace(/("key": "[0-9A-F]*"),/, '$1')
    expect(judgeText(lacking, map).problems[0]).toMatch(/^line 5: receivers\[0\].isMonitoring is missing/)
    const taken = text.replace('"type": "perimeter"', '"type": "perimeter",\n      "pin": 4')
    expect(judgeText(taken, map).problems).toEqual([
      expect.stringMatching(new RegExp(`^line ${lineWith('"pin": 4', taken)}: GPIO4 is used twice`)),
    ])
  })

  it('that is no JSON has the line of the first mistake', () => {
    expect(judgeText('{\n  "zones": [\n    oops\n', map).problems).toEqual([
      expect.stringMatching(/^line 3: this is not JSON \(InvalidSymbol\)/),
    ])
    expect(judgeText('', map).problems).toEqual([expect.stringMatching(/^line 1: this is not JSON/)])
  })

  it('with a field twice is refused: JSON would take the last, and nobody would see it', () => {
    const twice = text.replace('"category": "DP2",', '"category": "DP2",\n  "category": "DP4",')
    expect(judgeText(twice, map).problems).toEqual([
      `line ${lineWith('"category"', twice)}: category stands there twice: leave one out`,
    ])
  })
})
