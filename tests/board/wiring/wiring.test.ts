import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { BOARDS, type BoardMap, find, type PinUse } from '../../../board/boards/index'
import { wired } from '../../../board/config/compile'
import { type Panel, panelSchema } from '../../../board/config/schema'
import { colours, draw } from '../../../board/wiring/draw'
import { headerOf } from '../../../board/wiring/headers'
import { BOX_WIDTH, layout, PAGE_WIDTH, type Run, signals } from '../../../board/wiring/layout'
import { main } from '../../../board/wiring/main'
import { inkWidth } from '../../../board/wiring/png'
import { resistorMark, type Sheet, sheetOf } from '../../../board/wiring/sheet'
import { tableOf } from '../../../board/wiring/table'
import { type Change, sound } from '../config/sound'

const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'panel-wiring-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const REFERENCE = JSON.parse(readFileSync(join(DOCS, 'reference-panel.json'), 'utf8'))

function panelOn(map: BoardMap, given: unknown): Panel {
  return wired(panelSchema.parse(given), map)
}

/** As many chips, keypads and zones as a panel can have. */
const LARGE: Change = (panel) => {
  panel.keypads = [
    { chip: 4, display: '0x38' },
    { chip: 5, display: '0x39' },
    { chip: 6, display: '0x3a' },
  ]
  panel.zones = []
  for (let zone = 0; zone < 50; zone++) {
    const input = zone % 14
    const pin = 64 + 16 * Math.floor(zone / 14) + input + (input > 6 ? 1 : 0)
    panel.zones.push({ name: `Zone ${zone + 1}`, type: 'perimeter', pin })
  }
}

const CASES: [string, BoardMap, unknown][] = [
  ...BOARDS.map((map): [string, BoardMap, unknown] => [map.name, map, sound()]),
  ['devkitc-wiegand with loops and two keypads', find('devkitc-wiegand'), REFERENCE],
  ['devkitc-4x3 with 50 zones and four keypads', find('devkitc-4x3'), sound(LARGE)],
]

const sheetFor = (map: BoardMap, given: unknown): Sheet => sheetOf(panelOn(map, given), map, 'Wiring')

/** Of a text with the font that the picture asks for first. */
function widthOf(words: string, size: number, weight: string): number {
  const text = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const font = `font-family="DejaVu Sans" font-size="${size}" font-weight="${weight}"`
  return inkWidth(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 20"><text x="0" y="10" ${font}>${text}</text></svg>`,
  )
}

/** Pairs of wires that lie on one line for a while, so that nobody can tell which is which. */
function shared(runs: Run[]): string[] {
  const lines = runs.flatMap(({ gpio, lines: all }) => all.map(([from, to]) => ({ gpio, from, to })))
  const found: string[] = []
  for (const one of lines) {
    for (const other of lines) {
      if (one.gpio >= other.gpio) continue
      for (const axis of [0, 1]) {
        const across = 1 - axis
        const isAlong = one.from[across] === one.to[across] && other.from[across] === other.to[across]
        if (!isAlong || Math.abs(one.from[across] - other.from[across]) > 0.4) continue
        const start = Math.max(Math.min(one.from[axis], one.to[axis]), Math.min(other.from[axis], other.to[axis]))
        const end = Math.min(Math.max(one.from[axis], one.to[axis]), Math.max(other.from[axis], other.to[axis]))
        if (end > start) found.push(`GPIO${one.gpio} and GPIO${other.gpio}`)
      }
    }
  }
  return found
}

