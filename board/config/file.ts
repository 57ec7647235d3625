/** A panel's file on disk, and the board that it is for. */

import { readFileSync } from 'node:fs'
import { parse } from 'jsonc-parser'
import { BOARDS, type BoardMap, find } from '../boards/index'
import { fromCaller } from '../command'

export interface PanelFile {
  /** As the user wrote it. */
  name: string
  text: string
  map: BoardMap
  /** Neither the file nor the user names a board. */
  isAssumed: boolean
}

/**
 * Reads the file for the board that the user names, else that it names itself, else the first one. Throws an Error with a
 * sentence when it cannot be read, or when that board cannot carry the panel.
 */
export function openFile(name: string, boardName: string | undefined): PanelFile {
  let text: string
  try {
    text = readFileSync(fromCaller(name), 'utf8')
  } catch (reason) {
    const code = (reason as NodeJS.ErrnoException).code
    if (code === 'EISDIR') throw new Error(`${name} is a folder: name the file with the panel's settings`)
    const why = code === 'ENOENT' ? 'there is none' : `it cannot be read (${code})`
    throw new Error(`${name}: ${why}; npm run configure makes one`)
  }
  const chosen = boardName ?? boardIn(text)
  const map = chosen === undefined ? BOARDS[0] : find(chosen)
  return { name, text, map, isAssumed: chosen === undefined }
}

/** The board that a panel's file names, however wrong the rest is. */
export function boardIn(text: string): string | undefined {
  const given: unknown = parse(text, [], { allowTrailingComma: true })
  const board = (given as { board?: unknown } | undefined | null)?.board
  return typeof board === 'string' ? board : undefined
}
