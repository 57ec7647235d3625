// The bench in a real browser: the newcomer's and the duress story, both paths cut and restored, power cuts, the way back and
// forks, twins, files that play again, stories that fail, another site's socket, widths, contrast, and how many frames a second.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_CODES } from '../../hal-mock/demo'
import { run } from '../../hal-mock/programs/scenario'
import { type Bench, browserPath, HOW_TO_GET_ONE, launch, openBench } from './browser'

const hasBrowser = browserPath() !== ''
const [CODE_A, , DURESS_A] = DEMO_CODES.map(({ digits }) => digits)
const MARKS = 10000

let browser: Browser
let folder = ''
let bench: Bench | undefined

async function open(...options: Parameters<typeof openBench> extends [Browser, ...infer Rest] ? Rest : never) {
  bench = await openBench(browser, ...options)
  return bench
}

afterEach(async () => {
  const complaints = bench?.complaints ?? []
  await bench?.close()
  bench = undefined
  expect(complaints).toEqual([])
})

const display = (page: Page, text: string) => page.locator('.display', { hasText: text }).waitFor()
const station = (page: Page) => page.locator('.station tbody')
const toggle = (page: Page, name: string | RegExp, within = 'main') =>
  page.locator(within).getByRole('switch', { name })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function type(page: Page, keys: string): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key)
    await page.waitForTimeout(210)
  }
}

/** Arms by the buttons of the first step and passes the exit delay. */
async function arm(page: Page): Promise<void> {
  await button(page, 'Type it for me').first().click()
  await display(page, 'AWAY')
  await button(page, 'Pass the 60 s').click()
  await display(page, 'ARMED AWAY')
}

/** Ms of the page's clock. */
async function clock(page: Page): Promise<number> {
  const [hours, minutes, seconds] = ((await page.locator('.clock b').textContent()) ?? '').split(':').map(Number)
  return Math.round(((hours * 60 + minutes) * 60 + seconds) * 1000)
}

if (!hasBrowser) console.warn(`tests/page: ${HOW_TO_GET_ONE}`)

