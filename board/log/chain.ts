/**
 * Lines of text that hang together (E-8): each ends with the first 16 digits of a SHA-256 over the hash before and the
 * line, so that a changed, added or missing line shows there. Whoever changes a line can make the chain anew, so the last
 * line has a seal, an HMAC of the last hash under the device secret.
 */

import { createHash, createHmac } from 'node:crypto'

const SHOWN_DIGITS = 16
const NO_SEAL = 'not sealed'

/** What is wrong with a text: the first line that is not as it was written, counted from 1, and why. */
export interface Flaw {
  line: number
  why: string
}

/** The lines with their hashes, and a last line that counts and seals them. secret: undefined when it is not known. */
export function chain(lines: string[], secret: Uint8Array | undefined): string[] {
  let hash = ''
  const chained = lines.map((line) => {
    hash = next(hash, line)
    return `${line} ${hash.slice(0, SHOWN_DIGITS)}`
  })
  return [...chained, `end of ${lines.length} lines, ${sealOf(hash, lines.length, secret)}`]
}

/** Checks a text that chain() made; undefined when nothing was changed. Without the secret the seal is not looked at. */
export function verify(text: string, secret: Uint8Array | undefined): Flaw | undefined {
  const lines = text.split(/\r?\n/)
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop()
  let hash = ''
  for (const [index, line] of lines.entries()) {
    const end = /^end of (\d+) lines, (.*)$/.exec(line)
    if (end !== null) return flawOfEnd(end, hash, index, lines.length, secret)
    const body = line.slice(0, -SHOWN_DIGITS - 1)
    hash = next(hash, body)
    if (line !== `${body} ${hash.slice(0, SHOWN_DIGITS)}`) {
      return { line: index + 1, why: 'it is not as it was written, or a line in front of it is missing or was added' }
    }
  }
  return { line: lines.length + 1, why: 'the last lines are missing' }
}

function flawOfEnd(
  end: RegExpExecArray,
  hash: string,
  index: number,
  lineCount: number,
  secret: Uint8Array | undefined,
): Flaw | undefined {
  const line = index + 1
  if (Number(end[1]) !== index) return { line, why: `it counts ${end[1]} lines, and there are ${index}` }
  if (index + 1 !== lineCount) return { line: line + 1, why: 'it was added behind the end' }
  if (secret === undefined || end[2] === sealOf(hash, index, secret)) return undefined
  if (end[2] === NO_SEAL) return { line, why: 'the log was not sealed: its chain can be made anew by anybody' }
  return { line, why: 'the seal is wrong: lines were changed and the chain made anew, or the panel has other settings' }
}

function next(hash: string, line: string): string {
  return createHash('sha256').update(`${hash}\n${line}`).digest('hex')
}

function sealOf(hash: string, count: number, secret: Uint8Array | undefined): string {
  if (secret === undefined) return NO_SEAL
  return `seal ${createHmac('sha256', secret).update(`event log ${count} ${hash}`).digest('hex')}`
}
