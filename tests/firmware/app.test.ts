import { describe, expect, it, vi } from 'vitest'
import * as rigs from '../system/panel-rig'
import { unmatched } from '../system/unmatched'

/** D-31. */
const REACTION_MS = 400
/** L-1, L-2: 5 wrong codes, 90 s, doubling to 60 min. */
const LOCKOUT_MS = 90000
/** P-3. */
const HOLD_OFF_MS = 60000

const now = (rig: rigs.Rig) => rig.simulator.onlooker.now
const nowMs = (rig: rigs.Rig) => rig.simulator.clock.nowMs
const wait = (rig: rigs.Rig, ms: number) => rig.simulator.runTo(nowMs(rig) + ms)

/** Events from a time on, in order, each once: '1121 01 003'. */
function events(rig: rigs.Rig, sinceMs = 0): string[] {
  const { station, stationAtMs } = rig.simulator
  const found = rigs.heard(rig).map((event) => event.slice(0, 11))
  return found.filter((_, index) => stationAtMs[index] >= sinceMs && !station[index].isDuplicate)
}

/** A panel in a state, at READY_MS. */
function reached(state: rigs.StateName): rigs.Rig {
  const rig = rigs.start()
  rigs.reach(rig, state)
  return rig
}

/** Enters a code and gives it 10 s. Returns when it was committed. */
function enter(rig: rigs.Rig, code: string): number {
  const sinceMs = nowMs(rig)
  rigs.enter(rig, code)
  wait(rig, 10000)
  return rigs.commitMs(rig, sinceMs)
}

/** Lengths in ms of the buzzer's sounds from a time on. */
function beeps(rig: rigs.Rig, sinceMs: number, untilMs = Infinity): number[] {
  const sights = rigs.sightsSince(rig, sinceMs).filter((sight) => sight.source === 'buzzer' && sight.atMs <= untilMs)
  const lengths: number[] = []
  for (let index = 1; index < sights.length; index++) {
    if (sights[index].what === 'off') lengths.push(sights[index].atMs - sights[index - 1].atMs)
  }
  return lengths
}

