/**
 * The questions of `npm run configure`, in the order in which a newcomer can answer them: board, keypad, zones, paths,
 * station, users. Each answer is judged by the schema's own field, so a question says what the check would say.
 * No codes: they never stand in a file. ./flash.sh asks for them, twice and hidden.
 */

import { BOARDS, type BoardMap, find, IMPOSSIBLE } from '../boards/index'
import { judge } from '../config/check'
import { FIRST_INPUT, LAST_INPUT, STYLES } from '../config/loops'
import { FIRST_EXPANDER, type PanelInput, panelSchema, ZONES } from '../config/schema'
import { ROLES } from '../config/users'
import { ZONE_TYPES } from '../config/zone-types'
import type { Ask, Choice } from './ask'
import { freeInputs, nameOf } from './inputs'

const shape = panelSchema.shape
const receiverShape = shape.receivers.element.shape
const zoneShape = shape.zones.element.shape
const userShape = shape.users.unwrap().element.shape
const loopShape = zoneShape.loop.unwrap().shape

export const SECTIONS = ['board', 'keypad', 'zones', 'paths', 'station', 'users'] as const
export type Section = (typeof SECTIONS)[number]

/** What is known so far. */
export type Draft = Partial<PanelInput> & { board: string }

/** What most zones are; the others come behind "another type". */
const USUAL: Choice[] = [
  { value: 'entryExit1', hint: 'the door by which you come home: an entry delay, then the alarm' },
  { value: 'perimeter', hint: 'windows and other doors: an alarm at once while armed' },
  { value: 'follower', hint: 'a motion detector on the way from the door to the keypad' },
  { value: 'interiorDelayed', hint: 'a motion detector inside: off in STAY' },
  { value: 'fire', hint: 'a smoke detector: always on' },
  { value: 'tamper', hint: 'the contact of a box or a detector: always on' },
]

interface Schema {
  safeParse(value: unknown): { success: boolean; error?: { issues: { message: string }[] } }
}

