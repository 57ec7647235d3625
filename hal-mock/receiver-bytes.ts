/** Digits, bytes and text as the receiver reads and writes them: strings of char codes 0-255, upper-case hex. */

export const UPPER_HEX = '0123456789ABCDEF'
export const DECIMAL = '0123456789'

/** How many characters from here on belong to the alphabet. */
export function spanOf(text: string, from: number, alphabet: string): number {
  let end = from
  while (end < text.length && alphabet.indexOf(text.charAt(end)) >= 0) end++
  return end - from
}

export function hexDigits(value: number, count: number): string {
  return value.toString(16).toUpperCase().padStart(count, '0')
}

/** Undefined unless the text is pairs of upper-case hex digits. */
export function bytesOfHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0 || spanOf(hex, 0, UPPER_HEX) !== hex.length) return undefined
  const bytes = new Uint8Array(hex.length / 2)
  for (let index = 0; index < bytes.length; index++) bytes[index] = parseInt(hex.substr(index * 2, 2), 16)
  return bytes
}

export function hexOf(bytes: Uint8Array): string {
  let hex = ''
  for (let index = 0; index < bytes.length; index++) hex += hexDigits(bytes[index], 2)
  return hex
}

export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < bytes.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}

export function stringOf(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += String.fromCharCode(bytes[index])
  return text
}
