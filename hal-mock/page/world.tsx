/** What lies around the panel: both ways to the station, the receiver, the supply; and which panel it is. */

import { useState } from 'preact/hooks'
import type { PathView, View } from '../programs/page-protocol'
import type { Bench } from './bench'
import { Choice, Toggle } from './controls'

const DELAYS: [string, string][] = [
  ['25', '25 ms'],
  ['500', '500 ms'],
  ['2000', '2 s'],
  ['8000', '8 s'],
]
const LOSSES: [string, string][] = [
  ['0', 'none'],
  ['10', '10 %'],
  ['30', '30 %'],
  ['70', '70 %'],
  ['100', 'all'],
]

export function World({ bench, view, words }: { bench: Bench; view: View; words: string[] }) {
  const [ethernet, cellular] = view.paths
  return (
    <section class="world" aria-labelledby="world-title">
      <h2 id="world-title">The world</h2>
      <div class="ways">
        <Way bench={bench} path={ethernet} title="Ethernet" />
        <Way bench={bench} path={cellular} title="Cellular">
          <Toggle
            name="SIM"
            isOn={view.sim === 'ready'}
            words={['inserted', 'removed']}
            onChange={(isIn) => bench.act(`sim ${isIn ? 'inserted' : 'removed'}`)}
          />
          <Toggle
            name="Modem"
            isOn={!view.isModemSilent}
            words={['answers', 'silent']}
            onChange={(isOn) => bench.act(`modem ${isOn ? 'answers' : 'silent'}`)}
          />
          <button type="button" onClick={() => bench.act('modem reboots')}>
            Reboot the modem
          </button>
        </Way>
      </div>
      <h3>The station's receiver</h3>
      <div class="controls">
        <Choice
          name="Answers"
          value={view.receiver}
          choices={[
            ['ack', 'takes events (ACK)'],
            ['silent', 'silent'],
            ['nak', 'NAK: clocks differ'],
            ['duh', 'DUH: cannot process'],
            ['close', 'hangs up'],
          ]}
          isOdd={view.receiver !== 'ack'}
          onChange={(mode) => bench.act(`receiver ${mode}`)}
        />
        <Choice
          name="Its clock"
          value={String(view.receiverClockSeconds)}
          choices={[
            ['0', 'right'],
            ['600', '10 min ahead'],
            ['-600', '10 min behind'],
          ]}
          isOdd={view.receiverClockSeconds !== 0}
          onChange={(seconds) =>
            bench.act(`receiver clock ${{ 0: 'right', 600: '10 min ahead', '-600': '10 min behind' }[seconds]}`)
          }
        />
        <Toggle
          name="Its key"
          isOn={!view.isReceiverKeyWrong}
          words={['right', 'wrong']}
          onChange={(isRight) => bench.act(`receiver key ${isRight ? 'right' : 'wrong'}`)}
        />
      </div>
      <h3>Power</h3>
      <Power bench={bench} view={view} />
      <NewPanel bench={bench} view={view} words={words} />
    </section>
  )
}

function Way({
  bench,
  path,
  title,
  children,
}: {
  bench: Bench
  path: PathView
  title: string
  children?: preact.ComponentChildren
}) {
  const { name } = path
  const isUp = path.state === 'ready' || path.state === 'open' || path.state === 'opening'
  return (
    <div class="way">
      <h3>
        {title} <span class={isUp ? 'state up' : 'state down'}>{path.state === '' ? 'no power' : path.state}</span>
      </h3>
      <p class="quiet figures">{path.figures === '' ? 'nothing sent yet' : path.figures}</p>
      <Toggle
        name={name === 'ethernet' ? 'Cable' : 'Coverage'}
        isOn={path.isLinked}
        words={name === 'ethernet' ? ['plugged in', 'unplugged'] : ['there', 'lost']}
        onChange={(isOn) => bench.act(`${isOn ? 'restore' : 'cut'} ${name}`)}
      />
      <Toggle
        name="Internet behind it"
        isOn={!path.isBroken}
        words={['works', 'broken']}
        onChange={(isOn) => bench.act(`${isOn ? 'mend' : 'break'} internet behind ${name}`)}
      />
      <Choice
        name="Delay, one way"
        value={String(path.delayMs)}
        choices={DELAYS}
        isOdd={path.delayMs > 25}
        onChange={(ms) => bench.act(`${name} delays ${ms} ms`)}
      />
      <Choice
        name="Packets lost"
        value={String(path.lossPercent)}
        choices={LOSSES}
        isOdd={path.lossPercent > 0}
        onChange={(percent) => bench.act(`${name} loses ${percent} %`)}
      />
      {children}
    </div>
  )
}

function Power({ bench, view }: { bench: Bench; view: View }) {
  const [operation, setOperation] = useState('1')
  const isNumber = /^[1-9]\d{0,4}$/.test(operation)
  return (
    <div class="controls">
      <Toggle
        name="Power of the panel"
        isOn={view.isPowered}
        words={['on', 'cut']}
        onChange={(isOn) => bench.act(`${isOn ? 'restore' : 'cut'} power`)}
      />
      <div class="cut">
        <label>
          Cut it at flash write{' '}
          <input
            inputMode="numeric"
            size={4}
            value={operation}
            aria-invalid={!isNumber}
            onInput={(event) => setOperation(event.currentTarget.value.trim())}
          />{' '}
          from now
        </label>
        <button
          type="button"
          disabled={!isNumber || !view.isPowered}
          onClick={() => bench.act(`cut power at flash operation ${operation}`)}
        >
          Set
        </button>
      </div>
      {view.cutAtOperation > 0 && (
        <p class="odd-text">
          Power goes in {view.cutAtOperation === 1 ? 'the next write' : `${view.cutAtOperation} writes`} to flash.
        </p>
      )}
    </div>
  )
}

const WORDS: { [word: string]: string } = {
  supply: 'senses mains and battery',
  box: 'senses box and siren circuit',
  house: 'eight zones of a house',
  expanders: '64 zones',
  dhcp: 'address by DHCP',
  name: "looks up the receiver's name",
  ntp: 'asks a time server',
  udp: 'reports by UDP',
  autostay: 'stays when nobody leaves',
  loops: 'loops with resistors',
  wiegand: 'a Wiegand keypad',
}

function NewPanel({ bench, view, words }: { bench: Bench; view: View; words: string[] }) {
  const [chosen, setChosen] = useState<string[] | undefined>(undefined)
  const [seed, setSeed] = useState('')
  const panel = chosen ?? view.panel
  const isSeed = seed === '' || /^\d{1,9}$/.test(seed)
  return (
    <details class="new-panel">
      <summary>Panel: another one, from the start</summary>
      <div class="checks">
        {words.map((word) => (
          <label key={word}>
            <input
              type="checkbox"
              checked={panel.includes(word)}
              onChange={(event) =>
                setChosen(event.currentTarget.checked ? [...panel, word] : panel.filter((other) => other !== word))
              }
            />{' '}
            {WORDS[word] ?? word}
          </label>
        ))}
      </div>
      <p>
        <label>
          Seed of all chance{' '}
          <input
            inputMode="numeric"
            size={9}
            value={seed}
            placeholder={String(view.seed)}
            aria-invalid={!isSeed}
            onInput={(event) => setSeed(event.currentTarget.value.trim())}
          />
        </label>{' '}
        <button
          type="button"
          disabled={!isSeed}
          onClick={() => bench.renew(seed === '' ? view.seed : Number(seed), panel)}
        >
          Start it
        </button>
      </p>
    </details>
  )
}
