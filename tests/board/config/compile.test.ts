import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { find } from '../../../board/boards/index'
import { configText, judge } from '../../../board/config/check'
import { compile } from '../../../board/config/compile'
import { SCHEMA_PATH, schemaText } from '../../../board/config/json-schema'
import { panelSchema } from '../../../board/config/schema'
import { ZONE_TYPES } from '../../../board/config/zone-types'
import { type Config, ZoneType } from '../../../firmware/config'
import { demoConfig } from '../../../hal-mock/demo'
import { type Change, type Loose, sound } from './sound'

function compiled(change: Change = () => {}): Config {
  const { problems, config } = judge(sound(change), find('devkitc-4x3'))
  expect(problems).toEqual([])
  return config as Config
}

/** Flags of a zone, as firmware/config.ts numbers them, written anew. */
const [CHIME, BYPASSABLE, FORCE, SILENT, NIGHT, SWINGER, ABORT, WATCH] = [1, 2, 4, 8, 16, 32, 64, 128]

function flags(zone: Loose, more: Loose = {}): number {
  return compiled((panel) => {
    Object.assign(panel.zones[0], zone)
    Object.assign(panel, more)
  }).zones.flags[0]
}

describe('compile', () => {
  it('makes the record of the bench of docs/demo-panel.json', () => {
    expect(compiled()).toEqual(demoConfig())
  })

  it('numbers every zone type as the firmware does', () => {
    for (const type of ZONE_TYPES) {
      const name = type
        .replace('24h', '_24H')
        .replace(/(\d)$/, '_$1')
        .replace(/[A-Z](?=[a-z])/g, (letter) => `_${letter}`)
        .toUpperCase()
      const config = compiled((panel) => {
        panel.entryDelay2Seconds = 30
        panel.zones[0].type = type
      })
      expect(config.zones.types[0], type).toBe(ZoneType[name as keyof typeof ZoneType])
    }
  })

  it('gives a zone the attributes that its type suggests (Z-7, Z-9, Z-12, A-7, A-10)', () => {
    expect(flags({ type: 'perimeter' })).toBe(BYPASSABLE + SWINGER + ABORT)
    expect(flags({ type: 'burglary24h' })).toBe(BYPASSABLE + SWINGER + ABORT)
    expect(flags({ type: 'silentBurglary' })).toBe(BYPASSABLE + SILENT + SWINGER + ABORT)
    expect(flags({ type: 'fire' })).toBe(0)
    expect(flags({ type: 'fire', delayed: true })).toBe(ABORT) // Z-11
    expect(flags({ type: 'holdUp' })).toBe(SILENT)
    expect(flags({ type: 'medical' })).toBe(BYPASSABLE)
    expect(flags({ type: 'water' })).toBe(BYPASSABLE + SWINGER)
  })

  it('gives a zone the attributes that are asked for', () => {
    expect(flags({ bypassable: false, swinger: false, abort: false })).toBe(0)
    const all = { type: 'follower', chime: true, forceArmable: true, silent: true, night: true, sensorWatch: true }
    expect(flags(all, { sensorWatchDays: 7 })).toBe(
      CHIME + BYPASSABLE + FORCE + SILENT + NIGHT + SWINGER + ABORT + WATCH,
    )
  })

  it('has options as bits, the first partition in bit 0, and lists of rare fields only when they say something', () => {
    const config = compiled((panel) => {
      Object.assign(panel, {
        exitRestart: false,
        stayDoubleExit: true,
        autoStay: false,
        quickArm: true,
        quickExit: true,
        silentPanic: false,
        audiblePanic: false,
        firePanic: false,
      })
      panel.partitions = [{ name: 'House' }, { name: 'Shop' }, { name: 'Cellar' }]
      Object.assign(panel.zones[1], { partitions: [1, 3], crossZone: 2, responseMs: 100, pulses: 3 })
    })
    expect(config.options).toBe(2 + 8 + 16 + 16384)
    expect(config.partitions).toBe('House\nShop\nCellar')
    expect(config.zones).toMatchObject({ partitions: [1, 5], cross: [0, 2], responses: [20, 5], pulses: [1, 3] })
    // Exit restart and the three chords are on by default (A-2, K-3); the sound panel has no stay by itself.
    expect(compiled((panel) => void (panel.profile = 'EN')).options).toBe(1 + 32 + 64 + 128 + 256 + 16384)
    for (const [field, bit] of Object.entries({
      autoStay: 4,
      hiddenEntry: 512,
      blanking: 1024,
      lockoutTamper: 2048,
      fireByMaster: 4096,
    })) {
      expect(compiled((panel) => void (panel[field] = true)).options & bit, field).toBe(bit)
    }
    const tested = sound((panel) => void (panel.testAtArming = true))
    expect(compile(panelSchema.parse(tested), find('devkitc-4x3')).options & 8192).toBe(8192) // S-3
    expect(compiled((panel) => void (panel.duressCodes = false)).options & 32768).toBe(32768) // D-25
    expect(compiled().options & 32768).toBe(0)
    const plain = Object.keys(compiled().zones)
    for (const field of ['cross', 'responses', 'pulses']) expect(plain).not.toContain(field)
  })

  it('has further keypads as two numbers each, and nothing of them when there are none (L-5)', () => {
    const keypads = [
      { chip: 6, display: '0x3F' },
      { chip: 5, display: '0x20' },
    ]
    expect(compiled((panel) => void (panel.keypads = keypads)).keypads).toEqual([6, 63, 5, 32])
    expect(compiled()).not.toHaveProperty('keypads')
  })

  it('has the hour of arming by itself as a minute, -1 for never, and outputs with what they follow (A-36, O-6)', () => {
    expect(compiled().autoArmMinute).toBe(-1)
    expect(compiled((panel) => void (panel.autoArm = '22:30')).autoArmMinute).toBe(1350)
    expect(compiled().outputs).toBeUndefined()
    const follows = ['armed', 'ready', 'exit', 'entry', 'burglary', 'fire', 'trouble', 'detectorPower', 'duress']
    follows.forEach((word, place) => {
      const written = sound((panel) => void (panel.outputs = [{ pin: 12, follows: word }]))
      const { outputs } = compile(panelSchema.parse(written), find('devkitc-4x3'))
      expect(outputs).toEqual({ pins: [12], follows: [place] })
    })
  })

  it('says of the response time that a longer one can miss real alarms (W-12)', () => {
    expect(readFileSync(new URL('../../../docs/settings.md', import.meta.url), 'utf8')).toContain(
      'can miss real alarms (W-12)',
    )
  })

  it("gives zones without a pin the board's, past those that others name", () => {
    const config = compiled((panel) => {
      panel.zones = [
        { name: 'A', type: 'perimeter', pin: 64 },
        { name: 'B', type: 'perimeter' },
        { name: 'C', type: 'perimeter', pin: 34 },
      ]
    })
    expect(config.zones.pins).toEqual([64, 35, 34])
  })
})

