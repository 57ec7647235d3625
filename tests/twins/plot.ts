/** Draws the two runs over each other on one time axis, as SVG, without a browser (Observable Plot on linkedom). */

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { type Cipher, FROM_MS, LANES, type Lane, type Picture, picture, type Tick, UNTIL_MS } from './picture'
import { RUNS, type Run, record } from './recording'

/** All places in px, so that x and y have no scale but these. */
const WIDTH = 1120
const LEFT = 150
const RIGHT = WIDTH - 20
const TOP = 74
const GAP = 10
const ROW: { [lane in Lane]: number } = {
  text: 30,
  light: 13,
  buzzer: 13,
  siren: 13,
  flash: 20,
  Ethernet: 26,
  cellular: 26,
}
/** How a lane is read. */
const NOTE: { [lane in Lane]?: string } = {
  flash: 'bytes of each write',
  Ethernet: 'up: a packet from the panel, down: to it, as tall as it is long',
  cellular: 'the same over the modem',
}
const CELL = (RIGHT - LEFT) / 64
const COLOUR: { [run in Run]: string } = { ordinary: '#1f5f99', duress: '#c4540a' }
const PALE: { [run in Run]: string } = { ordinary: '#d3e3f1', duress: '#fbe0cd' }
const INK = '#222'
const QUIET = '#8a8a8a'
const LINE = '#d8d8d8'
/** The longest packet of the history: drawn as high as a row has room for. */
const LONGEST_BYTES = 162
/** A text is written into its place when it stands for so long. */
const READABLE_MS = 120

interface Box {
  x1: number
  x2: number
  y1: number
  y2: number
  colour: string
}

interface Word {
  x: number
  y: number
  text: string
  colour?: string
}

/** What has been put on the paper, by the way it is drawn. */
interface Paper {
  boxes: Box[]
  lines: Box[]
  words: Word[]
  small: Word[]
  code: Word[]
  bytes: Word[]
  labels: Word[]
  title: Word[]
}

/** The picture as an SVG document. */
export function draw(
  pictures: { [run in Run]: Picture } = { ordinary: paint('ordinary'), duress: paint('duress') },
): string {
  const paper: Paper = { boxes: [], lines: [], words: [], small: [], code: [], bytes: [], labels: [], title: [] }
  head(paper)
  let y = TOP
  for (const lane of LANES) {
    paper.labels.push({ x: LEFT - 74, y: y + ROW[lane], text: lane })
    for (const run of RUNS) {
      paper.words.push({ x: LEFT - 66, y: y + ROW[lane] / 2, text: run, colour: COLOUR[run] })
      drawRow(paper, pictures[run], run, lane, y)
      y += ROW[lane]
    }
    y += GAP
    if (lane !== LANES[LANES.length - 1]) rule(paper, 0, y - GAP / 2, WIDTH, y - GAP / 2, LINE)
  }
  axis(paper, y)
  y += 62
  const height = drawCiphers(paper, pictures, y)
  return toSvg(paper, height)
}

function paint(run: Run): Picture {
  return picture(record(run))
}

function head(paper: Paper): void {
  paper.title.push({ x: 16, y: 20, text: 'The same disarm, twice: with the ordinary code and with the duress code' })
  const text =
    'Armed, the door opened, six keys of the code. Each lane has both runs, one under the other, to the millisecond.'
  paper.words.push({ x: 16, y: 42, text, colour: INK })
}

function drawRow(paper: Paper, { spans, ticks }: Picture, run: Run, lane: Lane, top: number): void {
  const height = ROW[lane]
  const middle = top + height / 2
  for (const { what, fromMs, untilMs } of spans.filter((span) => span.lane === lane)) {
    const [x1, x2] = [xOf(fromMs), xOf(untilMs)]
    if (lane === 'text') {
      paper.boxes.push({ x1, x2: Math.max(x2 - 1, x1 + 0.6), y1: top + 1, y2: top + height - 1, colour: PALE[run] })
      if (untilMs - fromMs < READABLE_MS) continue
      const [upper, lower] = what.split('|').map((line) => line.trim().replace(/ +/g, ' '))
      paper.code.push({ x: x1 + 3, y: middle - 6, text: upper, colour: COLOUR[run] })
      paper.code.push({ x: x1 + 3, y: middle + 6, text: lower, colour: COLOUR[run] })
    } else if (what === 'off') rule(paper, x1, middle, x2, middle, LINE)
    else paper.boxes.push({ x1, x2, y1: top + 2, y2: top + height - 2, colour: COLOUR[run] })
  }
  const own = ticks.filter((tick) => tick.lane === lane)
  if (own.length > 0) rule(paper, LEFT, middle, RIGHT, middle, LINE)
  for (const { atMs, bytes, isUp } of own) {
    const size = lane === 'flash' ? height / 2 - 2 : 3 + (bytes / LONGEST_BYTES) * (height / 2 - 4)
    const [y1, y2] = isUp ? [middle - size, middle] : [middle, middle + size]
    paper.boxes.push({ x1: xOf(atMs) - 1, x2: xOf(atMs) + 1, y1, y2, colour: COLOUR[run] })
  }
  if (lane === 'flash') writeSums(paper, own, middle, COLOUR[run])
  if (NOTE[lane] !== undefined && run === 'ordinary') {
    paper.small.push({ x: LEFT + 4, y: middle - 7, text: NOTE[lane], colour: QUIET })
  }
}

/** Beside each tick; above and below the line by turns, so that they keep clear of each other. */
function writeSums(paper: Paper, ticks: Tick[], middle: number, colour: string): void {
  ;[...sums(ticks)].forEach(([atMs, text], index) => {
    const y = middle + (index % 2 === 0 ? -4 : 5)
    paper.small.push({ x: xOf(atMs) + 4, y, text, colour })
  })
}

