import { crc32 } from 'node:zlib'
import type { Flash } from '../../firmware/hal'
import * as settings from '../../firmware/store/settings'
import type { DemoConfig } from '../../hal-mock/demo'

/** Settings on the flash region, as flash.sh leaves them. */
export function provision(flash: Flash, config: DemoConfig, table: unknown, program: string): void {
  const codes = table as {
    secret: Uint8Array
    salted: Uint8Array
    saltBytes: number
    tags: Uint16Array
    meta: Uint16Array
    rights: Uint16Array
  }
  const bytes = settings.pack({
    programBytes: program.length,
    programCrc: crc32(Buffer.from(program, 'latin1')) | 0,
    secret: codes.secret,
    salt: codes.salted.slice(0, codes.saltBytes),
    tags: codes.tags,
    meta: codes.meta,
    rights: codes.rights,
    configText: JSON.stringify(config),
  })
  const check = { crc32: (part: Uint8Array) => crc32(part) }
  if (bytes === undefined || !settings.save(flash, check, bytes)) throw new Error('provisioning failed')
}