describe('the answer to a code', () => {
  const CODES: [string, string][] = [
    ['user', rigs.USER],
    ['duress', rigs.DURESS],
    ['wrong', rigs.WRONG],
  ]
  const ROWS = (['disarmed', 'armed', 'quiet alarm', 'lockout'] as const).flatMap((state) =>
    CODES.map(([name, code]) => [name, state, code] as const),
  )
  it.each(ROWS)('comes 400 ms after the commit, nothing before: %s code while %s (D-31)', (_name, state, code) => {
    const rig = reached(state)
    const commitMs = enter(rig, code)
    // Behind the last star and the click of the last key there is nothing until the first tone of the answer.
    const after = rigs.sightsSince(rig, commitMs + (state === 'lockout' ? 1050 : 50))
    // In lockout the last key got its own error tone of 1000 ms, and the answer starts it anew.
    if (state === 'lockout') {
      expect([after[0].source, after[0].what, after[0].atMs]).toEqual(['buzzer', 'off', commitMs + REACTION_MS + 1000])
      return
    }
    expect(after[0].atMs).toBe(commitMs + REACTION_MS)
    expect([after[0].source, after[0].what]).not.toEqual(['buzzer', 'off'])
  })

  it.each([
    ['exit', 'light'],
    ['armed', 'light'],
    ['entry', 'light'],
    ['alarm', 'siren'],
  ] as const)(
    'while %s turns the %s off 400 ms after the commit, for user and duress codes (D-31)',
    (state, source) => {
      for (const code of [rigs.USER, rigs.DURESS]) {
        const rig = reached(state)
        const commitMs = enter(rig, code)
        const off = rigs.sightsSince(rig, commitMs).find((sight) => sight.source === source)
        expect(off).toEqual({ atMs: commitMs + REACTION_MS, source, what: 'off' })
      }
    },
  )

  it('is 3 beeps for an accepted code, one of 1000 ms for a wrong one (9.2)', () => {
    const right = reached('armed')
    expect(beeps(right, enter(right, rigs.DURESS) + 200)).toEqual([100, 100, 100])
    const wrong = reached('armed')
    expect(beeps(wrong, enter(wrong, rigs.WRONG) + 200)).toEqual([1000])
  })

  it('says Not accepted for 5 s after a wrong code, and the next key ends that', () => {
    const rig = reached('armed')
    rigs.enter(rig, rigs.WRONG)
    wait(rig, 1000)
    expect(now(rig).text).toBe('Code ******     |Not accepted    ')
    rig.simulator.type('2')
    wait(rig, 300)
    expect(now(rig).text).toBe('ARMED AWAY 08:06|Code *          ')
  })

  it('does not wait for a receiver that says nothing (D-32)', () => {
    const rig = reached('armed')
    rig.simulator.receiver.mode = 'silent'
    const commitMs = enter(rig, rigs.DURESS)
    expect(rigs.sightsSince(rig, commitMs + 50)[0].atMs).toBe(commitMs + REACTION_MS)
    expect(now(rig).light).toBe('off')
  })

  it('keeps keys that are typed before it, and takes them afterwards', () => {
    const rig = reached('armed')
    rigs.enter(rig, `${rigs.WRONG}27`)
    wait(rig, 1000)
    const commitMs = rigs.commitMs(rig, rigs.READY_MS)
    expect(rigs.sightsSince(rig, commitMs + 50)[0].atMs).toBe(commitMs + REACTION_MS)
    expect(rigs.panel(rig).keypad.count).toBe(2)
  })

  /** A panel whose passes take so long that a code is not judged after 400 ms. */
  function slow(): rigs.Rig {
    const poll = (panel: ReturnType<typeof rigs.panel>) => {
      const nextMs = rigs.firmware.poll(panel)
      return panel.warmStep < 0 ? panel.hal.clock.nowMs() + 100 : nextMs
    }
    const rig = rigs.start(1, { ...rigs.firmware, poll })
    rigs.reach(rig, 'armed')
    return rig
  }

  it('waits for the judgement on a panel that is too slow for it, as long for duress as for its owner (D-30)', () => {
    const answers = [rigs.USER, rigs.DURESS].map((code) => {
      const rig = slow()
      const sinceMs = nowMs(rig)
      rigs.enter(rig, code)
      wait(rig, 10000)
      const write = rig.lines.find(({ atMs, what }) => atMs > sinceMs && what.startsWith('write 28 bytes'))
      const off = rigs.sightsSince(rig, sinceMs).find(({ source, what }) => source === 'light' && what === 'off')
      expect(write?.atMs).toBeLessThanOrEqual(off?.atMs as number)
      expect(events(rig, sinceMs)).toEqual(code === rigs.DURESS ? [rigs.DURESS_EVENT, '1401 01 001'] : ['1401 01 001'])
      return off?.atMs
    })
    expect(answers[0]).toBe(answers[1])
  })

  it('is not that of the code before on such a panel', () => {
    const rig = slow()
    rigs.enter(rig, rigs.WRONG)
    wait(rig, 10000)
    expect(now(rig).light).toBe('on')
    rigs.enter(rig, rigs.USER)
    wait(rig, 10000)
    rigs.enter(rig, rigs.WRONG)
    wait(rig, 1500)
    expect(now(rig).text).toContain('Not accepted')
  })
})