/** Bytes of what happens at one time, such as 8+28. */
function sums(ticks: Tick[]): Map<number, string> {
  const found = new Map<number, string>()
  for (const { atMs, bytes } of ticks) found.set(atMs, found.has(atMs) ? `${found.get(atMs)}+${bytes}` : `${bytes}`)
  return found
}

function axis(paper: Paper, y: number): void {
  for (let atMs = FROM_MS; atMs <= UNTIL_MS; atMs += 100) {
    const isNamed = atMs % 500 === 0
    rule(paper, xOf(atMs), y, xOf(atMs), y + (isNamed ? 7 : 4), QUIET)
    if (isNamed) paper.words.push({ x: xOf(atMs) - 14, y: y + 17, text: `${atMs > 0 ? '+' : ''}${atMs / 1000} s` })
  }
  rule(paper, LEFT, y, RIGHT, y, QUIET)
  const marks: [number, string][] = [
    [0, 'the last key goes down'],
    [420, 'the answer, 400 ms after the code was taken'],
  ]
  for (const [atMs, text] of marks) {
    rule(paper, xOf(atMs), TOP - 4, xOf(atMs), y, QUIET)
    paper.words.push({ x: xOf(atMs) + 3, y: TOP - 11, text, colour: INK })
  }
}

/** The last lane: what is inside the frames. The only place where the runs differ. Returns where the picture ends. */
function drawCiphers(paper: Paper, pictures: { [run in Run]: Picture }, top: number): number {
  paper.title.push({ x: 16, y: top, text: 'The only difference: ciphertext' })
  const text = 'The bytes between the brackets of each encrypted frame above; coloured where the runs differ.'
  paper.words.push({ x: 16, y: top + 22, text, colour: INK })
  let y = top + 40
  const { ordinary, duress } = pictures
  ordinary.ciphers.forEach((cipher, index) => {
    const other = duress.ciphers[index]
    paper.labels.push({ x: LEFT - 74, y: y + 9, text: cipher.lane })
    paper.small.push({ x: 16, y: y + 24, text: `at +${cipher.atMs} ms`, colour: QUIET })
    drawBytes(paper, 'ordinary', cipher, other, y)
    drawBytes(paper, 'duress', other, cipher, y + 17)
    y += 48
  })
  const why = [
    'Both runs draw the same random padding, which stands first, so that nothing but the message differs; a panel draws it anew each time.',
    'With the key the coloured bytes read 602 (test report) in one run and 121 (duress) in the other. The frame without colour is the opening, 401.',
  ]
  for (const [index, line] of why.entries()) paper.words.push({ x: 16, y: y + 4 + index * 17, text: line, colour: INK })
  return y + 36
}

function drawBytes(paper: Paper, run: Run, cipher: Cipher, other: Cipher, top: number): void {
  paper.words.push({ x: LEFT - 66, y: top + 8, text: run, colour: COLOUR[run] })
  for (const [index, byte] of cipher.bytes.entries()) {
    const x1 = LEFT + index * CELL
    const isOther = byte !== other.bytes[index]
    if (isOther) paper.boxes.push({ x1, x2: x1 + CELL - 1, y1: top, y2: top + 16, colour: PALE[run] })
    paper.bytes.push({ x: x1 + (CELL - 1) / 2, y: top + 8, text: byte, colour: isOther ? COLOUR[run] : QUIET })
  }
}

function rule(paper: Paper, x1: number, y1: number, x2: number, y2: number, colour: string): void {
  paper.lines.push({ x1, y1, x2, y2, colour })
}

function xOf(ms: number): number {
  return LEFT + ((ms - FROM_MS) / (UNTIL_MS - FROM_MS)) * (RIGHT - LEFT)
}

function toSvg(paper: Paper, height: number): string {
  const { document } = parseHTML('<html><body></body></html>')
  const words = (list: Word[], options: object) =>
    Plot.text(list, {
      x: 'x',
      y: 'y',
      text: 'text',
      fill: (word: Word) => word.colour ?? INK,
      textAnchor: 'start',
      ...options,
    })
  const [sans, mono] = ['Helvetica, Arial, sans-serif', 'Menlo, Consolas, monospace']
  const places = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2' }
  const svg = Plot.plot({
    document: document as unknown as Plot.PlotOptions['document'],
    width: WIDTH,
    height,
    margin: 0,
    ariaLabel: 'Two runs of a disarm, equal in every lane but for the ciphertext',
    x: { type: 'identity', axis: null },
    y: { type: 'identity', axis: null },
    color: { type: 'identity' },
    marks: [
      Plot.rect([{ x1: 0, x2: WIDTH, y1: 0, y2: height }], { ...places, fill: 'white' }),
      Plot.link(paper.lines, { ...places, stroke: (line: Box) => line.colour }),
      Plot.rect(paper.boxes, { ...places, fill: (box: Box) => box.colour }),
      words(paper.title, { fontFamily: sans, fontSize: 16, fontWeight: 'bold' }),
      words(paper.labels, { fontFamily: sans, fontSize: 13, fontWeight: 'bold', textAnchor: 'end' }),
      words(paper.words, { fontFamily: sans, fontSize: 12 }),
      words(paper.small, { fontFamily: sans, fontSize: 10 }),
      words(paper.code, { fontFamily: mono, fontSize: 10 }),
      words(paper.bytes, { fontFamily: mono, fontSize: 10, textAnchor: 'middle' }),
    ],
  })
  // Plot's rules for pages (the width of a column): a file has its own size, and they say height twice.
  svg.querySelector('style')?.remove()
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return `${svg.outerHTML.replace(/></g, '>\n<')}\n`
}
