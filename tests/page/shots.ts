/**
 * Takes the pictures of the page that stand in the README, and others to look at: `npx tsx tests/page/shots.ts [FOLDER]`. Those
 * of the README go to docs/, the others to FOLDER when there is one.
 */

import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { launch, openBench } from './browser'

const [, , folder] = process.argv
const DESK = { width: 1440, height: 1000 }
const PHONE = { width: 390, height: 844 }

const browser = await launch()

async function shoot(
  context: BrowserContextOptions,
  act: (page: Page) => Promise<void>,
  take: (page: Page) => Promise<void>,
): Promise<void> {
  const bench = await openBench(browser, context)
  try {
    await act(bench.page)
    await take(bench.page)
    if (bench.complaints.length > 0) throw new Error(bench.complaints.join('\n'))
  } finally {
    await bench.close()
  }
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Through the three steps. */
async function duress(page: Page): Promise<void> {
  await button(page, 'Type it for me').first().click()
  await page.locator('.display', { hasText: 'AWAY' }).waitFor()
  await button(page, 'Pass the 60 s').click()
  await page.locator('.display', { hasText: 'ARMED AWAY' }).waitFor()
  await button(page, 'Open the door').click()
  await page.locator('.display', { hasText: 'ENTRY' }).waitFor()
  await button(page, 'Type it for me').last().click()
  await page.locator('.call').waitFor()
  await page.waitForTimeout(1200)
  await button(page, 'Pause').click()
  await page.waitForTimeout(300)
}

/** A frame in the timeline with its bytes, and the twins below it. */
async function look(page: Page): Promise<void> {
  await duress(page)
  await button(page, 'Run both').click()
  await page.locator('.ranks li').first().waitFor()
  await page.locator('.plot').focus()
  for (let lane = 0; lane < 10; lane++) await page.keyboard.press('ArrowDown')
  for (let mark = 0; mark < 5; mark++) await page.keyboard.press(',')
  for (let zoom = 0; zoom < 9; zoom++) await page.keyboard.press('+')
  await page.locator('.tip dl').waitFor()
  await page.locator('.timeline').evaluate('(element) => element.scrollIntoView()')
  await page.waitForTimeout(300)
}

const nothing = async () => undefined
await shoot(
  { viewport: { width: 1240, height: 840 } },
  duress,
  async (page) => void (await page.screenshot({ path: 'docs/bench-desk.png' })),
)
await shoot({ viewport: DESK, colorScheme: 'dark' }, look, async (page) => {
  await page.screenshot({ path: 'docs/bench-timeline.png' })
})
if (folder !== undefined) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
      const path = (what: string) => join(folder, `${name}-${colorScheme}-${what}.png`)
      const whole = async (page: Page, what: string) =>
        void (await page.screenshot({ path: path(what), fullPage: true }))
      await shoot({ viewport, colorScheme }, nothing, (page) => whole(page, 'start'))
      await shoot({ viewport, colorScheme }, look, (page) => whole(page, 'duress'))
    }
  }
}
await browser.close()
