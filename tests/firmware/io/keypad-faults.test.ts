import { describe, expect, it } from 'vitest'
import * as faults from '../../../firmware/io/keypad-faults'

const LAYOUT = ['123A', '456B', '789C', '*0#D']

/** Where the named keys are seen, by row and column from 1 on; null for one that is not seen. Others are not asked for. */
function places(seen: Record<string, [row: number, column: number] | null>): number[] {
  const list = new Array<number>(16).fill(faults.UNASKED)
  for (const [key, place] of Object.entries(seen)) {
    const row = LAYOUT.findIndex((keys) => keys.includes(key))
    const at = row * 4 + LAYOUT[row].indexOf(key)
    list[at] = place === null ? faults.UNSEEN : (place[0] - 1) * 4 + place[1] - 1
  }
  return list
}

/** A whole 4x3 keypad with each key where the function says. */
function all(at: (row: number, column: number) => [number, number]): number[] {
  const seen: Record<string, [number, number]> = {}
  LAYOUT.forEach((keys, row) => {
    for (let column = 0; column < 3; column++) seen[keys[column]] = at(row + 1, column + 1)
  })
  return places(seen)
}

describe('what is wrong, from where keys are seen', () => {
  it('is nothing with each of 12 at its place, and with none asked for', () => {
    expect(faults.find(all((row, column) => [row, column]))).toEqual([])
    expect(faults.find(places({}))).toEqual([])
  })

  it('is rows or columns exchanged, as far as keys were seen: a pair needs both', () => {
    expect(faults.find(all((row, column) => [row, [3, 2, 1][column - 1]]))).toEqual(['COLS 1,3 SWAPPED'])
    expect(faults.find(places({ 1: [2, 1], 2: [2, 2], 4: [1, 1] }))).toEqual(['ROWS 1,2 SWAPPED'])
    expect(faults.find(places({ 1: [2, 1], 2: [2, 2] }))).toEqual(['ROW 1 AT ROW 2'])
  })

  it('is rows at columns’ pins in whatever order, and a mix when two rows are seen in one', () => {
    const turned = places({
      1: [1, 1],
      2: [2, 1],
      3: [3, 1],
      4: [1, 2],
      5: [2, 2],
      6: [3, 2],
      7: [1, 3],
      8: [2, 3],
      9: [3, 3],
    })
    expect(faults.find(turned)).toEqual(['ROWS AS COLUMNS'])
    expect(faults.find(all((row, column) => [row === 2 ? 1 : row, column]))).toEqual(['WIRES MIXED UP'])
  })

  it('is a core when several keys of a line were asked for and none was seen, else the key', () => {
    expect(faults.find(places({ 1: [1, 1], 2: null, 3: null }))).toEqual(['KEY 2 NOT SEEN', 'KEY 3 NOT SEEN'])
    expect(faults.find(places({ 1: [1, 1], 2: [1, 2], 4: null, 5: null, 8: [3, 2] }))).toEqual(['ROW 2 NOT SEEN'])
    expect(faults.find(places({ 1: [1, 1], 3: null, 4: [2, 1], 6: null }))).toEqual(['COL 3 NOT SEEN'])
    expect(faults.find(places({ 1: null, 2: null, 4: null }))).toEqual(['NO KEY YET'])
  })

  it('never has more than the 16 characters of a display’s line', () => {
    const texts = [
      ...faults.find(all((row, column) => [[3, 4, 1, 2][row - 1], [3, 2, 1][column - 1]])),
      ...faults.find(all((row, column) => [[2, 3, 4, 1][row - 1], [2, 3, 1][column - 1]])),
      ...faults.find(all((row, column) => [row === 2 ? 1 : row, column])),
      ...faults.find(places({ 1: null, 2: null, 4: null, 5: [2, 2], 7: null, '#': null, D: null })),
    ]
    expect(texts.length).toBeGreaterThan(12)
    expect(texts.filter((text) => text.length > 16)).toEqual([])
  })
})

describe('a picture of what is down', () => {
  it('is a bit for each key, the layout’s first in the lowest, without columns that are low by themselves', () => {
    expect(faults.picture([0, 1, 2, 4, 8], 0)).toBe(0x8421)
    expect(faults.picture([4, 5, 4, 6, 4], 4)).toBe(0x0201)
  })

  it('is a ghost with four corners, or six, of a rectangle, and not with two, three, or a row', () => {
    expect([0x0033, 0x3003, 0x0077, 0x0505].map(faults.isGhost)).toEqual([true, true, true, true])
    expect([0, 0x0001, 0x0003, 0x0011, 0x0013, 0x000f, 0x0136].map(faults.isGhost)).toEqual(new Array(7).fill(false))
  })
})
