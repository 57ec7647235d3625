/** The text message of last resort: hardware.md §2.10. */

import { describe, expect, it } from 'vitest'
import { sms } from '../../../firmware/cellular/cellular-path'
import * as event from '../../../firmware/event'
import type { ModemModel } from '../../../hal-mock/modem'
import { ModemBench, READY } from './modem-bench'

// What sms() says, written down again.
const TAKEN = 0
const OFF = 1
const SILENT = 2
const UNFIT = 3
const LIMITED = 4
// What becomes of a message.
const SENT = 20
const FAILED = 22

const NUMBER = '+491701234567'
const TEXT = 'Panel 1234: E131 zone 2'
const BURGLARY = event.priorityClass(event.PERIMETER_ALARM, event.NEW)

function ready(model: ModemModel = 'A7670', smsNumber = NUMBER): ModemBench {
  const bench = new ModemBench({ modem: { model }, smsNumber })
  bench.ready()
  bench.run(5000)
  return bench
}

describe('text message of last resort', () => {
  it('never tells of a class 0 event: a message may light up on a screen beside the victim', () => {
    const bench = ready()
    expect(event.priorityClass(event.DURESS, event.NEW)).toBe(0)
    expect(sms(bench.p, TEXT, event.priorityClass(event.DURESS, event.NEW))).toBe(SILENT)
    for (const nonsense of [-1, Number.NaN]) expect(sms(bench.p, TEXT, nonsense)).toBe(SILENT)
    bench.run(120000)
    expect(bench.modem.messages).toEqual([])
    expect(bench.lines.filter((line) => line.includes('CMG'))).toEqual([])
  })

  it.each(['', '0', '+', '+49', '49170123456', '+49170x23456', '+12345678901234567', '+49;170123456'])(
    'is off with the number "%s"',
    (number) => {
      const bench = ready('A7670', number)
      expect(sms(bench.p, TEXT, BURGLARY)).toBe(OFF)
      bench.run(60000)
      expect(bench.modem.messages).toEqual([])
    },
  )

  it.each<ModemModel>(['A7670', 'SIM7080', 'SIM800', 'BG95', 'SARA-R4'])(
    '%s sends one, and the link goes on',
    (model) => {
      const bench = ready(model)
      expect(sms(bench.p, TEXT, BURGLARY)).toBe(TAKEN)
      bench.until(() => bench.p.sms === SENT, 10000)
      expect(bench.modem.messages).toEqual([{ number: NUMBER, text: TEXT }])
      expect(bench.p.state).toBe(READY)
      bench.deliver('frame\r', 5000)
    },
  )

  it('takes 160 characters that mean the same in every alphabet, and no others', () => {
    const bench = ready()
    for (const text of ['', 'a'.repeat(161), 'a@b', 'a_b', '[a]', 'a\x1ab', 'a\x1bb', 'a\rb', 'ä', '"', '$', '~'])
      expect(sms(bench.p, text, BURGLARY), JSON.stringify(text)).toBe(UNFIT)
    const text = 'Az09 .,:-/+'.repeat(15).slice(0, 160)
    expect(sms(bench.p, text, BURGLARY)).toBe(TAKEN)
    bench.until(() => bench.p.sms === SENT, 10000)
    expect(bench.modem.messages[0].text).toBe(text)
  })

  it('sends one at a time, one a minute, and 20 a day', () => {
    const bench = ready()
    expect(sms(bench.p, TEXT, BURGLARY)).toBe(TAKEN)
    expect(sms(bench.p, TEXT, BURGLARY)).toBe(LIMITED)
    bench.until(() => bench.p.sms === SENT, 10000)
    bench.run(58000)
    expect(sms(bench.p, TEXT, BURGLARY)).toBe(LIMITED)
    bench.run(3000)
    for (let count = 1; count < 20; count++) {
      expect(sms(bench.p, TEXT, BURGLARY), `message ${count}`).toBe(TAKEN)
      bench.run(70000)
    }
    expect(sms(bench.p, TEXT, BURGLARY)).toBe(LIMITED)
    bench.run(86400000 - 19 * 70000)
    expect(sms(bench.p, TEXT, BURGLARY)).toBe(TAKEN)
    bench.run(10000)
    expect(bench.modem.messages.length).toBe(21)
  })

  it('goes out while the network has no data bearer to give', () => {
    const bench = new ModemBench({ smsNumber: NUMBER })
    bench.modem.faults.pdpRefused = true
    bench.run(30000)
    expect(sms(bench.p, TEXT, BURGLARY)).toBe(TAKEN)
    bench.until(() => bench.p.sms === SENT, 120000)
  })

  it('waits for a modem whose part for messages is not ready yet, at most 30 tries', () => {
    const bench = new ModemBench({ smsNumber: NUMBER })
    sms(bench.p, TEXT, BURGLARY)
    bench.until(() => bench.p.sms === SENT, 60000)
    expect(bench.modem.messages.length).toBe(1)
  })

  it('gives up after 30 tries when that part is never ready', () => {
    const bench = new ModemBench({ smsNumber: NUMBER })
    bench.modem.sim = 'absent'
    bench.run(60000)
    bench.modem.faults.smsNeverReady = true
    sms(bench.p, TEXT, BURGLARY)
    bench.until(() => bench.p.sms === FAILED, 60000)
    expect(bench.lines.filter((line) => line.includes('> AT+CMGF=1')).length).toBe(30)
  })

  it('gives up when the network refuses it, and tries no second time', () => {
    for (const code of [330, 331, 332]) {
      const bench = ready()
      bench.modem.faults.smsError = code
      sms(bench.p, TEXT, BURGLARY)
      bench.until(() => bench.p.sms === FAILED, 10000)
      bench.run(120000)
      expect(bench.lines.filter((line) => line.includes('> AT+CMGS=')).length).toBe(1)
      bench.deliver('frame\r', 5000)
    }
  })

  it('waits 100 s for the network, gives up after 120 s, and the path goes on either way', () => {
    for (const [lateMs, outcome] of [
      [100000, SENT],
      [130000, FAILED],
    ]) {
      const bench = ready()
      bench.modem.faults.smsLateMs = lateMs
      sms(bench.p, TEXT, BURGLARY)
      bench.until(() => bench.p.sms === outcome, 125000)
      bench.run(20000)
      bench.deliver('frame\r', 60000)
    }
  })

  it('ends with ESC what a modem without a prompt may still wait for', () => {
    const bench = ready()
    sms(bench.p, TEXT, BURGLARY)
    bench.modem.faults.promptMissing = true
    bench.until(() => bench.p.sms === FAILED, 10000)
    bench.modem.faults.promptMissing = false
    bench.run(5000)
    expect(bench.modem.messages).toEqual([])
    bench.deliver('frame\r', 10000)
  })

  it('is not sent twice when the modem restarts under it', () => {
    const bench = ready()
    bench.modem.faults.smsLateMs = 5000
    sms(bench.p, TEXT, BURGLARY)
    bench.run(3000)
    expect(bench.lines.filter((line) => line.includes('> AT+CMGS=')).length).toBe(1)
    bench.modem.reboot()
    bench.run(120000)
    expect(bench.p.sms).toBe(FAILED)
    expect(bench.lines.filter((line) => line.includes('> AT+CMGS=')).length).toBe(1)
    bench.deliver('frame\r', 10000)
  })

  it('waits until a frame has its answer', () => {
    const bench = ready()
    bench.connect()
    bench.isMute = true
    bench.p.send(bench.p, 'frame\r')
    sms(bench.p, TEXT, BURGLARY)
    bench.run(5000)
    expect(bench.lines.filter((line) => line.includes('> AT+CMGF')).length).toBe(0)
    bench.connections[0].send('kiss-off\r')
    bench.until(() => bench.p.sms === SENT, 10000)
  })
})
