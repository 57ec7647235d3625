/** The demo's settings without supervision and tests of the paths, for stories in which only events may move. */

import type { DemoConfig } from '../../hal-mock/demo'
import { unmatched } from './unmatched'

export function unsupervised(): DemoConfig {
  const config = unmatched()
  config.testHours = 0
  config.receivers[0].isPolled = false
  return config
}
