import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'

function bench() {
  const clock = new VirtualClock()
  const log: string[] = []
  const note = (name: string) => () => log.push(`${clock.nowMs} ${name}`)
  return { clock, log, note }
}

describe('virtual clock', () => {
  it('runs alarms in order of time, those of one instant in the order in which they were set', () => {
    const { clock, log, note } = bench()
    clock.after(30, note('d'))
    clock.after(10, note('a'))
    clock.after(20, note('b'))
    clock.after(20, note('c'))
    clock.after(0, note('now'))
    clock.runTo(100)
    expect(log).toEqual(['0 now', '10 a', '20 b', '20 c', '30 d'])
    expect(clock.nowMs).toBe(100)
  })

  it('stops at the time it was asked for, alarm by alarm, and never runs ahead', () => {
    const { clock, log, note } = bench()
    clock.after(10, note('a'))
    clock.after(11, note('b'))
    clock.runTo(9)
    expect([clock.nowMs, log.length]).toEqual([9, 0])
    clock.runTo(10)
    expect([clock.nowMs, log.length]).toEqual([10, 1])
    clock.runTo(10)
    expect(log).toEqual(['10 a'])
    clock.runTo(11)
    expect(log).toEqual(['10 a', '11 b'])
  })

  it('counts delays from the alarm that sets them, also from its second run on', () => {
    const { clock, log, note } = bench()
    const beat = () => {
      note('beat')()
      if (log.length < 4) clock.after(7, beat)
    }
    clock.after(7, beat)
    clock.runTo(20)
    expect(log).toEqual(['7 beat', '14 beat'])
    clock.runTo(28)
    expect(log).toEqual(['7 beat', '14 beat', '21 beat', '28 beat'])
  })

  it('runs what an alarm sets for the same instant in the same pass, behind what was there', () => {
    const { clock, log, note } = bench()
    clock.after(5, () => {
      note('first')()
      clock.after(0, note('third'))
      clock.after(-10, note('fourth'))
    })
    clock.after(5, note('second'))
    clock.runTo(5)
    expect(log).toEqual(['5 first', '5 second', '5 third', '5 fourth'])
  })

  it('never goes back', () => {
    const { clock } = bench()
    clock.runTo(50)
    clock.runTo(20)
    expect(clock.nowMs).toBe(50)
  })

  it('names the next alarm, Infinity without one', () => {
    const { clock, note } = bench()
    expect(clock.nextAtMs()).toBe(Infinity)
    clock.after(40, note('a'))
    clock.after(15, note('b'))
    expect(clock.nextAtMs()).toBe(15)
    clock.runTo(15)
    expect(clock.nextAtMs()).toBe(40)
    clock.runTo(40)
    expect(clock.nextAtMs()).toBe(Infinity)
  })

  it('forgets a cancelled alarm, also from within another one, and ignores ids that are spent or unknown', () => {
    const { clock, log, note } = bench()
    const spent = clock.after(1, note('a'))
    const doomed = clock.after(10, note('never'))
    clock.after(10, note('b'))
    clock.after(5, () => clock.cancel(doomed))
    clock.runTo(5)
    clock.cancel(spent)
    clock.cancel(12345)
    clock.cancel(0)
    clock.runTo(20)
    expect(log).toEqual(['1 a', '10 b'])
  })
})
