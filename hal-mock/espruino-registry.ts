/** require() and Modules: what is built in, what is cached, and modules in Storage (espruino.md §6.2). */

import type { Callback, Natives } from './espruino-loop'

export class Registry {
  readonly builtIn: Natives = {}
  /** Runs a text as the interpreter does; set by whoever has an engine. */
  compile: (code: string) => Callback = () => {
    throw new Error('no engine for module texts')
  }
  private cached: Natives = {}

  /** file: text of a file in Storage, undefined when there is none. */
  constructor(private file: (name: string) => string | undefined) {}

  require(name: string): unknown {
    if (this.builtIn[name] !== undefined) return this.builtIn[name]
    if (this.cached[name] !== undefined) return this.cached[name]
    const code = this.file(name)
    if (code === undefined) throw new Error(`Module "${name}" not found`)
    return this.add(name, code)
  }

  /** The Modules object. */
  natives(): Natives {
    return {
      getCached: () => Object.keys(this.cached),
      addCached: (name: unknown, code: unknown) => {
        this.add(String(name), code)
      },
      removeCached: (name: unknown) => {
        delete this.cached[String(name)]
      },
      removeAllCached: () => {
        this.cached = {}
      },
    }
  }

  /** A module's text is executed; anything else is its exports. */
  private add(name: string, code: unknown): unknown {
    if (typeof code !== 'string') {
      this.cached[name] = code
      return code
    }
    const module: Natives = { exports: {} }
    this.compile(`(function(exports,module){${code}\n})`).apply(undefined, [module.exports, module])
    this.cached[name] = module.exports
    return module.exports
  }
}
