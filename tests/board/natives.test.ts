import { afterEach, describe, expect, test, vi } from 'vitest'
import { natives, sha256 } from '../../board/natives'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { type Globals, Rig } from '../hal-mock/espruino-rig'

const bytes = new Uint8Array(16).fill(3)

/** The modelled interpreter's globals that natives.ts looks up at each call; E.defrag() is counted. */
function interpreter(): { rig: Rig; defrags: () => number } {
  const rig = new Rig()
  const g: Globals = rig.g
  const defrag = vi.fn(g.E.defrag)
  vi.stubGlobal('require', g.require)
  vi.stubGlobal('E', { ...g.E, defrag })
  return { rig, defrags: () => defrag.mock.calls.length }
}

/** Everything in it that works in one piece of memory, as hex digits. */
function answers(): string[] {
  const sealed = natives.encryptCbc(bytes, bytes)
  const made = [natives.pbkdf2(bytes, bytes, 2, 16), new Uint8Array(sha256(bytes)), sealed]
  return [...made, natives.decryptCbc(sealed, bytes)].map((part) => Buffer.from(part).toString('hex'))
}

describe('natives behind the boundary', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('what the native made comes as bytes', () => {
    interpreter()
    expect(natives.pbkdf2(bytes, bytes, 1, 16)).toEqual(nodeCrypto.pbkdf2(bytes, bytes, 1, 16))
    expect(natives.decryptCbc(natives.encryptCbc(bytes, bytes), bytes)).toEqual(bytes)
  })

  test('texts become bytes and bytes hex digits as on Node, whatever the bytes and however many', () => {
    interpreter()
    const all = Uint8Array.from({ length: 600 }, (_, index) => (index * 7) & 255)
    for (const length of [0, 1, 2, 63, 64, 65, 127, 128, 600]) {
      const part = all.slice(0, length)
      expect(natives.bytesOf(Buffer.from(part).toString('latin1'))).toEqual(part)
      expect(natives.hexOf(part)).toBe(nodeCrypto.hexOf(part))
      const letters = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => (index * 11) & 127)).toString('latin1')
      expect(natives.lettersOf(part, letters)).toBe(nodeCrypto.lettersOf(part, letters))
    }
  })

  test('a cipher that was refused is empty, so that no plain text passes for it (espruino.md §5.2)', () => {
    const { defrags } = interpreter()
    expect(natives.encryptCbc(new Uint8Array(15), bytes)).toHaveLength(0)
    expect(natives.decryptCbc(new Uint8Array(17), bytes)).toHaveLength(0)
    // Seconds of standing still for nothing, if the memory were blamed for it.
    expect(defrags()).toBe(0)
  })
})

describe('memory in holes (docs/espruino-model.md)', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('costs nobody a hash or a frame: the second try has the spare piece', () => {
    const { rig, defrags } = interpreter()
    const expected = answers()
    for (const [call, made] of [
      [() => natives.pbkdf2(bytes, bytes, 2, 16), expected[0]],
      [() => new Uint8Array(sha256(bytes)), expected[1]],
      [() => natives.encryptCbc(bytes, bytes), expected[2]],
    ] as const) {
      rig.espruino.memory.refusalsLeft = 1
      expect(Buffer.from(call()).toString('hex')).toBe(made)
      expect(rig.espruino.memory.refusalsLeft).toBe(0)
    }
    expect(defrags()).toBe(0)
  })

  test('is closed when the spare piece was not enough', () => {
    const { rig, defrags } = interpreter()
    const expected = answers()
    rig.espruino.memory.refusalsLeft = Infinity
    expect(answers()).toEqual(expected)
    expect(defrags()).toBe(1)
  })

  test('that nothing helps against makes an error, never an empty hash; a cipher is empty', () => {
    interpreter()
    const nothing = () => undefined
    vi.stubGlobal('require', () => ({ SHA256: nothing, PBKDF2: nothing, AES: { encrypt: nothing, decrypt: nothing } }))
    expect(() => natives.pbkdf2(bytes, bytes, 1, 16)).toThrow('no hash')
    expect(() => sha256(bytes)).toThrow('no hash')
    expect(natives.encryptCbc(bytes, bytes)).toHaveLength(0)
  })
})
