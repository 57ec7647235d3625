/**
 * Finds the USB serial ports of this computer and says which chip each has (hardware.md §5.3). Linux only reads
 * /dev/serial/by-id and /sys; on other systems the port is named with --port.
 */

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export interface Port {
  /** The stable name if there is one, else /dev/ttyUSBn. */
  path: string
  /** USB id as vendor:product, '' when unknown. */
  usbId: string
  /** Which chip that is and where it is found; '' when the table does not know it. */
  chip: string
  /** True when the id says that a panel's board can be behind it. */
  isLikely: boolean
}

/** USB ids of hardware.md §5.3. */
const CHIPS: Record<string, { chip: string; isLikely: boolean }> = {
  '10c4:ea60': { chip: 'CP2102 or CP2104 (DevKitC)', isLikely: true },
  '1a86:7523': { chip: 'CH340 or CH341 (clones)', isLikely: true },
  '1a86:55d4': { chip: 'CH9102F (LilyGO)', isLikely: true },
  '1a86:55d3': { chip: 'CH343 (newer boards)', isLikely: true },
  '0403:6001': { chip: 'FT232R (FTDI kits)', isLikely: true },
  '303a:1001': { chip: 'native USB of an ESP32-S3 or C3, which cannot carry the panel', isLikely: false },
}

/** All USB serial ports, likely ones first. root: '/' but in tests. */
export function list(root = '/'): Port[] {
  const ports: Port[] = []
  const seen: string[] = []
  const byId = join(root, 'dev/serial/by-id')
  for (const name of names(byId)) {
    const path = join(byId, name)
    const device = existsSync(path) ? basename(realpathSync(path)) : name
    seen.push(device)
    ports.push(describe(root, path, device))
  }
  for (const device of names(join(root, 'dev'))) {
    if (!/^tty(USB|ACM)\d+$/.test(device) || seen.includes(device)) continue
    ports.push(describe(root, join(root, 'dev', device), device))
  }
  return ports.sort((left, right) => Number(right.isLikely) - Number(left.isLikely))
}

/**
 * The one port to use, or the sentence that says why there is not one.
 * Several likely ones are not guessed between: the wrong one might be somebody else's device.
 */
export function choose(ports: Port[]): { path: string } | { problem: string } {
  const likely = ports.filter((port) => port.isLikely)
  const found = likely.length > 0 ? likely : ports.filter((port) => port.chip === '')
  if (found.length === 1) return { path: found[0].path }
  if (found.length > 1) return { problem: `there are ${found.length} ports; choose one with --port:\n${table(found)}` }
  const other = ports.length === 0 ? '' : `; what is there does not suit:\n${table(ports)}`
  return { problem: `no serial port found${other}` }
}

/** A line for each port. */
export function table(ports: Port[]): string {
  return ports.map((port) => `  ${port.path}  ${port.chip || port.usbId || 'unknown chip'}`).join('\n')
}

function describe(root: string, path: string, device: string): Port {
  const usbId = idOf(root, device)
  const known = CHIPS[usbId]
  return { path, usbId, chip: known?.chip ?? '', isLikely: known?.isLikely ?? false }
}

/** Looks upward from the tty's device: the ids stand with the USB device, the interfaces are below it. */
function idOf(root: string, device: string): string {
  const link = join(root, 'sys/class/tty', device, 'device')
  if (!existsSync(link)) return ''
  let folder = realpathSync(link)
  for (let level = 0; level < 5; level++) {
    if (existsSync(join(folder, 'idVendor'))) return `${text(folder, 'idVendor')}:${text(folder, 'idProduct')}`
    folder = dirname(folder)
  }
  return ''
}

function text(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8').trim().toLowerCase()
}

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