describe('what is kept and sent for a duress code', () => {
  it('is 121 with slot 3 before 401 with the owner, both in one write of 28 bytes (D-12)', () => {
    const rig = reached('entry')
    const commitMs = enter(rig, rigs.DURESS)
    expect(events(rig, commitMs)).toEqual(['1121 01 003', '1401 01 001'])
    expect(rigs.flashOperations(rig, commitMs, commitMs + REACTION_MS - 1)).toEqual(['write 28 bytes'])
    const sequences = rig.simulator.station.slice(-3).map((event) => event.sequence) // 121 over two paths, 401
    expect(new Set(sequences).size).toBe(2)
  })

  it('is over both paths within 1 s of the commit on the primary (D-13)', () => {
    const rig = reached('armed')
    const commitMs = enter(rig, rigs.DURESS)
    const index = rigs.heard(rig).indexOf('1121 01 003 ethernet')
    expect(rig.simulator.stationAtMs[index] - commitMs).toBeLessThan(1000)
    expect(rigs.heard(rig, commitMs)).toContain('1121 01 003 cellular')
  })

  it('goes before what was waiting already (D-13)', () => {
    const rig = rigs.start()
    rig.simulator.setLink('ethernet', false)
    rig.simulator.setLink('cellular', false)
    rigs.reach(rig, 'alarm')
    enter(rig, rigs.DURESS)
    rig.simulator.setLink('ethernet', true)
    wait(rig, 90000)
    // Class 4: both paths had been lost for longer than R-6 allows. The alternative still is.
    const troubles = ['1350 01 001', '1350 01 002', '1354 01 000']
    const openings = ['3401 01 001', '1401 01 001']
    expect(events(rig)).toEqual(['1121 01 003', '1131 01 002', ...troubles, ...openings, '3131 01 002', '3350 01 001'])
  })

  // State, what an ordinary code reports there; duress adds 121 in front of it.
  it.each<[rigs.StateName, string[]]>([
    ['disarmed', []], // D-6
    ['exit', []], // D-7
    ['armed', ['1401 01 001']],
    ['entry', ['1401 01 001']], // D-8
    ['alarm', ['1401 01 001', '1406 01 001']],
    ['quiet alarm', ['1401 01 001', '1406 01 001']],
    ['lockout', []], // D-22
  ])('is 121 and what the user code sends while %s (D-4, D-6 to D-10, D-22)', (state, ordinary) => {
    const user = reached(state)
    const userMs = enter(user, rigs.USER)
    expect(events(user, userMs)).toEqual(ordinary)
    const duress = reached(state)
    const duressMs = enter(duress, rigs.DURESS)
    // Never a cancel (D-10).
    const others = ordinary.filter((event) => !event.startsWith('1406'))
    expect(events(duress, duressMs)).toEqual(['1121 01 003', ...others])
    expect(now(duress)).toEqual(now(user))
    expect(rigs.panel(duress).premises.partitions[0].state).toBe(rigs.panel(user).premises.partitions[0].state)
  })

  it('does not come with a user code, and each duress entry is reported (D-4)', () => {
    const rig = reached('disarmed')
    for (let count = 0; count < 3; count++) enter(rig, rigs.DURESS)
    enter(rig, rigs.USER)
    expect(events(rig).filter((event) => event === '1121 01 003').length).toBe(3)
  })

  it('sets the silent flag until the next ordinary code; a wrong one leaves it (D-17)', () => {
    const rig = reached('armed')
    enter(rig, rigs.DURESS)
    expect(rigs.panel(rig).premises.partitions[0].silent).toBe(1)
    enter(rig, rigs.WRONG)
    expect(rigs.panel(rig).premises.partitions[0].silent).toBe(1)
    enter(rig, rigs.OTHER_USER)
    expect(rigs.panel(rig).premises.partitions[0].silent).toBe(0)
  })

  it('survives a cut 200 ms after the commit: 121, then the opening, are sent after the restart (D-14, P-6)', () => {
    const rig = reached('armed')
    rigs.enter(rig, rigs.DURESS)
    const commitMs = rigs.commitMs(rig, rigs.READY_MS)
    rig.simulator.runTo(commitMs + 200)
    rig.simulator.powerOff()
    wait(rig, 5000)
    rig.simulator.powerOn()
    wait(rig, 60000)
    expect(events(rig, commitMs)).toEqual(['1121 01 003', '1305 01 000', '1401 01 001'])
    expect(rigs.panel(rig).premises.partitions[0].silent).toBe(1)
    expect(now(rig).text).toContain('READY')
  })
})