describe.skipIf(!hasBrowser)(`the page in a browser${hasBrowser ? '' : ` (${HOW_TO_GET_ONE})`}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'page-browser-'))
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('has the newcomer arm, open a door and disarm, by keyboard and mouse, in less than a minute', async () => {
    const fromMs = performance.now()
    const { page } = await open()
    await type(page, CODE_A)
    await display(page, '2 to arm away')
    await type(page, '2')
    await display(page, 'AWAY')
    await button(page, 'Pass the 60 s').click()
    await display(page, 'ARMED AWAY')
    await toggle(page, /Front door/).click()
    await display(page, 'ENTRY')
    for (const key of CODE_A) await page.getByRole('button', { name: `Key ${key}` }).click()
    await display(page, 'DISARMED')
    await station(page).getByText('Opening (disarmed)').waitFor()
    const heard = await station(page).textContent()
    expect(heard).toContain('Closing (armed)')
    expect(heard).not.toContain('1121')
    expect(performance.now() - fromMs).toBeLessThan(60000)
  })

  it('has the duress disarm by what the three steps say, and shows 121 as the operator sees it, in less than a minute', async () => {
    const fromMs = performance.now()
    const { page } = await open()
    await arm(page)
    await button(page, 'Open the door').click()
    await display(page, 'ENTRY')
    await button(page, 'Type it for me').nth(1).click()
    const call = page.locator('.call')
    await call.getByText('PRIORITY 1121 Duress').waitFor()
    const tookMs = performance.now() - fromMs
    console.info(`a newcomer's duress call by the buttons: at the station after ${(tookMs / 1000).toFixed(1)} s`)
    expect(tookMs).toBeLessThan(60000)
    await display(page, 'DISARMED')
    expect(await call.textContent()).toMatch(/Account, partition1234, 01.*Code slot003.*Came overethernet/s)
    await station(page).locator('tr.copy.priority').getByText('cellular').waitFor()
    expect(await page.locator('.lamp.siren').textContent()).toContain('off')
    expect(await page.locator('.steps li.done').count()).toBe(3)
  })

  it('has both paths cut, a duress code, and the call once a path is back', async () => {
    const { page } = await open()
    await toggle(page, /Cable/).click()
    await toggle(page, /Coverage/).click()
    await page.locator('.way').first().getByText('down').waitFor()
    await button(page, 'Duress code of user 1').click()
    await display(page, '2 to arm away')
    await page.waitForTimeout(1000)
    expect(await station(page).textContent()).not.toContain('1121')
    await toggle(page, /Coverage/).click()
    await button(page, 'x60').click()
    await station(page).getByText('1121 01 003').first().waitFor()
    expect(await page.locator('.call').textContent()).toContain('cellular')
    expect(await toggle(page, /Cable/).getAttribute('aria-checked')).toBe('false')
  })

  it('cuts power, now and in the middle of a write to flash, and the call is not lost', async () => {
    const { page } = await open()
    await toggle(page, /Power of the panel/).click()
    await page.locator('.panel.off').waitFor()
    expect(await page.locator('.display').getAttribute('aria-label')).toBe('Display: , ')
    await toggle(page, /Power of the panel/).click()
    await display(page, 'READY')
    await button(page, 'x60').click()
    await page
      .locator('.way')
      .nth(1)
      .getByText(/open|ready/)
      .waitFor()
    await button(page, 'x1').click()
    await button(page, 'Set').click()
    await page.getByText('Power goes in the next write').waitFor()
    await button(page, 'Duress code of user 1').click()
    await page.locator('.panel.off').waitFor()
    await toggle(page, /Power of the panel/).click()
    await display(page, 'READY')
    await button(page, 'Duress code of user 1').click()
    await button(page, 'x60').click()
    await page.locator('.call').waitFor()
  })

  it('goes back to a moment and forks there', async () => {
    const { page } = await open()
    await arm(page)
    await page.waitForTimeout(1500)
    await button(page, 'Pause').click()
    const armedMs = (await clock(page)) - 200
    await button(page, 'x1').click()
    await toggle(page, /Front door/).click()
    await button(page, 'Duress code of user 1').click()
    await page.locator('.call').waitFor()
    const slider = page.getByRole('slider', { name: 'Moment' })
    await slider.fill(String(armedMs))
    await expect.poll(() => clock(page)).toBeLessThan(armedMs + 150) // the slider has 2000 places
    await page.getByText(/later acts come again/).waitFor()
    expect(await page.locator('.call').count()).toBe(0)
    await display(page, 'ARMED AWAY')
    await button(page, 'Run').click()
    await button(page, 'Code of user 1').click()
    await station(page).getByText('Opening (disarmed)').waitFor()
    expect(await station(page).textContent()).not.toContain('1121')
    expect(await page.getByText(/later acts? comes? again/).count()).toBe(0)
  })

  it('says what the panel reads at a loop, and what to look for when its resistor is another one', async () => {
    const { page } = await open()
    const zone = page.locator('.zones li').nth(1)
    await zone.getByText('The panel reads 4.7 k\u2126: secure, 26 % to the next limit').waitFor()
    expect(await zone.locator('.advice').count()).toBe(0)
    await zone.getByLabel('Resistor at its end').selectOption('2200')
    await zone.getByText('The panel reads 2.2 k\u2126: tamper').waitFor()
    expect(await zone.locator('.advice').textContent()).toBe(
      'wrong resistor: 2.2k are less than half of the 4.7k that are set; a resistor of 2.2k reads so',
    )
    expect(await page.locator('.zones li').first().locator('.advice').count()).toBe(0)
    await zone.getByLabel('Resistor at its end').selectOption('4700')
    await zone.getByText('The panel reads 4.7 k').waitFor()
    await zone.locator('.advice').waitFor({ state: 'detached' })
  })

  it('goes from event to event', async () => {
    const { page } = await open()
    await toggle(page, /Front door/).click()
    await button(page, 'Next event').click()
    await display(page, 'NOT READY')
    await button(page, 'Run').waitFor()
  })

  it('finds either code the same at each rank; the ciphertext differs, and the station', async () => {
    const { page } = await open()
    await arm(page)
    await toggle(page, /Front door/).click()
    await display(page, 'ENTRY')
    await button(page, 'Run both').click()
    await page.locator('.ranks li').first().waitFor()
    expect(await page.locator('.ranks li.same').count()).toBe(4)
    expect(await page.locator('.ranks li.differs').count()).toBe(0)
    await page.getByText(/No line differs at any rank/).waitFor()
    expect(await page.locator('.cipher.differs').count()).toBe(2)
    expect(await page.locator('.cipher.differs mark').count()).toBeGreaterThan(20)
    expect(await page.locator('.heard .priority').count()).toBe(2)
  })

  it('gives a scenario of what was done by hand, which plays again to the byte', async () => {
    const { page } = await open()
    await type(page, DURESS_A)
    await page.locator('.call').waitFor()
    await button(page, 'Pause').click()
    const save = async (name: string) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()])
      const path = join(folder, download.suggestedFilename())
      await download.saveAs(path)
      return path
    }
    const scenario = await save('Scenario')
    const trace = await readFile(await save('Trace'), 'utf8')
    const pcap = await readFile(await save('Ethernet pcap'))
    expect(pcap.readUInt32LE(0)).toBe(0xa1b2c3d4)
    expect(await readFile(await save('VCD'), 'utf8')).toContain('$enddefinitions $end')
    const again = join(folder, 'again.jsonl')
    const lines: string[] = []
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
    expect(await run([scenario, '--trace', again], output), lines.join('\n')).toBe(0)
    expect(await readFile(again, 'utf8')).toBe(trace)
    expect((await readFile(scenario, 'utf8')).replace(/\D/g, '')).not.toContain(DURESS_A)
  })

  it('runs a story, and goes to the moment of an expectation that fails', async () => {
    const { page } = await open()
    const path = join(folder, 'wrong.txt')
    await writeFile(
      path,
      'title A wrong story\nat 25 s enter code A\nby 30 s expect siren on\nat 31 s expect light off\n',
    )
    await page.getByLabel('or a file of your own').setInputFiles(path)
    await page.getByText('1 failed, 1 of 2 expectations').waitFor()
    await page.getByText('siren is off').waitFor()
    await expect.poll(() => clock(page)).toBe(30000)
    await button(page, 'Run').waitFor()
    await writeFile(path, 'at noon press 1\n')
    await page.getByLabel('or a file of your own').setInputFiles(path)
    await page.getByRole('alert').getByText('wrong.txt, line 1: "noon press" is no time').waitFor()
    await page.getByLabel('Story').selectOption('burglary')
    await button(page, 'Run the story').click()
    await page.getByText('passed, 15 of 15 expectations').waitFor()
  })

  it('shows what a frame says when one points at it, and pins and SPI of a short stretch', async () => {
    const { page } = await open()
    await button(page, 'Duress code of user 1').click()
    await page.locator('.call').waitFor()
    await button(page, 'Pause').click()
    const plot = page.locator('.plot')
    await plot.focus()
    // Down to the lane "ethernet", then from mark to mark.
    for (let lane = 0; lane < 10; lane++) await page.keyboard.press('ArrowDown')
    await page.locator('.tip', { hasText: 'ethernet' }).waitFor()
    const tip = page.locator('.tip')
    const call = tip.getByText('Duress (new, opening), partition 01, number 003')
    for (let mark = 0; mark < 10 && (await call.count()) === 0; mark++) {
      await page.keyboard.press(',')
      await page.waitForTimeout(200)
    }
    await call.waitFor()
    await page.keyboard.press(',')
    await call.waitFor({ state: 'detached' })
    await page.keyboard.press('.')
    await call.waitFor()
    for (let zoom = 0; zoom < 12; zoom++) await page.keyboard.press('+')
    await button(page, 'Pins and SPI here').click()
    await expect.poll(async () => (await plot.boundingBox())?.height ?? 0).toBeGreaterThan(17 * 22 + 34 + 40)
  })

  it("refuses another site's socket, and its requests for files", async () => {
    const { server, complaints } = await open()
    const other = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end(`<p id=told>waiting</p><script>
        const told = document.getElementById('told')
        const socket = new WebSocket(${JSON.stringify(server.address.replace('http', 'ws'))} + 'ws')
        socket.onopen = () => { told.textContent = 'OPEN' }
        socket.onerror = () => fetch(${JSON.stringify(server.address)} + 'export/scenario')
          .then((answer) => answer.text()).then(() => { told.textContent = 'READ' }, () => { told.textContent = 'refused' })
      </script>`)
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()))
    try {
      const page = await (await browser.newContext()).newPage()
      await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`)
      await page.locator('#told', { hasText: /OPEN|READ|refused/ }).waitFor()
      expect(await page.locator('#told').textContent()).toBe('refused')
      expect(complaints).toEqual([])
      await page.context().close()
    } finally {
      other.close()
    }
  })

  it.each([
    ['a phone, light', 390, 'light' as const],
    ['a phone, dark', 390, 'dark' as const],
    ['a desk, light', 1440, 'light' as const],
    ['a desk, dark', 1440, 'dark' as const],
  ])('fits into %s: nothing wider than the window, and each text has a contrast of 4.5', async (_, width, scheme) => {
    const { page } = await open({ viewport: { width, height: 844 }, colorScheme: scheme, reducedMotion: 'reduce' })
    await toggle(page, /Cable/).click()
    await button(page, 'Duress code of user 1').click()
    await page.locator('.call').waitFor()
    await button(page, 'Run both').click()
    await page.locator('.ranks li').first().waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    expect(await page.evaluate(CONTRAST)).toEqual([])
  })

  it(`draws ${MARKS} marks and more`, async () => {
    const { page, server } = await open({}, [])
    const { session } = server
    session.run('max')
    while (session.record.nextId < MARKS) session.tick(25)
    session.run(0)
    await button(page, 'All of it').click()
    await page.waitForTimeout(1500)
    const { frames, longestMs } = (await page.evaluate(FRAMES)) as { frames: number; longestMs: number }
    console.info(
      `${session.record.nextId} marks, zoomed each frame: ${frames.toFixed(1)} frames/s, the longest ${longestMs.toFixed(0)} ms`,
    )
    expect(frames).toBeGreaterThan(1)
  })
})

/** Texts whose colour is too near to what is behind them (WCAG 2.2, 1.4.3); what is disabled does not count. */
const CONTRAST = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number)
  const light = ([r, g, b]) => [r, g, b].map((value) => value / 255)
    .map((value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0)
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor)
      if (colour.length === 3 || colour[3] > 0.99) return colour
    }
    return [255, 255, 255]
  }
  const found = new Set()
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
    if (!own || element.closest(':disabled, script, noscript, option') !== null || element.getClientRects().length === 0) continue
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))]
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    if (ratio < 4.5) found.add(element.tagName + '.' + element.className + ' "' + element.textContent.slice(0, 30) + '" ' + ratio.toFixed(2))
  }
  return [...found]
})()`

/** Zooms in and out by the wheel, once a frame, for two seconds. */
const FRAMES = `new Promise((resolve) => {
  const plot = document.querySelector('.plot')
  const box = plot.getBoundingClientRect()
  let count = 0, longestMs = 0, fromMs = 0, lastMs = 0
  const frame = (nowMs) => {
    if (fromMs === 0) fromMs = lastMs = nowMs
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
    count++
    plot.dispatchEvent(new WheelEvent('wheel', {
      deltaY: count % 40 < 20 ? -1 : 1, clientX: box.left + box.width / 2, clientY: box.top + 50, bubbles: true, cancelable: true,
    }))
    if (nowMs - fromMs < 2000) requestAnimationFrame(frame)
    else resolve({ frames: (count - 1) / (nowMs - fromMs) * 1000, longestMs })
  }
  requestAnimationFrame(frame)
})`