/** '' when the field takes the value, else its sentence. */
function against(field: Schema, value: unknown): string {
  const found = field.safeParse(value)
  const message = found.error?.issues[0]?.message ?? ''
  return found.success ? '' : `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
}

const number = (field: Schema) => (answer: string) => against(field, answer === '' ? Number.NaN : Number(answer))
const words = (field: Schema) => (answer: string) => against(field, answer)

/** Asks one section and puts its answers into the draft. mac: for a W5500, which has none of its own. */
export async function askSection(section: Section, draft: Draft, ask: Ask, mac: string): Promise<void> {
  if (section === 'board') await askBoard(draft, ask)
  else if (section === 'keypad') await askKeypad(draft, ask)
  else if (section === 'zones') await askZones(draft, ask)
  else if (section === 'paths') await askPaths(draft, ask, mac)
  else if (section === 'station') await askStation(draft, ask)
  else await askUsers(draft, ask)
}

/** Everything, then what is wrong with it together, until nothing is. */
export async function configure(ask: Ask, mac: string): Promise<PanelInput> {
  const draft: Draft = { board: '' }
  for (const section of SECTIONS) await askSection(section, draft, ask, mac)
  for (;;) {
    const panel = draft as unknown as PanelInput
    const { problems } = judge(panel, find(draft.board))
    if (problems.length === 0) return panel
    ask.say(`Together there is something wrong:\n${problems.map(({ text }) => `  ${text}`).join('\n')}`)
    const section = await ask.choose(
      'What do you want to answer anew?',
      SECTIONS.map((value) => ({ value })),
      sectionOf(problems[0].path[0]),
    )
    await askSection(section as Section, draft, ask, mac)
  }
}

/** Where the field of a problem is asked for. */
function sectionOf(field: string | number | undefined): Section {
  if (field === 'zones' || field === 'loopSupply' || field === 'pins') return 'zones'
  if (field === 'receivers' || field === 'category') return 'station'
  if (field === 'ethernet' || field === 'cellular') return 'paths'
  return field === 'users' ? 'users' : field === 'board' ? 'board' : 'keypad'
}

async function askBoard(draft: Draft, ask: Ask): Promise<void> {
  const boards = BOARDS.map(({ name, title }) => ({ value: name, name: `${name}: ${title}` }))
  const other = { value: '', name: 'another board' }
  for (;;) {
    const board = await ask.choose('Which board and keypad do you have?', [...boards, other], boards[0].value)
    if (board !== '') {
      draft.board = board
      for (const note of find(board).notes) ask.say(`  ${note}`)
      break
    }
    ask.say(
      `These cannot carry the panel:\n${IMPOSSIBLE.map(({ title, reason }) => `  ${title}: ${reason}`).join('\n')}`,
    )
  }
  const profile = await ask.choose('Whose rules should it follow?', [
    { value: 'SIA', name: 'North America (SIA)' },
    { value: 'EN', name: 'Europe (EN)' },
  ])
  draft.profile = profile as 'SIA' | 'EN'
  // with these presets nothing is against the profile.
  draft.abortSeconds = profile === 'EN' ? 0 : 30
}

async function askKeypad(draft: Draft, ask: Ask): Promise<void> {
  const length = await ask.text('How many digits has a code?', '6', number(shape.codeLength))
  draft.codeLength = Number(length)
  draft.exitDelaySeconds = Number(await ask.text('Seconds to leave the house', '60', number(shape.exitDelaySeconds)))
  draft.entryDelaySeconds = Number(
    await ask.text('Seconds from the door to the keypad', '30', number(shape.entryDelaySeconds)),
  )
}

async function askZones(draft: Draft, ask: Ask): Promise<void> {
  const zones: PanelInput['zones'] = []
  const map = find(draft.board)
  for (;;) {
    const at = zones.length + 1
    const preset = at === 1 ? 'Front door' : ''
    const question =
      at === 1 ? 'Name of zone 1, as the display shows it' : `Name of zone ${at} (empty when there are no more)`
    const name = await ask.text(question, preset, (answer) =>
      answer === '' && at > 1 ? '' : against(zoneShape.name, answer),
    )
    if (name === '') break
    zones.push(await askZone(name, zones, map, ask))
    if (zones.length === ZONES) break
  }
  draft.zones = zones
  delete draft.loopSupply
  const measured = zones.map(({ pin }) => pin ?? -1).filter((pin) => pin >= FIRST_INPUT)
  if (measured.length === 0) return
  ask.say('An input that measures the 3.3 V of the loops makes them exact, whatever the regulator gives (W-2).')
  const isFree = (input: number) => !measured.includes(input)
  const spare = Array.from({ length: LAST_INPUT - FIRST_INPUT + 1 }, (_, at) => LAST_INPUT - at).filter(isFree)
  // The last input of the last chip that is there anyway.
  const chip = Math.max(...measured.map((pin) => (pin - FIRST_INPUT) >> 2))
  const input =
    spare.find((pin) => (pin - FIRST_INPUT) >> 2 === chip) ?? spare.find((pin) => (pin - FIRST_INPUT) >> 2 === chip + 1)
  if (input !== undefined && (await ask.yes(`Wire ${nameOf(input)} to 3.3 V?`, true))) draft.loopSupply = input
}

async function askZone(
  name: string,
  zones: PanelInput['zones'],
  map: BoardMap,
  ask: Ask,
): Promise<PanelInput['zones'][number]> {
  const more = { value: '', name: 'another type' }
  let type = await ask.choose(`What is ${name}?`, [...USUAL, more])
  if (type === '')
    type = await ask.choose(
      'Which type?',
      ZONE_TYPES.map((value) => ({ value })),
    )
  const inputs = freeInputs(
    map,
    zones.map(({ pin }) => pin ?? -1),
  )
  const pin = Number(await ask.choose('Where is it wired to?', inputs))
  const zone: PanelInput['zones'][number] = { name, type: type as (typeof ZONE_TYPES)[number], pin }
  const canMeasure = pin >= FIRST_INPUT || (pin >= 32 && pin < FIRST_EXPANDER)
  if (canMeasure) await askLoop(zone, ask)
  return zone
}

const LOOPS: Record<(typeof STYLES)[number], string> = {
  NC: 'a contact that opens, no resistor',
  NO: 'a contact that closes, no resistor',
  SEOL: 'one resistor at the end: a short is seen',
  DEOL: 'two resistors: alarm, cut and short are told apart',
  TEOL: 'three resistors: a fault or masking contact too',
}

async function askLoop(zone: PanelInput['zones'][number], ask: Ask): Promise<void> {
  const must = (zone.pin as number) >= FIRST_INPUT
  const style = await ask.choose(
    'How is its loop made?',
    STYLES.map((value) => ({ value, name: `${value}: ${LOOPS[value]}` })),
    must ? 'DEOL' : 'NC',
  )
  if (style === 'NC' && !must) return
  const loop: NonNullable<typeof zone.loop> = { style: style as (typeof STYLES)[number] }
  const ohms = async (what: string, field: 'eolOhms' | 'alarmOhms' | 'faultOhms', preset: string) => {
    loop[field] = Number(await ask.text(`Ohms ${what}`, preset, number(loopShape[field])))
  }
  if (style !== 'NC' && style !== 'NO') await ohms('at the end of the line', 'eolOhms', '4700')
  if (style === 'DEOL') await ohms('across the alarm contact', 'alarmOhms', '4700')
  if (style === 'TEOL') {
    await ohms('across the fault contact', 'faultOhms', '4700')
    await ohms('across the alarm contact', 'alarmOhms', '10000')
    loop.tolerancePercent = 1
  }
  zone.loop = loop
}

async function askPaths(draft: Draft, ask: Ask, mac: string): Promise<void> {
  const isDynamic = await ask.yes('Does your router give addresses (DHCP)?', true)
  draft.ethernet = { mac, isDynamic }
  if (!isDynamic) {
    const field = shape.ethernet.shape
    draft.ethernet.address = await ask.text('Address of the panel, such as 192.168.1.50', '', words(field.address))
    draft.ethernet.mask = await ask.text('Mask', '255.255.255.0', words(field.mask))
    draft.ethernet.gateway = await ask.text('Address of the router', '', words(field.gateway))
  }
  const cellular = shape.cellular.unwrap().shape
  draft.cellular = { apn: await ask.text('Access point name of the SIM (APN)', 'internet', words(cellular.apn)) }
  const simPin = await ask.hidden('PIN of the SIM (empty when it asks for none)', words(cellular.simPin))
  if (simPin !== '') draft.cellular.simPin = simPin
}

async function askStation(draft: Draft, ask: Ask): Promise<void> {
  ask.say('The station has to agree to each of these: ask it for host, port, account and key.')
  const host = await ask.text('Host or address of the receiver', '', words(receiverShape.host))
  const port = Number(await ask.text('Port', '12128', number(receiverShape.port)))
  const protocol = await ask.choose('Protocol', [{ value: 'tcp' }, { value: 'udp' }], 'tcp')
  const account = await ask.text('Account, 3 to 16 hex digits', '1234', words(receiverShape.account))
  const key = await ask.hidden(
    'AES key in hex (empty for reports in clear, which anybody on the way can read)',
    words(receiverShape.key),
  )
  const isMonitoring = await ask.yes(
    'Do people act on its calls (a monitoring station, and no display in the house)?',
    true,
  )
  draft.receivers = [
    { host, port, protocol: protocol as 'tcp' | 'udp', account, ...(key === '' ? {} : { key }), isMonitoring },
  ]
  if (!isMonitoring) ask.say('Then there are no duress codes: nobody would hear the call (D-19).')
}

async function askUsers(draft: Draft, ask: Ask): Promise<void> {
  ask.say('Who has a code? The codes themselves are asked by ./flash.sh, twice and hidden, and stand in no file.')
  const users: NonNullable<PanelInput['users']> = []
  const hears = draft.receivers?.some(({ isMonitoring }) => isMonitoring) === true
  for (;;) {
    const at = users.filter(({ duressOf }) => duressOf === undefined).length + 1
    const question = at === 1 ? 'Name of the first person' : `Name of person ${at} (empty when there are no more)`
    const name = await ask.text(question, '', (answer) =>
      answer === '' ? (at > 1 ? '' : 'Give a name.') : against(userShape.name, answer),
    )
    if (name === '') break
    const roles = ROLES.filter((role) => role !== 'oneTime' && role !== 'temporary')
    const role = await ask.choose(
      `What may ${name} do?`,
      roles.map((value) => ({ value, hint: RIGHTS[value] })),
      'user',
    )
    users.push({ user: at, name, ...(role === 'user' ? {} : { role: role as (typeof ROLES)[number] }) })
    // D-5: whoever has menus cannot have one, the difference would show.
    if (!hears || !['user', 'armOnly', 'guest'].includes(role)) continue
    if (await ask.yes(`A duress code for ${name}: it disarms as usual, and calls for help silently?`, true)) {
      users.push({ user: FIRST_DURESS + at - 1, duressOf: at })
    }
    if (at === FIRST_DURESS - 1) break
  }
  draft.users = users
}

/** Slot of the duress code of user 1. */
const FIRST_DURESS = 33

const RIGHTS: Partial<Record<(typeof ROLES)[number], string>> = {
  installer: 'programs the panel; cannot arm or disarm without leave',
  master: 'everything, and gives codes to others',
  manager: 'gives codes to others',
  user: 'arms and disarms',
  armOnly: 'arms, and disarms nothing',
  guest: 'disarms only what a guest has armed',
  service: 'for the one who maintains it',
}
