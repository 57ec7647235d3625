/** What a newcomer does to see a duress disarm, with the demo's codes; each step ticks itself off. */

import { useState } from 'preact/hooks'
import type { View } from '../programs/page-protocol'
import type { Bench } from './bench'

interface Code {
  name: string
  digits: string
}

export function FirstSteps({ bench, view, codes }: { bench: Bench; view: View; codes: Code[] }) {
  const [isOpen, setOpen] = useState(true)
  const digits = (name: string) => codes.find((code) => code.name === name)?.digits ?? ''
  const isArmed = (view.display[0] ?? '').startsWith('ARMED')
  const isLeaving = (view.display[0] ?? '').startsWith('AWAY')
  const [hasArmed, hasOpened, isCalled] = view.steps
  const now = isCalled ? 3 : hasOpened ? 2 : hasArmed ? 1 : 0
  return (
    <details class="steps" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>Three steps to a duress disarm</h2>
      </summary>
      <ol>
        <li class={stepClass(0, now)}>
          <p>
            <b>Arm.</b> User 1 types <kbd>{digits('code A')}</kbd>, then <kbd>2</kbd>, and has 60 s to leave.
          </p>
          <p>
            <button type="button" onClick={() => bench.act('arm with code A')} disabled={now > 0 || isLeaving}>
              Type it for me
            </button>{' '}
            <button type="button" onClick={() => bench.run(60)} disabled={!isLeaving}>
              Pass the 60 s
            </button>
          </p>
        </li>
        <li class={stepClass(1, now)}>
          <p>
            <b>Open the front door</b> once the display says <q>ARMED AWAY</q>. Somebody is forced to come in.
          </p>
          <p>
            <button type="button" onClick={() => bench.act('open zone 1')} disabled={!isArmed || hasOpened}>
              Open the door
            </button>
          </p>
        </li>
        <li class={stepClass(2, now)}>
          <p>
            <b>Disarm under duress</b> with <kbd>{digits('duress A')}</kbd>. The panel does what it does for any code;
            the station has <strong class="priority">1121 Duress</strong>, a silent call for help.
          </p>
          <p>
            {!isCalled && (
              <button type="button" onClick={() => bench.act('enter duress A')} disabled={!hasOpened}>
                Type it for me
              </button>
            )}
            {isCalled && <b>The station has it, over {ways(view)}. </b>}
            {isCalled && (
              <button type="button" onClick={() => bench.renew(view.seed, view.panel)}>
                Again from the start
              </button>
            )}
          </p>
        </li>
      </ol>
      <p class="quiet">
        The keypad takes the mouse, a finger, or the keys 0-9, * and # of the keyboard. User 1: {digits('code A')},
        under duress {digits('duress A')}. User 2: {digits('code B')}.
      </p>
    </details>
  )
}

/** Over which paths the call came. */
function ways({ heard }: View): string {
  return [...new Set(heard.filter(({ code }) => code === '121').map(({ via }) => via))].join(' and ')
}

function stepClass(step: number, now: number): string {
  return step < now ? 'done' : step === now ? 'now' : ''
}