describe('64 zones', () => {
  /** Names of so many characters, every second zone with attributes of its own. */
  const many = (receivers: number, length: number, attributes: Loose) => (panel: Loose) => {
    panel.zones = Array.from({ length: 64 }, (_, at) => ({
      name: `${at} Bedroom window`.slice(0, length),
      type: at % 9 === 0 ? 'follower' : 'perimeter',
      pin: at < 2 ? 34 + at : 62 + at + Math.floor((at - 2) / 7),
      ...(at % 2 === 0 ? attributes : {}),
    }))
    panel.receivers = Array.from({ length: receivers }, (_, at) => ({ ...panel.receivers[0], isBackup: at > 0 }))
  }

  /** What is left of 4000 bytes behind secret, code table, two words a slot and salt (docs/flash-layout.md). */
  const ROOM = 4000 - 44 - 512 - 2 * 128 - 16

  it('fit into the settings, with names of 13 characters and two receivers, or with all rare fields but one', () => {
    for (const change of [many(2, 13, { chime: true }), many(1, 13, { crossZone: 3, responseMs: 280 })]) {
      const config = compiled(change)
      expect(config.zones.count).toBe(64)
      expect(configText(config).length).toBeLessThanOrEqual(ROOM)
    }
  })

  it('that are too much are told, with what to do', () => {
    const { problems, config } = judge(
      sound(many(4, 13, { crossZone: 3, responseMs: 280, pulses: 2 })),
      find('devkitc-4x3'),
    )
    expect(config).toBeUndefined()
    expect(problems.map((problem) => problem.text)).toEqual([
      expect.stringMatching(/^the settings take \d+ bytes more than the panel has room for: use shorter names/),
    ])
  })
})

describe('docs/settings.md', () => {
  it('names every field and every zone type', () => {
    const text = readFileSync(new URL('../../../docs/settings.md', import.meta.url), 'utf8')
    const named = [...text.matchAll(/`([A-Za-z0-9$]+)`/g)].map((found) => found[1])
    const zone = panelSchema.shape.zones.element.shape
    const { ethernet, cellular } = panelSchema.shape
    const pins = panelSchema.shape.pins.unwrap().shape
    const user = panelSchema.shape.users.unwrap().element.shape
    const groups = [panelSchema.shape, zone, user, ethernet.shape, cellular.unwrap().shape, pins]
    const fields = groups.flatMap((group) => Object.keys(group)).filter((field) => field !== '$schema')
    expect(fields.filter((field) => !named.includes(field))).toEqual([])
    expect(ZONE_TYPES.filter((type) => !named.includes(type))).toEqual([])
  })
})

describe('docs/schema/panel.schema.json', () => {
  it('is what the schema makes; when this fails: npm run schema', () => {
    expect(JSON.parse(readFileSync(SCHEMA_PATH, 'utf8'))).toEqual(JSON.parse(schemaText()))
  })

  it('has a text for each field that an editor shows, with range, unit and rule', () => {
    const made = JSON.parse(schemaText())
    for (const [name, field] of Object.entries<Loose>(made.properties)) {
      if (field.type !== 'object') expect(field.description, name).toMatch(/\.$/)
    }
    expect(made.properties.exitDelaySeconds).toEqual({
      default: 60,
      type: 'integer',
      minimum: 45,
      maximum: 255,
      description: 'Exit delay: 45-255 s (A-1).',
    })
    expect(made.properties.zones.items.additionalProperties).toBe(false)
    expect(Object.keys(made.properties)).toEqual(Object.keys(panelSchema.shape))
  })
})
