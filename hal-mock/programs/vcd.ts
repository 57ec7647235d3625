/**
 * A run as a Value Change Dump (IEEE 1364-2005, clause 18), to look at in GTKWave: pins and power as wires, the display, the
 * paths and the station as strings, which GTKWave and others know beyond the standard. One unit is a millisecond.
 */

/** A change of a signal; several at one time are told in their order. */
export interface Change {
  atMs: number
  name: string
  /** '0' and '1' of a wire, any text of a string. */
  value: string
}

/** From lines of the trace, which tell of more than pins. Undefined for a line that is no signal. */
export function changeOf(atMs: number, source: string, what: string): Change | undefined {
  if (/^text( \d)?$/.test(source)) return { atMs, name: source.replace('text', 'display'), value: what }
  if (source === 'power') return { atMs, name: 'power', value: what === 'on' ? '1' : '0' }
  const path = source === 'panel' ? /^(ethernet|cellular) path (.*)$/.exec(what) : null
  if (path !== null) return { atMs, name: `${path[1]}_path`, value: path[2] }
  return ['station', 'flash', 'receiver', 'premises', 'world'].includes(source)
    ? { atMs, name: source, value: what }
    : undefined
}

/** The file. changes: in order of time. Names that only ever had 0 and 1 are wires. */
export function encodeVcd(changes: readonly Change[], untilMs: number): string {
  const names = [...new Set(changes.map(({ name }) => name))].sort()
  const isWire = new Map(names.map((name) => [name, true]))
  for (const { name, value } of changes) if (value !== '0' && value !== '1') isWire.set(name, false)
  const ids = new Map(names.map((name, index) => [name, idOf(index)]))
  const lines = ['$version duress-panel bench $end', '$timescale 1 ms $end', '$scope module panel $end']
  for (const name of names) {
    lines.push(`$var ${isWire.get(name) ? 'wire' : 'string'} 1 ${ids.get(name)} ${name.replace(/\W/g, '_')} $end`)
  }
  lines.push('$upscope $end', '$enddefinitions $end')
  let atMs = -1
  for (const { atMs: changeMs, name, value } of changes) {
    const ms = Math.floor(changeMs)
    if (ms !== atMs) lines.push(`#${ms}`)
    atMs = ms
    lines.push(isWire.get(name) ? `${value}${ids.get(name)}` : `s${escaped(value)} ${ids.get(name)}`)
  }
  lines.push(`#${Math.floor(untilMs)}`)
  return `${lines.join('\n')}\n`
}

/** Printable characters from ! on, as many as it takes. */
function idOf(index: number): string {
  const digit = String.fromCharCode(33 + (index % 94))
  return index < 94 ? digit : idOf(Math.floor(index / 94) - 1) + digit
}

/** A string has no blanks; readers know escapes as C has them. */
function escaped(value: string): string {
  return value.replace(/[^!-[\]-~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
