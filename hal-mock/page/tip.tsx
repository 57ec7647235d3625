/** What a mark of the timeline was, beside it: its words, and its bytes decoded. */

import { type Bench, timeText } from './bench'
import { ROW } from './lanes'
import type { Found } from './timeline-window'

const HAS_BYTES = 1

export function Tip({ bench, found, width }: { bench: Bench; found: Found; width: number }) {
  const { row, mark } = found
  const [id, atMs, , what, flags] = mark
  const decoded = id >= 0 && (flags & HAS_BYTES) !== 0 ? bench.bytes(id) : undefined
  const isRight = found.x > width / 2
  return (
    <div
      class="tip"
      style={{
        '--tip-top': `${found.y + ROW + 6}px`,
        ...(isRight
          ? { '--tip-right': `${Math.max(0, width - found.x + 8)}px` }
          : { '--tip-left': `${found.x + 8}px` }),
      }}
    >
      <b>
        {timeText(atMs)} {row.name}
      </b>
      <div>{row.name === 'text' ? what.split('|').map((line) => <code key={line}>{line}</code>) : what}</div>
      {decoded !== undefined && (
        <>
          <dl>
            {decoded.rows.map(([name, value], index) => (
              <div key={`${index} ${name}`}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <code class="hex">{decoded.hex.length > 360 ? `${decoded.hex.slice(0, 360)} ...` : decoded.hex}</code>
        </>
      )}
    </div>
  )
}
