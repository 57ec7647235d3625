/** `npm run schema`: writes docs/schema/panel.schema.json anew. A test says when that is due. */

import { writeFileSync } from 'node:fs'
import { SCHEMA_PATH, schemaText } from './json-schema'

writeFileSync(SCHEMA_PATH, schemaText())
