/** Runs something while texts are searched as the interpreter does it (hal-mock/espruino-text.ts). */

import { vi } from 'vitest'
import { indexOf } from '../../hal-mock/espruino-text'

export function asInterpreter(act: () => void): void {
  const spies = [
    vi.spyOn(String.prototype, 'indexOf').mockImplementation(function (this: string, part, from) {
      return indexOf(String(this), part, from)
    }),
    vi.spyOn(String.prototype, 'includes').mockImplementation(function (this: string, part, from) {
      return indexOf(String(this), part, from) >= 0
    }),
  ]
  try {
    act()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
