/** What a line of a scenario expects (docs/scenarios.md), behind the word: text, lamps and siren, paths, the station. */

import { DEMO_CODES } from '../demo'
import { choice, quote, ScenarioProblem, VIAS } from './scenario-words'

/** Characters in a line of the display (hardware.md §3.5). */
const DISPLAY_COLUMNS = 16
const SEEN = 'text, siren, light, buzzer, ethernet, cellular or station'

/** text: the whole line, for what stands in quotes; line: its number in the file. Throws ScenarioProblem. */
export function expectation(text: string, words: string[], line: number): string[] {
  const rest = words.slice(1).join(' ')
  switch (words[0]) {
    case 'text':
      return ['text', displayText(text, line)]
    case 'siren':
    case 'light':
    case 'buzzer':
      return [words[0], choice(rest, ['on', 'off'], words[0], line)]
    case 'ethernet':
    case 'cellular':
      return ['path', words[0], choice(rest, ['up', 'down'], words[0], line)]
    case 'station':
      return ['station', ...stationExpectation(words.slice(1), line)]
    default:
      throw new ScenarioProblem(line, `${quote(words.slice(0, 1))} cannot be expected: use ${SEEN}`)
  }
}

function displayText(line: string, number: number): string {
  const quoted = /expect\s+text\s+"([^"]*)"$/.exec(line)
  if (quoted === null) {
    throw new ScenarioProblem(
      number,
      'expect text takes a part of what the display shows, in quotes: expect text "READY"',
    )
  }
  const text = quoted[1]
  if (text === '') throw new ScenarioProblem(number, 'an empty text is always there: write what must be shown')
  if (DEMO_CODES.some((code) => text.includes(code.digits))) {
    throw new ScenarioProblem(number, 'the display never shows a code: expect its stars, such as "Code ******"')
  }
  if (text.length > DISPLAY_COLUMNS || !/^[ -{}]+$/.test(text)) {
    throw new ScenarioProblem(
      number,
      `a line of the display has ${DISPLAY_COLUMNS} plain characters and this text does not fit into one: shorten it, or expect each line by itself`,
    )
  }
  return text
}

function stationExpectation(words: string[], line: number): string[] {
  const what = choice(words[0] ?? '', ['nothing', 'has', 'lacks', 'once', 'first', 'order'], 'station', line)
  if (what === 'nothing') {
    if (words.length > 1) throw new ScenarioProblem(line, 'after "station nothing" comes nothing more')
    return ['nothing']
  }
  if (what === 'order') {
    const named = words.slice(1)
    if (named.length < 2 || !named.every((word) => /^[136]\d{3}$/.test(word))) {
      throw new ScenarioProblem(
        line,
        'station order takes two or more events, each a qualifier (1, 3, 6) with its code: station order 1121 1401',
      )
    }
    return ['order', ...named]
  }
  const over = words.indexOf('over')
  const via = over < 0 ? '' : choice(words.slice(over + 1).join(' '), VIAS, 'over', line)
  const event = words.slice(1, over < 0 ? words.length : over).join(' ')
  if (!/^[136]\d{3}( \d\d( \d{3})?)?$/.test(event)) {
    throw new ScenarioProblem(
      line,
      `${quote([event])} is no event: write qualifier (1, 3, 6) and code, then partition and number if wanted: 1121 01 003`,
    )
  }
  return [what, event, via]
}
