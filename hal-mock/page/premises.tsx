/** The panel as it hangs on the wall, and what is wired to it. */

import { useEffect, useState } from 'preact/hooks'
import type { View, ZoneView } from '../programs/page-protocol'
import type { Bench } from './bench'
import { Choice, Toggle } from './controls'
import { hush, sound } from './sound'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']
const VOLTS: [value: string, name: string][] = [
  ['12.9', '12.9 V'],
  ['11.2', '11.2 V'],
  ['0', 'missing'],
]

export function Premises({ bench, view, codes }: { bench: Bench; view: View; codes: { name: string }[] }) {
  return (
    <section class="premises" aria-labelledby="premises-title">
      <h2 id="premises-title">The premises</h2>
      <Panel bench={bench} view={view} />
      <p class="hint" aria-live="polite">
        {view.speed === 0 ? 'Time stands still. ' : ''}
        {view.hint}
      </p>
      {view.keypadAdvice !== '' && <p class="advice">The keypad's wires: {view.keypadAdvice}</p>}
      <div class="codes">
        {codes.map(({ name }) => (
          <button type="button" key={name} onClick={() => bench.act(`enter ${name}`)}>
            {name === 'code A' ? 'Code of user 1' : name === 'code B' ? 'Code of user 2' : 'Duress code of user 1'}
          </button>
        ))}
        <button type="button" onClick={() => bench.act('enter wrong code')}>
          A wrong code
        </button>
      </div>
      <h3>Doors, windows, detectors</h3>
      <ul class="zones">
        {view.zones.map((zone, index) => (
          <li key={zone.name}>
            <Toggle
              name={`${index + 1} ${zone.name}`}
              isOn={!zone.isOpen}
              words={['closed', 'open']}
              onChange={(isClosed) => bench.act(`${isClosed ? 'close' : 'open'} zone ${index + 1}`)}
            />
            {zone.loop !== '' && <Wires bench={bench} zone={zone} number={index + 1} />}
          </li>
        ))}
      </ul>
      <h3>Box and supply</h3>
      <div class="controls">
        <Toggle
          name="Box"
          isOn={!view.isBoxOpen}
          words={['closed', 'open']}
          isDisabled={!view.hasBox}
          onChange={(isClosed) => bench.act(`box ${isClosed ? 'closed' : 'open'}`)}
        />
        <Toggle
          name="Mains"
          isOn={view.isMains}
          words={['on', 'off']}
          onChange={(isOn) => bench.act(`mains ${isOn ? 'on' : 'off'}`)}
        />
        <Choice
          name="Battery"
          value={String(view.batteryVolts)}
          choices={VOLTS}
          isOdd={view.batteryVolts < 12}
          onChange={(volts) => bench.act(volts === '0' ? 'battery missing' : `battery ${volts} V`)}
        />
        <Choice
          name="Siren circuit"
          value={view.sirenLoop}
          choices={[
            ['ok', 'whole'],
            ['open', 'cut'],
            ['short', 'shorted'],
          ]}
          isOdd={view.sirenLoop !== 'ok'}
          isDisabled={!view.hasBox}
          onChange={(state) => bench.act(`siren ${{ ok: 'mended', open: 'cut', short: 'short' }[state]}`)}
        />
      </div>
      {!(view.hasBox && view.hasSupply && view.zones[0]?.loop !== '') && (
        <p class="quiet">
          This panel does not sense all that it could, or its zones are bare contacts: "Panel" under The world has
          others.
        </p>
      )}
    </section>
  )
}

const OHMS: [value: string, name: string][] = [
  ['4700', '4.7 k, right'],
  ['2200', '2.2 k'],
  ['10000', '10 k'],
  ['22000', '22 k'],
]

/** The loop behind a zone: its cable and the resistor at its end. */
function Wires({ bench, zone, number }: { bench: Bench; zone: ZoneView; number: number }) {
  const ohms = zone.ohms > 1000000 ? 'open' : `${(zone.ohms / 1000).toFixed(1)} k\u2126`
  return (
    <div class="wires">
      <Choice
        name={`Loop, a meter reads ${ohms}`}
        value={zone.loop}
        choices={[
          ['whole', 'whole'],
          ['short', 'shorted'],
          ['cut', 'cut'],
          ['tampered', 'cover off'],
        ]}
        isOdd={zone.loop !== 'whole'}
        onChange={(state) => bench.act(`loop ${number} ${state}`)}
      />
      <Choice
        name="Resistor at its end"
        value={String(zone.endOhms)}
        choices={OHMS}
        isOdd={zone.endOhms !== 4700}
        onChange={(value) => bench.act(`loop ${number} resistor ${value} ohm`)}
      />
      <Reading reading={zone.reading} />
    </div>
  )
}

/** What the panel makes of the loop: the installer's view, which its display has not. */
function Reading({ reading }: { reading: ZoneView['reading'] }) {
  if (reading === undefined) return <p class="reading quiet">The panel has no reading.</p>
  const { ohms, band, marginPercent, advice } = reading
  return (
    <div class="reading" aria-live="polite">
      <p>
        The panel reads {ohms}: <b>{band}</b>
        {marginPercent !== undefined && marginPercent > 0 && `, ${marginPercent} % to the next limit`}
      </p>
      {advice !== '' && <p class="advice">{advice}</p>}
    </div>
  )
}

function Panel({ bench, view }: { bench: Bench; view: View }) {
  const [isLoud, setLoud] = useState(false)
  useEffect(() => {
    if (isLoud && view.speed !== 0) sound(view.isSiren, view.isBuzzer)
    else hush()
  }, [isLoud, view.isSiren, view.isBuzzer, view.speed])
  return (
    <div class={view.isPowered ? 'panel' : 'panel off'}>
      <div class="display" role="img" aria-label={`Display: ${view.display.map((line) => line.trim()).join(', ')}`}>
        {[0, 1].map((row) => (
          <div key={row}>{(view.display[row] ?? '').padEnd(16, '\u00a0').replaceAll(' ', '\u00a0')}</div>
        ))}
      </div>
      <div class="lamps">
        <Lamp name="Status" isOn={view.isLit} kind="light" />
        <Lamp name="Buzzer" isOn={view.isBuzzer} kind="buzzer" />
        <Lamp name="Power" isOn={view.isPowered} kind="power" />
        <Lamp name="Siren" isOn={view.isSiren} kind="siren" />
      </div>
      <div class="keys">
        {KEYS.map((key) => (
          <button type="button" key={key} aria-label={`Key ${key}`} onClick={() => bench.act(`press ${key}`)}>
            {key}
          </button>
        ))}
      </div>
      <label class="sound">
        <input type="checkbox" checked={isLoud} onChange={(event) => setLoud(event.currentTarget.checked)} /> Sound of
        siren and buzzer
      </label>
    </div>
  )
}

function Lamp({ name, isOn, kind }: { name: string; isOn: boolean; kind: string }) {
  return (
    <span class={`lamp ${kind} ${isOn ? 'on' : ''}`}>
      <i aria-hidden="true" />
      {name} <b>{isOn ? 'ON' : 'off'}</b>
    </span>
  )
}
