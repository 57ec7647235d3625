/**
 * `npm run loops`: what a loop with resistors looks like to the panel: its bands, what each state may read as with all that may
 * be off, and how far that is from the next band (docs/settings.md, W-1, W-5).
 */

import { Command, InvalidArgumentError, Option } from 'commander'
import colors from 'picocolors'
import { marginOf } from '../../board/config/loop-advice'
import {
  bandsOf,
  FIRST_INPUT,
  frontEnd,
  type LoopSettings,
  ohmsText,
  readRange,
  STATE_WORDS,
  STYLES,
  type StyleName,
  sum,
} from '../../board/config/loops'

interface Options {
  style: StyleName
  eol?: number
  alarm?: number
  fault?: number
  pullUp: number
  tolerance: number
  by: 'ads1115' | 'supply' | 'own' | 'divider'
  fire?: boolean
}

function readOhms(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 100000)) throw new InvalidArgumentError('Use a resistance in ohms, such as 4700.')
  return value
}

function main(): void {
  const program = new Command('npm run loops --')
    .description('Prints the bands of a loop, what each state may read as, and the margins.')
    .addOption(new Option('--style <style>', 'how it is wired').choices(STYLES).default('DEOL'))
    .option('--eol <ohms>', 'resistor at the end of the line', readOhms)
    .option('--alarm <ohms>', 'across the alarm contact', readOhms)
    .option('--fault <ohms>', 'across the fault contact', readOhms)
    .option('--pull-up <ohms>', 'from the input to 3.3 V', readOhms, 4700)
    .option('--tolerance <percent>', 'of the resistors', Number, 5)
    .addOption(
      new Option('--by <what>', 'what measures it: an ADS1115, with loopSupply, the ESP32 as it is, or with a divider')
        .choices(['ads1115', 'supply', 'own', 'divider'])
        .default('ads1115'),
    )
    .option('--fire', 'a detector whose contact closes')
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const { style, eol, alarm, fault, pullUp, tolerance, by, fire } = program.opts<Options>()
  const loop: LoopSettings = { style, pullUpOhms: pullUp, tolerancePercent: tolerance }
  if (eol !== undefined) loop.eolOhms = eol
  if (alarm !== undefined) loop.alarmOhms = alarm
  if (fault !== undefined) loop.faultOhms = fault
  const wanted = [eol, alarm, fault].filter((ohms) => ohms !== undefined).length
  const needed = Math.max(STYLES.indexOf(style) - 1, 0)
  if (wanted !== needed) program.error(`${style} has ${needed} of --eol, --alarm, --fault`)
  const isChip = by === 'ads1115' || by === 'supply'
  const end = frontEnd(isChip ? FIRST_INPUT : 0, by === 'supply', by === 'divider', false)
  const type = fire === true ? 'fire' : 'perimeter'
  console.log(colors.dim(`measured by ${end.name}, ± ${end.error * 100} %, pull-up ${ohmsText(pullUp)}`))
  for (const band of bandsOf(loop, type)) {
    const limits = `${ohmsText(band.fromOhms)} to ${ohmsText(band.toOhms)}`
    const head = `${STATE_WORDS[band.state].padEnd(7)} ${limits.padEnd(22)}`
    if (band.nominalOhms === undefined) {
      console.log(`${head} ${band.fromOhms === 0 ? 'short' : 'open'}`)
      continue
    }
    const [least, most] = readRange(band.nominalOhms, loop, end)
    const margin = Math.min(marginOf(least, band), marginOf(most, band))
    const verdict = margin < 0 ? colors.red('beyond its band') : `margin ${(margin * 100).toFixed(1)} %`
    console.log(`${head} ${ohmsText(band.nominalOhms)} reads as ${ohmsText(least)} to ${ohmsText(most)}: ${verdict}`)
  }
  const problem = sum(loop, type, end)
  if (problem !== '') console.log(colors.red(`refused: ${problem}`))
  process.exitCode = problem === '' ? 0 : 1
}

main()
