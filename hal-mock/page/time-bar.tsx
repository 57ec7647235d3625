/** Time: how fast it runs, where it stands, and the way back. */

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Speed, View } from '../programs/page-protocol'
import { type Bench, timeText } from './bench'

const SPEEDS: [speed: Speed, name: string][] = [
  [1, 'x1'],
  [60, 'x60'],
  ['max', 'max'],
]
/** While the slider moves, the bench is asked this often at most. */
const SCRUB_MS = 120

export function TimeBar({ bench, view }: { bench: Bench; view: View }) {
  const isStill = view.speed === 0 && !view.isStepping
  return (
    <header class="time-bar">
      <h1>Alarm panel bench</h1>
      <div class="clock">
        <b>{timeText(view.nowMs)}</b> <span class="quiet">{view.time} UTC</span>
      </div>
      <div class="buttons" role="group" aria-label="Time">
        <button type="button" class="play" onClick={() => bench.run(isStill ? 1 : 0)}>
          {isStill ? 'Run' : 'Pause'}
        </button>
        <button type="button" onClick={() => bench.step()} title="Runs until something can be noticed">
          Next event
        </button>
        {SPEEDS.map(([speed, name]) => (
          <button type="button" key={name} aria-pressed={view.speed === speed} onClick={() => bench.run(speed)}>
            {name}
          </button>
        ))}
      </div>
      {view.place === '' ? (
        <Scrub bench={bench} view={view} />
      ) : (
        <span class="quiet">Live station at {view.place}</span>
      )}
    </header>
  )
}

function Scrub({ bench, view }: { bench: Bench; view: View }) {
  const [heldMs, setHeld] = useState<number | undefined>(undefined)
  const timer = useRef(0)
  const wanted = useRef(0)
  const go = (atMs: number) => {
    wanted.current = atMs
    setHeld(atMs)
    if (timer.current !== 0) return
    timer.current = window.setTimeout(() => {
      timer.current = 0
      bench.go(wanted.current)
    }, SCRUB_MS)
  }
  useEffect(() => {
    if (heldMs !== undefined && Math.abs(view.nowMs - heldMs) < 2) setHeld(undefined)
  }, [view.nowMs, heldMs])
  const back = (ms: number) => bench.go(Math.max(0, view.nowMs - ms))
  const endMs = Math.max(view.endMs, view.nowMs)
  return (
    <div class="scrub">
      <button type="button" onClick={() => back(60000)} aria-label="Back a minute">
        -1 min
      </button>
      <button type="button" onClick={() => back(5000)} aria-label="Back 5 seconds">
        -5 s
      </button>
      <input
        type="range"
        min={0}
        max={endMs}
        step={Math.max(1, Math.floor(endMs / 2000))}
        value={heldMs ?? view.nowMs}
        aria-label="Moment"
        aria-valuetext={timeText(heldMs ?? view.nowMs)}
        onInput={(event) => go(Number(event.currentTarget.value))}
      />
      <span class="quiet told">
        {view.laterCount > 0
          ? `${view.laterCount} later ${view.laterCount === 1 ? 'act comes' : 'acts come'} again; a new one forks here`
          : view.wentMs >= 0
            ? `last jump took ${view.wentMs} ms`
            : 'drag to go back'}
      </span>
    </div>
  )
}