describe.each(CASES)('the wiring of %s', (_name, map, given) => {
  const sheet = sheetFor(map, given)
  const header = headerOf(map)
  const plan = layout(sheet, header)

  it('has every pin of the map that the panel uses, once, and takes each to its terminals', () => {
    const used = map.pins.filter(({ use }) => !['consoleTx', 'consoleRx', 'zone', 'other'].includes(use))
    for (const { gpio, role, isFixed } of used) {
      // What the maker soldered needs no wire, and an output of a chip none of the board's.
      expect(sheet.roles.has(gpio), role).toBe(!isFixed && gpio < 64)
    }
    for (const { gpio, lines, ends } of plan.runs) {
      const pin = plan.pins.find((candidate) => candidate.pin === gpio)
      const points = lines.flat().map(([x, y]) => `${x} ${y}`)
      expect(points).toContain(`${pin?.x} ${pin?.y}`)
      const wanted = sheet.boxes.flatMap((box) => signals(box)).filter(({ net }) => net === gpio)
      expect(ends).toHaveLength(wanted.length)
      for (const { x, y } of ends) expect(points).toContain(`${x} ${y}`)
    }
    expect(plan.runs.map(({ gpio }) => gpio).sort()).toEqual([...sheet.roles.keys()].sort())
  })

  it('has no two wires on one line, and none off the page or through a box', () => {
    expect(shared(plan.runs)).toEqual([])
    for (const { lines } of plan.runs) {
      for (const [x, y] of lines.flat()) {
        expect(x).toBeGreaterThanOrEqual(5 + BOX_WIDTH)
        expect(x).toBeLessThanOrEqual(PAGE_WIDTH - 5 - BOX_WIDTH)
        expect(y).toBeGreaterThan(17)
      }
    }
  })

  it('has boxes that do not overlap, and texts that fit into them', () => {
    for (const one of plan.placed) {
      for (const other of plan.placed) {
        if (one === other || one.x !== other.x) continue
        expect(one.y + one.height <= other.y || other.y + other.height <= one.y).toBe(true)
      }
      expect(widthOf(one.box.title, 2.6, 'bold'), one.box.title).toBeLessThan(BOX_WIDTH - 3)
      for (const note of one.box.notes) expect(widthOf(note, 2, 'normal'), note).toBeLessThan(BOX_WIDTH - 3)
      for (const { label, via } of signals(one.box)) {
        expect(widthOf(`${label}  (${via ?? ''})`, 2.2, 'normal'), label).toBeLessThan(BOX_WIDTH - 12)
      }
    }
  })

  it('is told by the table as well, with the colour of each wire', () => {
    const palette = colours(sheet, header)
    const table = tableOf(sheet, palette)
    for (const { gpio } of plan.runs) {
      const name = palette.get(gpio)?.[0] as string
      expect(table.split('\n').some((line) => line.includes(`GPIO${gpio} `) && line.includes(name))).toBe(true)
    }
    for (const loop of sheet.loops) expect(table).toContain(`${loop.style}, ${resistorMark(loop.pullUpOhms)} to 3V3`)
  })
})

describe('what is drawn', () => {
  const map = find('devkitc-4x3')
  const picture = (change: Change) => draw(sheetFor(map, sound(change)), headerOf(map)).join('')

  it('has resistors with their values, fuse, diode and supplies', () => {
    const svg = draw(sheetFor(find('devkitc-wiegand'), REFERENCE), headerOf(find('devkitc-wiegand'))).join('')
    for (const part of [
      '>4k7<',
      '>10k<',
      '>PTC<',
      '>1N4007<',
      '>12V<',
      '>3V8<',
      'DEOL loop: zones 1, 3',
      'TEOL loop: zone 2',
    ]) {
      expect(svg).toContain(part)
    }
  })

  it('follows the siren: a switch to ground, or a line that holds it off (O-3)', () => {
    expect(picture(() => {})).toContain('threshold under 2 V')
    const held = find('devkitc-4x3-holdoff')
    const svg = draw(sheetFor(held, sound()), headerOf(held)).join('')
    expect(svg).toContain('the siren sounds when it falls')
  })

  it('escapes what an installer writes', () => {
    const svg = picture((panel) => (panel.zones[0].name = '<a>&b'))
    expect(svg).toContain('&lt;a&gt;&amp;b')
    expect(svg).not.toContain('<a>')
  })

  /** Sizes of all letters on a page, in mm, as they come out of the printer. */
  function letters(svg: string): number[] {
    const found: number[] = []
    const scales = [1]
    for (const [tag] of svg.matchAll(/<[^>]+>/g)) {
      const last = scales[scales.length - 1]
      if (/^<g[ >]/.test(tag)) scales.push(last * Number(/ scale\(([\d.]+)\)/.exec(tag)?.[1] ?? 1))
      else if (tag === '</g>') scales.pop()
      else if (tag.startsWith('<text')) found.push(last * Number(/font-size="([\d.]+)"/.exec(tag)?.[1]))
    }
    return found
  }

  it.each(['devkitc-4x3', 'devkitc-4x3-holdoff', 'devkitc-wiegand', 'devkitc-i2c', 't-a7670'])(
    'is A4 across on %s, its letters 2 mm at least',
    (name) => {
      const board = find(name)
      const given = name === 'devkitc-wiegand' ? REFERENCE : sound()
      const pages = draw(sheetFor(board, given), headerOf(board))
      expect(pages.length).toBe(['devkitc-wiegand', 'devkitc-4x3-holdoff'].includes(name) ? 2 : pages.length)
      for (const svg of pages) {
        expect(svg).toContain('width="297mm"')
        expect(svg).toContain('height="210mm"')
        expect(svg).toContain('viewBox="0 0 297 210"')
        const sizes = letters(svg)
        expect(sizes.length).toBeGreaterThan(10)
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2)
      }
    },
  )

  it('has the board and its parts on the first page, loops, circuits and supplies on the second', () => {
    const board = find('devkitc-wiegand')
    const [first, second] = draw(sheetFor(board, REFERENCE), headerOf(board))
    for (const words of ['page 1 of 2', 'ESP32-DevKitC V4', 'W5500 module']) {
      expect(first).toContain(words)
      expect(second).not.toContain(words)
    }
    for (const words of ['page 2 of 2', 'DEOL loop', 'Supplies', 'Siren, strobe light, outputs']) {
      expect(second).toContain(words)
      expect(first).not.toContain(words)
    }
  })

  it('has outputs of a chip at the chip, in the drawing and in the table', () => {
    const map = find('t-a7670')
    const sheet = sheetFor(
      map,
      sound((panel) => void (panel.outputs = [{ pin: 79, follows: 'armed' }])),
    )
    const chip = sheet.boxes.find(({ title }) => title === 'MCP23017 (0x20)')
    expect(chip?.notes).toEqual(['GPA0 siren, GPA1 light, GPA2 buzzer, GPA3 RST', 'GPB7 output 1'])
    expect(chip?.terminals.map(({ label }) => label)).toEqual(['SDA', 'SCL', '3V3', 'GND'])
    const table = tableOf(sheet, colours(sheet, headerOf(map)))
    expect(table).toMatch(/\| Siren 12 V +\| IN +\| MCP23017 0x20 GPA0 \|/)
    expect(table).toMatch(/\| RST +\| MCP23017 0x20 GPA3 \|/)
    expect(table).toContain('- MCP23017 (0x20): GPA0 siren')
    expect(sheet.circuits).toEqual(['mosfet', 'npn'])
  })

  it('puts pins of a board that we have no drawing of in their order, and says so', () => {
    const pins = find('t-a7670').pins.filter(({ gpio }) => gpio < 64) as PinUse[]
    const header = headerOf({ ...find('t-a7670'), pins })
    expect(header.isTrue).toBe(false)
    expect([...header.left, ...header.right].filter((pin) => typeof pin === 'number')).toHaveLength(pins.length)
  })

  it.each([
    [470, '470'],
    [1000, '1k'],
    [4700, '4k7'],
    [10000, '10k'],
    [5620, '5k62'],
    [3030, '3k03'],
  ])('writes %i ohms as %s', (ohms, words) => {
    expect(resistorMark(ohms)).toBe(words)
  })
})

