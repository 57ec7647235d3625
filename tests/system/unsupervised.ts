/** The demo's settings without supervision and tests of the paths, for stories in which only events may move. */

import { type DemoConfig, demoConfig } from '../../hal-mock/demo'

export function unsupervised(): DemoConfig {
  const config = demoConfig()
  config.testHours = 0
  config.receivers[0].isPolled = false
  return config
}
