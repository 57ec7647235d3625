import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { LANES, type Picture, picture } from './picture'
import { draw } from './plot'
import { record } from './recording'

const FILE = fileURLToPath(new URL('../../docs/duress-twins.svg', import.meta.url))
const pictures = { ordinary: picture(record('ordinary')), duress: picture(record('duress')) }

describe('the picture of both runs', () => {
  it('shows the same in every lane, and other ciphertext of the same length at the same times (D-31, D-33, D-34)', () => {
    const { ordinary, duress } = pictures
    expect(duress.spans).toEqual(ordinary.spans)
    expect(duress.ticks).toEqual(ordinary.ticks)
    const shapeOf = ({ ciphers }: Picture) => ciphers.map(({ lane, atMs, bytes }) => [lane, atMs, bytes.length])
    expect(shapeOf(duress)).toEqual(shapeOf(ordinary))
    const isOther = ordinary.ciphers.map(({ bytes }, index) => bytes.join('') !== duress.ciphers[index].bytes.join(''))
    expect(isOther).toEqual([true, true, false])
  })

  it('is about a disarm: six stars, the light goes off with the first of three beeps, no siren, and reports over both paths', () => {
    const { spans, ticks } = pictures.duress
    const of = (lane: string) => spans.filter((span) => span.lane === lane)
    expect(of('text').some(({ what }) => what.includes('******'))).toBe(true)
    expect(of('text').some(({ what }) => what.startsWith('DISARMED'))).toBe(true)
    expect(of('light').map(({ what }) => what)).toEqual(['on', 'off'])
    const answerMs = of('light')[1].fromMs
    // The light is written in the pass after the tone's: a ms later at most.
    const beeps = of('buzzer').filter(({ what, fromMs }) => what === 'on' && fromMs >= answerMs - 1)
    const firstMs = beeps[0].fromMs
    expect(beeps.map(({ fromMs }) => fromMs - firstMs)).toEqual([0, 200, 400])
    expect(firstMs).toBeLessThanOrEqual(answerMs)
    expect(of('siren').map(({ what }) => what)).toEqual(['off'])
    for (const lane of ['flash', 'Ethernet', 'cellular']) {
      expect(ticks.filter((tick) => tick.lane === lane).length, lane).toBeGreaterThan(2)
    }
  })

  it('would show any difference in any lane', () => {
    const whole = draw(pictures)
    for (const lane of LANES) {
      const { spans, ticks } = pictures.duress
      const moved: Picture = {
        ...pictures.duress,
        spans: spans.map((span) =>
          span.lane === lane ? { ...span, fromMs: span.fromMs + 3, what: `${span.what}!` } : span,
        ),
        ticks: ticks.map((tick) => (tick.lane === lane ? { ...tick, atMs: tick.atMs + 3 } : tick)),
      }
      expect(draw({ ...pictures, duress: moved }), lane).not.toBe(whole)
    }
  })

  it('in docs/ is the one that `npm run twins -- --plot docs/duress-twins.svg` makes', async () => {
    expect(draw() === (await readFile(FILE, 'utf8'))).toBe(true)
  })
})
