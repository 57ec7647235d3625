import { describe, expect, it } from 'vitest'
import { Onlooker, type Sight } from '../../hal-mock/onlooker'

describe('onlooker', () => {
  it('begins with silence, darkness and an empty display', () => {
    expect(new Onlooker().now).toEqual({ text: '', siren: 'off', light: 'off', buzzer: 'off' })
  })

  it('notes each change with its time and source, and tells it once', () => {
    const onlooker = new Onlooker()
    const told: Sight[] = []
    onlooker.onSight = (sight) => told.push(sight)
    onlooker.see(10, 'siren', 'on')
    onlooker.see(20, 'light', 'on')
    onlooker.see(30, 'siren', 'off')
    const expected = [
      { atMs: 10, source: 'siren', what: 'on' },
      { atMs: 20, source: 'light', what: 'on' },
      { atMs: 30, source: 'siren', what: 'off' },
    ]
    expect(onlooker.sights).toEqual(expected)
    expect(told).toEqual(expected)
    expect(onlooker.now).toEqual({ text: '', siren: 'off', light: 'on', buzzer: 'off' })
  })

  it('does not note the same again', () => {
    const onlooker = new Onlooker()
    onlooker.see(10, 'buzzer', 'off')
    onlooker.see(20, 'buzzer', 'on')
    onlooker.see(30, 'buzzer', 'on')
    expect(onlooker.sights.map((sight) => sight.atMs)).toEqual([20])
  })

  it('takes a source it has not known', () => {
    const onlooker = new Onlooker()
    onlooker.see(5, 'relay', 'on')
    expect(onlooker.now.relay).toBe('on')
  })
})
