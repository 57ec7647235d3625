/**
 * Reads the archives in which Espruino builds come: .tgz from the build server, .zip of a release, a .tgz within it.
 * Only what these contain is understood: stored and deflated entries below 4 GB, plain tar headers.
 * Formats: PKWARE APPNOTE 6.3 §4.3, POSIX.1-1988 ustar.
 */

import { gunzipSync, inflateRawSync } from 'node:zlib'

/** File contents by base name. */
export type Files = Map<string, Buffer>

/** An image is below 2 MB; whatever unpacks to more is not one. */
const LIMIT_BYTES = 64 * 1024 * 1024
const TAR_BLOCK_BYTES = 512
const ZIP_END = 0x06054b50
const ZIP_ENTRY = 0x02014b50
const ZIP_END_BYTES = 22

/** Files of an archive, by its own first bytes; undefined when it is none of them. Throws what zlib throws. */
export function unpack(bytes: Buffer): Files | undefined {
  if (bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b) {
    return untar(gunzipSync(bytes, { maxOutputLength: LIMIT_BYTES }))
  }
  return bytes.subarray(0, 2).toString('latin1') === 'PK' ? unzip(bytes) : undefined
}

function untar(bytes: Buffer): Files {
  const files: Files = new Map()
  for (let at = 0; at + TAR_BLOCK_BYTES <= bytes.length; ) {
    const name = field(bytes, at, 100)
    if (name === '') break
    const length = parseInt(field(bytes, at + 124, 12).trim() || '0', 8)
    const from = at + TAR_BLOCK_BYTES
    const type = bytes[at + 156]
    if (type === 0 || type === 0x30) files.set(baseName(name), bytes.subarray(from, from + length))
    at = from + Math.ceil(length / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES
  }
  return files
}

/** By the directory at the end, as a reader must: local headers may lack their sizes. */
function unzip(bytes: Buffer): Files {
  const files: Files = new Map()
  let end = bytes.length - ZIP_END_BYTES
  while (end >= 0 && bytes.readUInt32LE(end) !== ZIP_END) end--
  if (end < 0) return files
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0 && bytes.readUInt32LE(at) === ZIP_ENTRY; left--) {
    const nameBytes = bytes.readUInt16LE(at + 28)
    const name = bytes.toString('latin1', at + 46, at + 46 + nameBytes)
    if (!name.endsWith('/')) files.set(baseName(name), entry(bytes, at))
    at += 46 + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return files
}

function entry(bytes: Buffer, at: number): Buffer {
  const method = bytes.readUInt16LE(at + 10)
  const lengthBytes = bytes.readUInt32LE(at + 20)
  const local = bytes.readUInt32LE(at + 42)
  const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
  const packed = bytes.subarray(from, from + lengthBytes)
  return method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: LIMIT_BYTES })
}

function field(bytes: Buffer, at: number, length: number): string {
  const text = bytes.toString('latin1', at, at + length)
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