describe('wrong codes', () => {
  it('lock the keypad at the fifth, not at the fourth (L-1)', () => {
    const rig = reached('armed')
    for (let count = 0; count < 4; count++) enter(rig, rigs.WRONG)
    expect(now(rig).text).not.toContain('LOCKED')
    rigs.enter(rig, rigs.WRONG)
    wait(rig, 1000)
    expect(now(rig).text).toBe('KEYPAD LOCKED   |Wait            ')
  })

  it('lock for 90 s: the right code is refused at 80 s and taken at 95 s (L-2, L-4)', () => {
    const rig = reached('disarmed')
    rigs.arm(rig)
    wait(rig, 70000)
    rigs.lockOut(rig)
    const lockedMs = nowMs(rig)
    rig.simulator.runTo(lockedMs + 80000)
    rigs.enter(rig, rigs.USER)
    wait(rig, 1000)
    expect(now(rig).light).toBe('on')
    expect(now(rig).text).toBe('KEYPAD LOCKED   |Wait            ')
    rig.simulator.runTo(lockedMs + 92000)
    expect(now(rig).text).toContain('ARMED AWAY')
    rig.simulator.runTo(lockedMs + 95000)
    rigs.enter(rig, rigs.USER)
    wait(rig, 1000)
    expect(now(rig).light).toBe('off')
  })

  it('give the error tone for every key while locked, and no star (L-4)', () => {
    const rig = reached('lockout')
    const sinceMs = nowMs(rig)
    for (const key of '27491') {
      rig.simulator.type(key)
      wait(rig, 1500)
    }
    expect(beeps(rig, sinceMs)).toEqual([1000, 1000, 1000, 1000, 1000])
    rig.simulator.type('6')
    wait(rig, 2000)
    const texts = rigs.sightsSince(rig, sinceMs).filter((sight) => sight.source === 'text')
    expect(texts).toEqual([])
  })

  it('do not lock again because of keys pressed while locked, even across its end (L-4)', () => {
    const rig = reached('lockout')
    const endMs = rigs.panel(rig).lockedUntilMs
    for (let count = 0; count < 3; count++) rigs.enter(rig, rigs.WRONG)
    expect(rigs.panel(rig).lockedUntilMs).toBe(endMs)
    // The last key 100 ms before the end, its answer 300 ms after it.
    rig.simulator.runTo(endMs - 1150)
    rigs.enter(rig, rigs.WRONG)
    const commitMs = rigs.commitMs(rig, endMs - 1150)
    expect(commitMs).toBeLessThan(endMs)
    expect(commitMs + REACTION_MS).toBeGreaterThan(endMs)
    wait(rig, 1000)
    expect(rigs.panel(rig).lockedUntilMs).toBe(endMs)
    expect(now(rig).text).toContain('READY')
  })

  it('lock for 90, 180, 360, 720, 1440, 2880, 3600, 3600 s while they go on (L-2)', () => {
    const rig = reached('disarmed')
    const lengths: number[] = []
    for (let lockout = 0; lockout < 8; lockout++) {
      rigs.lockOut(rig)
      const untilMs = rigs.panel(rig).lockedUntilMs
      // Locked since the last answer, which came less than 1 s ago.
      lengths.push(Math.ceil((untilMs - nowMs(rig)) / 1000))
      rig.simulator.runTo(untilMs + 1000)
    }
    expect(lengths).toEqual([90, 180, 360, 720, 1440, 2880, 3600, 3600])
    // The count stays at 7 lockouts: it is kept in a byte, and doubling on would leave the integers.
    expect(rigs.panel(rig).wrongCount).toBe(35)
  })

  it('count from zero again after an accepted code, a duress code included (D-16)', () => {
    for (const code of [rigs.USER, rigs.DURESS]) {
      const rig = reached('disarmed')
      for (let count = 0; count < 4; count++) enter(rig, rigs.WRONG)
      enter(rig, code)
      expect(rigs.panel(rig).wrongCount).toBe(0)
      for (let count = 0; count < 4; count++) enter(rig, rigs.WRONG)
      expect(now(rig).text).not.toContain('LOCKED')
      expect(rigs.panel(rig).wrongCount).toBe(4)
    }
  })

  it('do not count when empty, cleared or timed out (L-11)', () => {
    const rig = reached('disarmed')
    for (let round = 0; round < 6; round++) {
      rigs.enter(rig, '#')
      rigs.enter(rig, '91357*')
      rigs.enter(rig, '913')
      wait(rig, 10500)
    }
    expect(rigs.panel(rig).wrongCount).toBe(0)
    expect([...rigs.panel(rig).keypad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('never lengthen the entry delay: the siren sounds 30 s after the door, lockout or not (L-4, L-12)', () => {
    const rig = reached('armed')
    rig.simulator.setZone(0, true)
    wait(rig, 2000)
    const alarmMs = rigs.panel(rig).premises.partitions[0].untilMs
    rigs.lockOut(rig)
    rig.simulator.runTo(alarmMs - 1)
    expect(now(rig).siren).toBe('off')
    rig.simulator.runTo(alarmMs + 1)
    expect(now(rig).siren).toBe('on')
  })

  it('keep the keypad locked over a power cut, whatever was pressed while locked (L-8, P-6)', () => {
    const rig = reached('lockout')
    enter(rig, rigs.WRONG)
    enter(rig, rigs.USER)
    rig.simulator.powerOff()
    wait(rig, 2000)
    rig.simulator.powerOn()
    wait(rig, 10000)
    expect(now(rig).text).toBe('KEYPAD LOCKED   |Wait            ')
    enter(rig, rigs.USER)
    expect(now(rig).text).toBe('KEYPAD LOCKED   |Wait            ')
    wait(rig, LOCKOUT_MS)
    enter(rig, rigs.WRONG)
    expect(rigs.panel(rig).wrongCount).toBe(6)
    expect(now(rig).text).not.toContain('LOCKED')
  })

  it('are counted over a power cut: the fifth locks after four before it (L-8)', () => {
    const rig = reached('disarmed')
    for (let count = 0; count < 4; count++) enter(rig, rigs.WRONG)
    rig.simulator.powerOff()
    wait(rig, 2000)
    rig.simulator.powerOn()
    wait(rig, 10000)
    expect(now(rig).text).not.toContain('LOCKED')
    enter(rig, rigs.WRONG)
    expect(now(rig).text).toContain('LOCKED')
  })
})

describe('duress in lockout', () => {
  it('gets the error tone, stays locked, and 121 is sent (D-22)', () => {
    const rig = reached('lockout in entry')
    const untilMs = rigs.panel(rig).lockedUntilMs
    rigs.enter(rig, rigs.DURESS)
    const commitMs = rigs.commitMs(rig, rigs.READY_MS)
    wait(rig, 3000)
    // The pause of the entry beeps ends with the answer, a long tone.
    const sound = rigs.sightsSince(rig, commitMs + REACTION_MS).find((sight) => sight.source === 'buzzer')
    expect(sound?.atMs).toBe(commitMs + REACTION_MS + 1000)
    expect(now(rig).text).toBe('KEYPAD LOCKED   |Wait            ')
    expect(rigs.panel(rig).lockedUntilMs).toBe(untilMs)
    expect(now(rig).light).toBe('on')
    expect(events(rig, commitMs)).toEqual(['1121 01 003'])
    expect(rigs.panel(rig).premises.partitions[0].silent).toBe(1)
  })
})

describe('arming', () => {
  it('is refused with an open zone: 3 long tones, Close zones, still disarmed, nothing sent (A-20)', () => {
    const rig = reached('disarmed')
    rig.simulator.setZone(1, true)
    wait(rig, 2000)
    expect(now(rig).text).toBe('NOT READY  08:06|02 Hall window  ')
    enterAndPress2(rig)
    expect(now(rig).text).toBe('NOT READY  08:06|Close zones     ')
    expect(now(rig).light).toBe('off')
    wait(rig, 90000)
    expect(now(rig).text).toBe('NOT READY  08:08|02 Hall window  ')
    expect(events(rig)).toEqual([])
    expect(beeps(rig, rigs.READY_MS).filter((length) => length === 500)).toEqual([500, 500, 500])
  })

  function enterAndPress2(rig: rigs.Rig): void {
    rigs.enter(rig, rigs.USER)
    wait(rig, 1000)
    rig.simulator.type('2')
    wait(rig, 3000)
  }

  it('needs the 2 within 10 s of the code (K-2, A-16)', () => {
    const rig = reached('disarmed')
    rigs.enter(rig, rigs.USER)
    wait(rig, 10500)
    rig.simulator.type('2')
    wait(rig, 1000)
    expect(now(rig).light).toBe('off')
    expect(rigs.panel(rig).keypad.count).toBe(1)
  })

  it('is not done by a wrong code and 2 (A-33)', () => {
    const rig = reached('disarmed')
    rigs.enter(rig, rigs.WRONG)
    wait(rig, 1000)
    rig.simulator.type('2')
    wait(rig, 1000)
    expect(now(rig).light).toBe('off')
  })

  it('is reported with the user when the 60 s of exit are over, not before (A-1)', () => {
    const rig = reached('disarmed')
    rigs.arm(rig, rigs.LAST_USER)
    wait(rig, 55000)
    expect(now(rig).text).toContain('AWAY  exit')
    expect(events(rig)).toEqual([])
    wait(rig, 10000)
    expect(now(rig).text).toContain('ARMED AWAY')
    expect(events(rig)).toEqual(['3401 01 064'])
  })

  it('by a duress code reports 121 at once, and the owner as the one who closed (D-4, D-6)', () => {
    const rig = reached('disarmed')
    rigs.arm(rig, rigs.DURESS)
    wait(rig, 70000)
    expect(events(rig)).toEqual(['1121 01 003', '3401 01 001'])
  })

  it('with the door left open starts the entry delay when exit ends; a window left open alarms (A-25)', () => {
    const door = reached('exit')
    door.simulator.setZone(0, true)
    wait(door, 62000)
    expect(now(door)).toMatchObject({ text: 'ALARM           |01 Front door   ', siren: 'on' })
    const both = reached('exit')
    both.simulator.setZone(0, true)
    both.simulator.setZone(1, true)
    wait(both, 62000)
    expect(now(both).text).toBe('ALARM           |02 Hall window  ')
    // The closing and the recent close are held with the alarm only where there is an abort window.
    expect(events(both)).toEqual(['1131 01 002', '3401 01 001', '1459 01 001']) // by class
  })
})

describe('a power cut', () => {
  /** Cut at READY_MS for 20 s; the panel has run 3 s since. */
  function restarted(state: rigs.StateName): rigs.Rig {
    const rig = reached(state)
    rig.simulator.powerOff()
    wait(rig, 20000)
    rig.simulator.powerOn()
    wait(rig, 3000)
    return rig
  }

  it.each<[rigs.StateName, string, string, string]>([
    ['disarmed', 'READY', 'off', 'off'],
    ['exit', 'ARMED AWAY', 'on', 'off'],
    ['armed', 'ARMED AWAY', 'on', 'off'],
    ['entry', 'ENTRY       028s', 'on', 'off'],
    ['alarm', 'ALARM           |02 Hall window', 'on', 'on'],
    ['quiet alarm', 'ALARM           |02 Hall window', 'on', 'off'],
  ])('while %s: shows %s, light %s, siren %s (P-2, P-4)', (state, text, light, siren) => {
    const rig = restarted(state)
    expect(now(rig).text).toContain(text)
    expect([now(rig).light, now(rig).siren]).toEqual([light, siren])
  })

  it('is reported as 305, and in exit the closing that it cut short as well (P-4, R-5)', () => {
    const rig = restarted('exit')
    wait(rig, 60000)
    expect(events(rig)).toEqual(['1305 01 000', '3401 01 001'])
  })

  it('in entry gives the full entry delay again, then the alarm of the zone behind it (P-4)', () => {
    const rig = restarted('entry')
    wait(rig, 26000)
    expect(now(rig).siren).toBe('off')
    wait(rig, 2000)
    expect(now(rig).siren).toBe('on')
    wait(rig, 60000)
    expect(events(rig)).toContain('1134 01 001')
  })

  it('keeps the memory of an alarm (A-31, P-1)', () => {
    const rig = reached('alarm')
    enter(rig, rigs.USER)
    rig.simulator.powerOff()
    wait(rig, 5000)
    rig.simulator.powerOn()
    wait(rig, 3000)
    expect(now(rig).text).toBe('MEMORY     08:06|02 Hall window  ')
  })

  it('ignores a window that opens and closes within 60 s of power-up, not one after it (P-3)', () => {
    const rig = restarted('armed')
    const bootMs = nowMs(rig) - 3000
    rigs.trip(rig, 1, bootMs + 30000)
    rig.simulator.runTo(bootMs + HOLD_OFF_MS + 1000)
    expect(now(rig).siren).toBe('off')
    rigs.trip(rig, 1, bootMs + HOLD_OFF_MS + 2000)
    expect(now(rig).siren).toBe('on')
  })

  it('does not help a burglar: a window opened meanwhile alarms when the 60 s are over (P-3)', () => {
    const rig = reached('armed')
    rig.simulator.powerOff()
    rig.simulator.setZone(1, true)
    wait(rig, 20000)
    rig.simulator.powerOn()
    const bootMs = nowMs(rig)
    rig.simulator.runTo(bootMs + HOLD_OFF_MS - 100)
    expect(now(rig).siren).toBe('off')
    rig.simulator.runTo(bootMs + HOLD_OFF_MS + 100)
    expect(now(rig).siren).toBe('on')
  })

  it('does not make the panel report or lock anything at its very first start', () => {
    const rig = rigs.start()
    wait(rig, 90000)
    expect(events(rig)).toEqual([])
    expect(now(rig).text).toContain('READY')
  })
})

describe('alarm', () => {
  it('sounds 240 s, then shows the zone in silence until a code; memory until the next arming (A-13, A-31, ST-6)', () => {
    const rig = rigs.start()
    rig.simulator.runTo(40000)
    rigs.arm(rig)
    rigs.trip(rig, 1, 110000)
    const onMs = rig.simulator.onlooker.sights.find((sight) => sight.source === 'siren')?.atMs ?? 0
    rig.simulator.runTo(600000)
    const siren = rig.simulator.onlooker.sights.filter((sight) => sight.source === 'siren').map((sight) => sight.atMs)
    // Its end is kept first.
    expect(siren).toEqual([onMs, onMs + 240001])
    expect(now(rig).text).toBe('ALARM           |02 Hall window  ')
    enter(rig, rigs.USER)
    expect(now(rig).text).toContain('MEMORY')
    rigs.arm(rig)
    enter(rig, rigs.USER)
    expect(now(rig).text).toContain('READY')
  })

  it('pauses the entry beeps while a code is typed (A-17)', () => {
    const rig = reached('entry')
    rig.simulator.type('2')
    wait(rig, 500)
    const sinceMs = nowMs(rig)
    wait(rig, 3000)
    expect(beeps(rig, sinceMs)).toEqual([])
    rig.simulator.type('*')
    wait(rig, 3000)
    expect(beeps(rig, sinceMs).filter((length) => length === 100).length).toBeGreaterThan(3)
  })
})

describe('a siren with a hold-off line (O-3, O-5)', () => {
  const SIREN = 4
  function start(): { rig: rigs.Rig; levels: number[] } {
    const config = unmatched()
    config.pins.sirenRest = 1
    const rig = rigs.start(1, rigs.firmware, config)
    const levels: number[] = []
    rig.simulator.board.pins.listeners.push(() => levels.push(rig.simulator.board.pins.level(SIREN)))
    return { rig, levels }
  }

  it('has its line high except in an alarm, when it falls', () => {
    const { rig, levels } = start()
    rigs.reach(rig, 'armed')
    expect(new Set(levels)).toEqual(new Set([1]))
    expect(now(rig).siren).toBe('off')
    rigs.trip(rig, 1, nowMs(rig) + 1000)
    expect([rig.simulator.board.pins.level(SIREN), now(rig).siren]).toEqual([0, 'on'])
    enter(rig, rigs.USER)
    expect([rig.simulator.board.pins.level(SIREN), now(rig).siren]).toEqual([1, 'off'])
  })

  it('has it high through a restart and without any path', () => {
    const { rig, levels } = start()
    rigs.reach(rig, 'armed')
    for (const via of ['ethernet', 'cellular']) rig.simulator.setLink(via, false)
    wait(rig, 300000)
    rig.simulator.powerOff()
    wait(rig, 1000)
    rig.simulator.powerOn()
    wait(rig, 30000)
    expect(new Set(levels)).toEqual(new Set([1]))
  })
})

describe('inputs at rest', () => {
  it.each(['disarmed', 'armed'] as const)(
    'are read in one call for keypad and zones, at most 100 ms apart, while %s (W-10)',
    (state) => {
      const rig = reached(state)
      wait(rig, 10000)
      const { pins } = rigs.panel(rig)
      const original = pins.read
      const calls: number[] = []
      const sizes = new Set<number>()
      vi.spyOn(pins, 'read').mockImplementation((wanted) => {
        calls.push(nowMs(rig))
        sizes.add(wanted.length)
        return original(wanted)
      })
      wait(rig, 60000)
      const config = unmatched()
      expect([...sizes]).toEqual([config.pins.columns.length + config.zones.count])
      for (let index = 1; index < calls.length; index++)
        expect(calls[index] - calls[index - 1]).toBeLessThanOrEqual(100)
      expect(calls.length).toBeGreaterThanOrEqual(600)
    },
  )
})
