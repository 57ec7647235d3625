import { describe, expect, it } from 'vitest'
import * as at from '../../../firmware/cellular/at'
import { asInterpreter } from '../../hal-mock/as-interpreter'

// What take() returns, written down again (V.250 result codes and our own findings).
const NOTHING = 0
const LINE = 1
const OK = 2
const ERROR = 3
const STRAY = 4
const ECHO = 5
const DATA = 6
const TIMEOUT = 7

function bench() {
  const wire = { incoming: '', outgoing: [] as string[] }
  const a = at.create({
    read: () => {
      const bytes = wire.incoming
      wire.incoming = ''
      return bytes
    },
    write: (bytes) => {
      wire.outgoing.push(bytes)
    },
  })
  /** All findings until there is nothing left, lines as their text. */
  function hear(bytes: string, nowMs: number): (number | string)[] {
    wire.incoming += bytes
    at.listen(a, nowMs)
    const found: (number | string)[] = []
    for (let turn = 0; turn < 3000; turn++) {
      const event = at.take(a, nowMs)
      if (event === NOTHING) return found
      if (event !== LINE) found.push(event)
      else if (a.line !== '') found.push(a.line)
    }
    throw new Error('the engine does not come to an end')
  }
  return { a, wire, hear }
}

describe('AT engine', () => {
  it('sends a command with one CR and returns its lines, then OK', () => {
    const { a, wire, hear } = bench()
    at.start(a, 'AT+CSQ', '', 9000, 0)
    expect(wire.outgoing).toEqual(['AT+CSQ\r'])
    expect(hear('\r\n+CSQ: 20,99\r\n\r\nOK\r\n', 10)).toEqual(['+CSQ: 20,99', OK])
  })

  it('takes ERROR, +CME ERROR and +CMS ERROR for the end of a command', () => {
    for (const text of ['ERROR', '+CME ERROR: 10', '+CME ERROR: SIM not inserted', '+CMS ERROR: 310']) {
      const { a, hear } = bench()
      at.start(a, 'AT+CPIN?', '', 9000, 0)
      expect(hear(`\r\n${text}\r\n`, 10)).toEqual([ERROR])
    }
  })

  it('leaves 30 ms between a result and the next command', () => {
    const { a, hear } = bench()
    at.start(a, 'AT', '', 500, 0)
    expect(at.isFree(a, 0)).toBe(false)
    hear('\r\nOK\r\n', 100)
    expect(at.isFree(a, 129)).toBe(false)
    expect(at.isFree(a, 130)).toBe(true)
  })

  it('finds the same things wherever the bytes are cut', () => {
    const bytes = '\r\n+CREG: 1\r\n\r\n+CSQ: 20,99\r\n\r\n*PSUTTZ: 1\r\n\r\nOK\r\n\r\nRING\r\n'
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { a, hear } = bench()
      at.start(a, 'AT+CSQ', '', 9000, 0)
      const found = hear(bytes.slice(0, cut), 10).concat(hear(bytes.slice(cut), 30))
      expect(found, `cut at ${cut}`).toEqual(['+CREG: 1', '+CSQ: 20,99', '*PSUTTZ: 1', OK, 'RING'])
    }
  })

  it('knows the echo of the command in flight, with one CR or two, and no other', () => {
    const { a, hear } = bench()
    at.start(a, 'ATE0', '', 9000, 0)
    expect(hear('ATE0\r\r\nOK\r\n', 10)).toEqual([ECHO, OK])
    at.start(a, 'AT+CSQ', '', 9000, 50)
    expect(hear('AT+CSQ\r\n\r\nATE0\r\n', 60)).toEqual([ECHO, 'ATE0'])
  })

  it('sends the body after a prompt with or without a blank, in pieces of 512 bytes 50 ms apart', () => {
    for (const prompt of ['\r\n>', '\r\n> ', '>', '\r\n+CREG: 1\r\n\r\n>']) {
      const { a, wire, hear } = bench()
      at.start(a, 'AT+CIPSEND=0,1024', 'x'.repeat(1024), 17000, 0)
      hear(prompt, 10)
      expect(wire.outgoing.slice(1).map((piece) => piece.length)).toEqual([512])
      hear('', 59)
      expect(wire.outgoing.length).toBe(2)
      hear('', 60)
      expect(wire.outgoing.slice(1).map((piece) => piece.length)).toEqual([512, 512])
      expect(hear('\r\nOK\r\n', 120)).toEqual([OK])
    }
  })

  it('takes > for a prompt only while a send waits for it', () => {
    const { a, wire, hear } = bench()
    at.start(a, 'AT+CSQ', '', 9000, 0)
    hear('\r\n>', 10)
    expect(wire.outgoing.length).toBe(1)
    expect(hear('\r\nOK\r\n', 20)).toEqual(['>', OK])
  })

  it('does not take a late OK for the prompt', () => {
    const { a, wire, hear } = bench()
    at.start(a, 'AT+CIPSEND=0,3', 'abc', 17000, 0)
    expect(hear('\r\nOK\r\n', 10)).toEqual([STRAY])
    hear('\r\n> ', 20)
    expect(wire.outgoing).toEqual(['AT+CIPSEND=0,3\r', 'abc'])
  })

  it('forgets the body when ERROR comes instead of the prompt', () => {
    const { a, wire, hear } = bench()
    at.start(a, 'AT+CIPSEND=0,3', 'abc', 17000, 0)
    expect(hear('\r\n+CIPERROR: 4\r\n\r\nERROR\r\n', 10)).toEqual(['+CIPERROR: 4', ERROR])
    hear('\r\n>', 20)
    expect(wire.outgoing).toEqual(['AT+CIPSEND=0,3\r'])
  })

  it('pads with one CR per byte when the prompt does not come within 3 s', () => {
    const { a, wire, hear } = bench()
    at.start(a, 'AT+CIPSEND=0,600', 'y'.repeat(600), 17000, 0)
    expect(hear('', 2999)).toEqual([])
    expect(hear('', 3000)).toEqual([TIMEOUT])
    hear('', 3020)
    hear('', 3100)
    expect(wire.outgoing.slice(1).join('')).toBe('\r'.repeat(600))
    expect(wire.outgoing[1].length).toBe(512)
  })

  it('counts bytes that look like results, prompts and line ends, split at any place', () => {
    const payload = 'OK\r\n>\r\nERROR\r\n+CIPRXGET: 2,0,9,9\r\n\0\xff'
    const tail = '\r\nOK\r\n'
    for (let cut = 0; cut <= payload.length + tail.length; cut++) {
      const { a, hear, wire } = bench()
      at.start(a, 'AT+CIPRXGET=2,0,256', '', 9000, 0)
      wire.incoming = '\r\n+CIPRXGET: 2,0,37,0\r\n'
      at.listen(a, 10)
      while (a.line !== '+CIPRXGET: 2,0,37,0') expect(at.take(a, 10)).toBe(LINE)
      a.count = payload.length
      const found = hear((payload + tail).slice(0, cut), 20).concat(hear((payload + tail).slice(cut), 40))
      expect(found).toEqual([DATA, OK])
      expect(a.payload).toBe(payload)
    }
  })

  it('counts bytes that stand on the line of their head, split at any place', () => {
    const payload = 'OK\r\n"+CARECV: 3,abc\r\n\0\xff'
    for (const [head, tail, before, after] of [
      ['+CARECV: ', ',', `\r\n+CREG: 1\r\n\r\n+CARECV: ${payload.length},`, '\r\nOK\r\n'],
      ['+USORD: 0,', ',"', `\r\n+USORD: 0,${payload.length},"`, '"\r\n\r\nOK\r\n'],
    ]) {
      const bytes = before + payload + after
      for (let cut = 0; cut <= bytes.length; cut++) {
        const { a, hear } = bench()
        at.start(a, 'AT+CARECV=0,256', '', 9000, 0)
        a.head = head
        a.tail = tail
        let found: (number | string)[] = []
        // There the ',' alone is found for ',"', and what comes next must still not pass for payload.
        asInterpreter(() => {
          found = hear(bytes.slice(0, cut), 20).concat(hear(bytes.slice(cut), 40))
        })
        expect(found.filter((event) => event !== '+CREG: 1' && event !== '"')).toEqual([DATA, OK])
        expect(a.payload).toBe(payload)
        expect(a.head).toBe('')
      }
    }
  })

  it('takes a head for a line when its number is none, 0, more than 1500, or within a line', () => {
    for (const text of [
      '+CARECV: 0',
      '+CARECV: 1501,abc',
      '+CARECV: x,abc',
      '+CARECV: 3 ,abc',
      '+CARECV: -3,abc',
      'x+CARECV: 3,abc',
    ]) {
      const { a, hear } = bench()
      at.start(a, 'AT+CARECV=0,256', '', 9000, 0)
      a.head = '+CARECV: '
      a.tail = ','
      expect(hear(`\r\n${text}\r\n\r\nOK\r\n`, 20)).toEqual([text, OK])
      expect(a.count).toBe(0)
    }
  })

  it('waits 50 ms between the prompt @ and the first byte, and takes > for none then', () => {
    const { a, wire, hear } = bench()
    a.prompt = 64
    at.start(a, 'AT+USOWR=0,3', 'abc', 9000, 0)
    expect(hear('\r\n>', 10)).toEqual([])
    expect(wire.outgoing).toEqual(['AT+USOWR=0,3\r'])
    hear('\r\n', 20)
    hear('\r\n@', 30)
    hear('', 79)
    expect(wire.outgoing.length).toBe(1)
    hear('', 80)
    expect(wire.outgoing[1]).toBe('abc')
  })

  it('ends a command with a line of its own when the caller says so', () => {
    const { a, hear } = bench()
    at.start(a, 'AT+CIPSHUT', '', 9000, 0)
    expect(hear('\r\nSHUT OK\r\n', 100)).toEqual(['SHUT OK'])
    at.finish(a, 100)
    expect(at.isFree(a, 129)).toBe(false)
    expect(at.isFree(a, 130)).toBe(true)
    expect(hear('\r\nOK\r\n', 140)).toEqual([STRAY])
  })

  it('reports a time-out at its limit, then calls late results strays and stays quiet for 2 s', () => {
    const { a, hear } = bench()
    at.start(a, 'AT+CGMM', '', 9000, 0)
    expect(hear('', 8999)).toEqual([])
    expect(hear('', 9000)).toEqual([TIMEOUT])
    expect(hear('\r\nOK\r\n', 9500)).toEqual([STRAY])
    expect(at.isFree(a, 10999)).toBe(false)
    expect(at.isFree(a, 11000)).toBe(true)
  })

  it('gives up counted bytes with their command', () => {
    const { a, hear } = bench()
    at.start(a, 'AT+CIPRXGET=2,0,256', '', 9000, 0)
    a.count = 200
    expect(hear('abc', 10)).toEqual([])
    expect(hear('', 9000)).toEqual([TIMEOUT])
    expect(hear('\r\nRING\r\n', 9100)).toEqual(['RING'])
    expect(a.payload).toBe('')
  })

  it('keeps 1024 unread bytes, drops the oldest and counts them', () => {
    const { a, hear } = bench()
    hear('a'.repeat(1000), 0)
    hear('b'.repeat(1000), 10)
    expect(a.text.length).toBe(1024)
    expect(a.dropped).toBe(976)
    expect(a.text.slice(0, 25)).toBe('a'.repeat(24) + 'b')
    expect(hear('\r\nRING\r\n', 20)[1]).toBe('RING')
  })

  it('forgets everything on reset', () => {
    const { a, wire, hear } = bench()
    at.start(a, 'AT+CIPSEND=0,3', 'abc', 17000, 0)
    hear('half a li', 10)
    at.reset(a, 100)
    expect(hear('\r\n>', 110)).toEqual([])
    expect(hear('\r\nOK\r\n', 120)).toEqual(['>', STRAY])
    expect(wire.outgoing.length).toBe(1)
    expect(at.isFree(a, 130)).toBe(true)
  })
})
