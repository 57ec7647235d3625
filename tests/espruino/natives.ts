/** The published examples of tests/vectors/natives.ts against the functions that an interpreter has built in. */

import type { Interpreter } from '../../hal-mock/programs/interpreter'
import { AES_CBC, CRC32, PBKDF2_SHA256, SHA256 } from '../vectors/natives'

export interface NativeResult {
  native: string
  count: number
  /** Of the first that differs; '' when all are equal. */
  problem: string
}

interface Case {
  native: string
  name: string
  /** An expression that the interpreter evaluates to hex digits. */
  call: string
  expected: string
}

/** bytes() and hex() of the script; hex() of what a native refused says so. */
const HEAD =
  `var crypto=require('crypto');` +
  `function bytes(hex){var b=new Uint8Array(hex.length>>1);for(var i=0;i<b.length;i++)b[i]=parseInt(hex.substr(i*2,2),16);return b}` +
  `function hex(buffer){if(buffer===undefined)return 'undefined';var text='',b=new Uint8Array(buffer);` +
  `for(var i=0;i<b.length;i++)text+=('0'+b[i].toString(16)).substr(-2);return text}`

export async function checkNatives(interpreter: Interpreter): Promise<NativeResult[]> {
  const cases = allCases()
  const script = HEAD + cases.map((entry, index) => `print('vector ${index} '+${entry.call});`).join('')
  const run = await interpreter.execute(script)
  const found = run.lines.filter((line) => line.startsWith('vector '))
  const results: NativeResult[] = []
  for (const native of new Set(cases.map((entry) => entry.native))) {
    const own = cases.filter((entry) => entry.native === native)
    const wrong = own.find((entry) => !found.includes(`vector ${cases.indexOf(entry)} ${entry.expected}`))
    results.push({ native, count: own.length, problem: wrong === undefined ? '' : wrong.name })
  }
  if (run.complaint !== '') results.push({ native: 'all', count: cases.length, problem: run.complaint })
  return results
}

function allCases(): Case[] {
  const cases: Case[] = []
  for (const { name, messageHex, digestHex } of SHA256) {
    cases.push({ native: 'SHA-256', name, call: `hex(crypto.SHA256(bytes('${messageHex}')))`, expected: digestHex })
  }
  for (const { secretHex, saltHex, iterations, keyHex } of PBKDF2_SHA256) {
    const options = `{keySize:${Math.ceil(keyHex.length / 8)},iterations:${iterations},hasher:'SHA256'}`
    const call = `hex(crypto.PBKDF2(bytes('${secretHex}'),bytes('${saltHex}'),${options}))`
    const name = `${secretHex} with ${saltHex}, ${iterations} times`
    cases.push({ native: 'PBKDF2-HMAC-SHA256', name, call, expected: keyHex })
  }
  for (const { name, keyHex, vectorHex, plainHex, cipherHex } of AES_CBC) {
    const call = (verb: string, textHex: string) =>
      `hex(crypto.AES.${verb}(bytes('${textHex}'),bytes('${keyHex}'),{iv:bytes('${vectorHex}'),mode:'CBC'}))`
    cases.push({ native: 'AES-CBC encrypt', name, call: call('encrypt', plainHex), expected: cipherHex })
    cases.push({ native: 'AES-CBC decrypt', name, call: call('decrypt', cipherHex), expected: plainHex })
  }
  for (const { name, messageHex, value } of CRC32) {
    const expected = value.toString(16)
    cases.push({ native: 'CRC-32', name, call: `E.CRC32(bytes('${messageHex}')).toString(16)`, expected })
  }
  return cases
}
