/** The schema of a panel's file as JSON Schema, for editors: names, texts, ranges and defaults while one types. */

import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { panelSchema } from './schema'

export const SCHEMA_PATH = fileURLToPath(new URL('../../docs/schema/panel.schema.json', import.meta.url))

/** Draft 7, which every editor knows. What only code can tell (an address, a key) is any text there. */
export function schemaText(): string {
  const made = z.toJSONSchema(panelSchema, { io: 'input', target: 'draft-7' })
  return `${JSON.stringify({ ...made, title: 'Settings of a panel (docs/settings.md)' }, null, 2)}\n`
}
