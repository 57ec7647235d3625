/** A panel's file for tests to change: the demo's, with every field that it leaves out to its default. */

import demoPanel from '../../../docs/demo-panel.json'

// As loose as what an installer may write.
// biome-ignore lint/suspicious/noExplicitAny: tests put wrong types everywhere
export type Loose = any

export type Change = (panel: Loose) => void

export function sound(change: Change = () => {}): Loose {
  const panel = structuredClone(demoPanel)
  change(panel)
  return panel
}

export const RECEIVER = demoPanel.receivers[0]
