/** The demo's settings without decoys (D-34), for stories that list what the station hears. */

import { type DemoConfig, demoConfig } from '../../hal-mock/demo'

/** Option.MATCHED_TRAFFIC. */
const MATCHED = 16384

export function unmatched(): DemoConfig {
  const config = demoConfig()
  return { ...config, options: config.options & ~MATCHED }
}
