/** Bytes as the interpreter's natives take and give them. */

/** What the natives take for bytes: numbers, strings, arrays of these, typed arrays, array buffers. */
export function toBytes(data: unknown): Uint8Array {
  const bytes: number[] = []
  append(bytes, data)
  return new Uint8Array(bytes)
}

function append(bytes: number[], data: unknown): void {
  if (typeof data === 'number') bytes.push(data & 255)
  else if (typeof data === 'string')
    for (let index = 0; index < data.length; index++) bytes.push(data.charCodeAt(index))
  else if (typeof data === 'object' && data !== null) {
    const list = data as { length?: number; byteLength?: number }
    const items = (list.length === undefined ? new Uint8Array(data as ArrayBuffer) : data) as ArrayLike<unknown>
    for (let index = 0; index < items.length; index++) append(bytes, items[index])
  } else throw new Error(`Expecting something to get data from, got ${typeof data}`)
}

/** Bytes as a string of char codes. */
export function toText(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += String.fromCharCode(bytes[index])
  return text
}