describe('npm run wiring', () => {
  async function run(...words: string[]): Promise<{ code: number; said: string; complained: string }> {
    let said = ''
    let complained = ''
    const code = await main(words, { say: (text) => (said += text), complain: (text) => (complained += text) })
    return { code, said, complained }
  }

  it('writes picture, table and, when asked, a PNG of 300 dots an inch', async () => {
    const out = join(folder, 'new/place')
    const { code, said } = await run(join(DOCS, 'demo-panel.json'), '--out', out, '--png')
    expect(code).toBe(0)
    expect(said.trim().split('\n')).toHaveLength(3)
    const png = readFileSync(join(out, 'wiring.png'))
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(png.readUInt32BE(16)).toBe(3508)
    // A page without letters would have far fewer bytes: the font came along.
    expect(png.length).toBeGreaterThan(200_000)
  })

  it('draws nothing of a file with problems, and tells them', async () => {
    const path = join(folder, 'wrong.json')
    writeFileSync(path, JSON.stringify(sound((panel) => (panel.zones[0].pin = 6))))
    const out = join(folder, 'nothing')
    const { code, complained } = await run(path, '--out', out)
    expect(code).toBe(1)
    expect(complained).toMatch(/has problems, so nothing is drawn:\n {2}line \d+: GPIO6 cannot be the zone 1/)
    expect(existsSync(out)).toBe(false)
    expect((await run('/nowhere.json')).complained).toContain('there is none')
    expect((await run()).code).toBe(2)
  })

  it.each([
    ['demo-panel.json', 'devkitc-4x3', ['']],
    ['demo-panel.json', 'devkitc-4x3-holdoff', ['', '-2']],
    ['reference-panel.json', 'devkitc-wiegand', ['', '-2']],
  ])('has drawn docs/wiring/ of %s on %s (npm run wiring)', async (file, board, pages) => {
    const out = join(folder, board)
    await run(join(DOCS, file), '--board', board, '--out', out)
    for (const page of pages) {
      const [drawn, kept] = [join(out, `wiring${page}.svg`), join(DOCS, 'wiring', `${board}${page}.svg`)]
      expect(readFileSync(kept, 'utf8') === readFileSync(drawn, 'utf8'), kept).toBe(true)
    }
    expect(existsSync(join(out, 'wiring-2.svg'))).toBe(pages.length > 1)
  })
})
