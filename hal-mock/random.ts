/** The bench's only source of chance: xorshift32. One seed replays a run to the byte, on Node and in the interpreter. */

export class Random {
  private state: number

  constructor(seed: number) {
    // Zero is the one state xorshift never leaves.
    this.state = (seed ^ 0x5bd1e995) | 0 || 1
    for (let round = 0; round < 8; round++) this.next()
  }

  /** 31 random bits, 0 to 2147483647. */
  next(): number {
    let x = this.state
    x = x ^ (x << 13)
    x = x ^ (x >>> 17)
    x = x ^ (x << 5)
    this.state = x | 0
    return this.state & 0x7fffffff
  }

  /** 0 to limit - 1. */
  below(limit: number): number {
    return this.next() % limit
  }

  /** True once in `times` on average; never when times is 0. */
  oneIn(times: number): boolean {
    return times > 0 && this.below(times) === 0
  }

  fill(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) bytes[index] = (this.next() >>> 8) & 255
  }
}
