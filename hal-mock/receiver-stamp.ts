/** The time as DC-09 writes it, HH:MM:SS,MM-DD-YYYY in UTC (reporting.md 3.7), and the calendar behind it. */

/** True for HH:MM:SS,MM-DD-YYYY of a day that exists. */
export function isStamp(text: string): boolean {
  return text.length === 19 && stampOf(secondsOf(text)) === text
}

/** Seconds since 1970-01-01 UTC of HH:MM:SS,MM-DD-YYYY; nonsense in, nonsense out. */
export function secondsOf(stamp: string): number {
  const month = parseInt(stamp.substr(9, 2), 10)
  const day = parseInt(stamp.substr(12, 2), 10)
  // The year begins in March here, so that the leap day comes last.
  const year = parseInt(stamp.substr(15, 4), 10) - (month < 3 ? 1 : 0)
  const yearDays = Math.floor((153 * (month + (month < 3 ? 9 : -3)) + 2) / 5) + day - 1
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
  const days = year * 365 + leapDays + yearDays - 719468
  const minutes = parseInt(stamp.substr(0, 2), 10) * 60 + parseInt(stamp.substr(3, 2), 10)
  return days * 86400 + minutes * 60 + parseInt(stamp.substr(6, 2), 10)
}

/** HH:MM:SS,MM-DD-YYYY in UTC (reporting.md 3.7). */
export function stampOf(utcSeconds: number): string {
  const days = Math.floor(utcSeconds / 86400)
  const second = utcSeconds - days * 86400
  // Days since 0000-03-01; a cycle of 400 years has 146097.
  const cycle = Math.floor((days + 719468) / 146097)
  const cycleDay = days + 719468 - cycle * 146097
  const leaps = Math.floor(cycleDay / 1460) - Math.floor(cycleDay / 36524) + Math.floor(cycleDay / 146096)
  const cycleYear = Math.floor((cycleDay - leaps) / 365)
  const yearDay = cycleDay - (cycleYear * 365 + Math.floor(cycleYear / 4) - Math.floor(cycleYear / 100))
  const marchMonth = Math.floor((5 * yearDay + 2) / 153)
  const day = yearDay - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = cycle * 400 + cycleYear + (month < 3 ? 1 : 0)
  const minute = Math.floor(second / 60)
  const time = digits(Math.floor(minute / 60), 2) + ':' + digits(minute % 60, 2) + ':' + digits(second % 60, 2)
  return time + ',' + digits(month, 2) + '-' + digits(day, 2) + '-' + digits(year, 4)
}

function digits(value: number, count: number): string {
  return value.toString().padStart(count, '0')
}
