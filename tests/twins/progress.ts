/** How far a long run is: one line that is written anew at a terminal, else a line now and then. */

const LINE_MS = 10000

export interface Output {
  isTTY?: boolean
  write(text: string): unknown
}

export class Progress {
  private readonly fromMs: number
  private lineAtMs: number

  /** nowMs: a clock that only goes forward. */
  constructor(
    private readonly total: number,
    private readonly noun: string,
    private readonly output: Output = process.stderr,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.fromMs = nowMs()
    this.lineAtMs = this.fromMs + LINE_MS
  }

  /** more: what there is to say beside it, such as '1 differences'. */
  at(done: number, more: string): void {
    const nowMs = this.nowMs()
    const isTerminal = this.output.isTTY === true
    if (!isTerminal && nowMs < this.lineAtMs) return
    this.lineAtMs = nowMs + LINE_MS
    const leftMs = done === 0 ? 0 : ((nowMs - this.fromMs) / done) * (this.total - done)
    const text = `${done} of ${this.total} ${this.noun}, ${more}, ${leftText(leftMs)}`
    this.output.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`)
  }

  /** Takes the line away, so that others can be written. */
  clear(): void {
    if (this.output.isTTY === true) this.output.write('\r\x1b[K')
  }
}

function leftText(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000)
  return seconds < 120 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`
}
