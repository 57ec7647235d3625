/** Words for the display: names out of the settings, lines of the event log. */

import * as clock from '../clock'
import * as event from '../event'
import type { Entry } from '../store/event-log'
import type { App } from './state'

/** More than 28 days, a digit a month. */
const MONTH_DAYS = '303232332323'
const DAY_SECONDS = 86400
/** 13 letters each. */
const TROUBLES =
  'Battery      Mains        Siren        Path 1       Path 2       ' +
  'No reporting Tamper       Clock        Module       Zone         '

/** Where each eighth name of a zone begins. The names stand in one text with line ends between them, which is small in memory. */
export function placesOf(names: string): Uint16Array {
  const places = [0]
  let from = names.indexOf('\n') + 1
  for (let zone = 1; from > 0; zone++) {
    if ((zone & 7) === 0) places.push(from)
    from = names.indexOf('\n', from) + 1
  }
  return new Uint16Array(places)
}

/** '07 Hall PIR'; 'Keypad' for -1, an alarm without a zone. */
export function zoneText(app: App, zone: number): string {
  if (zone < 0) return 'Keypad'
  const names = app.config.zones.names
  let from = app.namePlaces[zone >> 3]
  for (let index = zone & 7; index > 0; index--) from = names.indexOf('\n', from) + 1
  const end = names.indexOf('\n', from)
  const name = end < 0 ? names.substr(from) : names.substr(from, end - from)
  return ('0' + (zone + 1)).slice(-2) + ' ' + name
}

/** What a number of the trouble menu is (K-20): '02 Mains'. */
export function troubleText(number: number): string {
  return ('0' + number).slice(-2) + ' ' + TROUBLES.substr(number * 13 - 13, 13)
}

/** First line of a log entry: '05.01. 08:05  P1', blanks for an unknown time; local time, partition. */
export function entryLine1(app: App, entry: Entry): string {
  const seconds = entry.utcSeconds
  const time = clock.hhmm(seconds, app.config.utcOffsetMinutes)
  const date = seconds === 0 ? '      ' : dayAndMonth(seconds + app.config.utcOffsetMinutes * 60)
  return date + ' ' + time + (entry.partition > 0 ? '  P' + entry.partition : '')
}

/** Second line: Contact ID code, '+' for a restore or closing, a word, zone or user: '131  ALARM 07'. */
export function entryLine2(entry: Entry): string {
  const sign = entry.qualifier === event.RESTORE ? '+ ' : '  '
  const number = entry.number > 0 ? ' ' + ('0' + entry.number).slice(entry.number > 99 ? -3 : -2) : ''
  return entry.code + sign + word(entry.code) + number
}

/** What stands behind a code, in seven letters at most; the codes the log has for itself are from 1000 on. */
function word(code: number): string {
  if (code >= 1000) return code === 1003 ? 'NO CODE' : code === 1004 ? 'FORCED' : code === 1000 ? 'TIMES' : 'ZONE'
  if (code < 130 || code === 151 || code === 162) return 'ALARM'
  if (code === 137 || code === 144 || code === 145) return 'TAMPER'
  if (code < 200) return 'ALARM'
  if (code < 400) return 'TROUBLE'
  if (code === event.CANCEL) return 'CANCEL'
  if (code === event.WRONG_CODES) return 'LOCKED'
  if (code < 500) return 'OP/CL'
  return code < 600 ? 'BYPASS' : 'TEST'
}

/** '05.01.' of UTC or local seconds. */
function dayAndMonth(seconds: number): string {
  let day = Math.floor(seconds / DAY_SECONDS)
  let year = 1970
  for (let length = 365; day >= length; length = year % 4 === 0 ? 366 : 365) {
    day -= length
    year++
  }
  let month = 0
  for (let length = 31; day >= length; ) {
    day -= length
    month++
    length = 28 + +MONTH_DAYS.charAt(month) + (month === 1 && year % 4 === 0 ? 1 : 0)
  }
  return ('0' + (day + 1)).slice(-2) + '.' + ('0' + (month + 1)).slice(-2) + '.'
}
