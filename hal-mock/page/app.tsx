/** The page: time on top, then the three steps, premises, world and station, and below them all that one looks into. */

import { useEffect } from 'preact/hooks'
import { type Bench, useBench } from './bench'
import { FirstSteps } from './first-steps'
import { Premises } from './premises'
import { Station } from './station'
import { Stories } from './stories'
import { TimeBar } from './time-bar'
import { Timeline } from './timeline'
import { Twins } from './twins'
import { World } from './world'

export function App({ bench }: { bench: Bench }) {
  useBench(bench)
  useKeys(bench)
  const { view, hello, problem } = bench
  if (view === undefined || hello === undefined) {
    return <p class="waiting">{bench.isConnected ? 'The panel starts ...' : 'Waiting for the bench (npm start) ...'}</p>
  }
  return (
    <>
      <TimeBar bench={bench} view={view} />
      {!bench.isConnected && <p class="problem">The bench is gone. Start it again with npm start.</p>}
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}{' '}
          <button type="button" onClick={() => bench.dismiss()}>
            Close
          </button>
        </p>
      )}
      <main>
        <FirstSteps bench={bench} view={view} codes={hello.codes} />
        <div class="columns">
          <Premises bench={bench} view={view} codes={hello.codes} />
          <Station view={view} />
          <World bench={bench} view={view} words={hello.panelWords} />
        </div>
        <Timeline bench={bench} view={view} />
        <Twins bench={bench} view={view} />
        <Stories bench={bench} view={view} stories={hello.stories} />
      </main>
    </>
  )
}

/** Digits, * and # are the panel's keypad wherever nobody types something else. */
function useKeys(bench: Bench): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return
      if (!/^[0-9*#]$/.test(event.key) || event.repeat) return
      event.preventDefault()
      bench.act(`press ${event.key}`)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [bench])
}
