/** The present moment run on twice: with the ordinary code and with the duress code, side by side. */

import { useState } from 'preact/hooks'
import type { TwinView, View } from '../programs/page-protocol'
import { type Bench, timeText } from './bench'

const RANKS: { [rank: string]: string } = {
  room: 'a person at the panel: text, light, buzzer, siren',
  wall: 'somebody at the router and the modem: each packet, its length and peer',
  phone: 'who owns the phone that is told of things',
  bench: 'who has the board on a bench: each write to flash',
}
const SPANS: [ms: number, name: string][] = [
  [30000, '30 s'],
  [120000, '2 min'],
  [600000, '10 min'],
]

export function Twins({ bench, view }: { bench: Bench; view: View }) {
  const [forMs, setFor] = useState(30000)
  const { twins } = bench
  return (
    <section class="twins" aria-labelledby="twins-title">
      <h2 id="twins-title">Can anybody tell?</h2>
      <p>
        From {timeText(view.nowMs)} on, once with the code of user 1 and once with that user's duress code, for{' '}
        <select
          aria-label="For how long"
          value={String(forMs)}
          onChange={(event) => setFor(Number(event.currentTarget.value))}
        >
          {SPANS.map(([ms, name]) => (
            <option value={String(ms)} key={ms}>
              {name}
            </option>
          ))}
        </select>{' '}
        <button type="button" onClick={() => bench.askTwins(forMs)} disabled={bench.areTwinsAsked || view.place !== ''}>
          {bench.areTwinsAsked ? 'Running ...' : 'Run both'}
        </button>
      </p>
      {twins !== undefined && <Compared twins={twins} />}
    </section>
  )
}

function Compared({ twins }: { twins: TwinView }) {
  const [isAll, setAll] = useState(false)
  const differing = twins.rows.filter((row) => !row.isSame)
  const rows = isAll ? twins.rows : differing
  return (
    <>
      <ul class="ranks">
        {twins.ranks.map(({ rank, count, difference }) => (
          <li key={rank} class={difference === '' ? 'same' : 'differs'}>
            <b>{rank}</b> <span>{RANKS[rank]}</span>
            <strong>{difference === '' ? `the same, ${count} lines` : `differs: ${difference}`}</strong>
          </li>
        ))}
      </ul>
      <div class="pair">
        {['With the code', 'With the duress code'].map((title, side) => (
          <div key={title}>
            <h3>{title}: what the station has</h3>
            <ul class="heard">
              {twins.station[side].map((text, index) => (
                <li key={`${index} ${text}`} class={text.startsWith('1121') ? 'priority' : ''}>
                  {text}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <h3>Ciphertext: the one difference outside</h3>
      <div class="ciphers">
        {twins.ciphers.map((cipher, index) => (
          <div key={`${index} ${cipher.atMs}`} class={cipher.isSame ? 'cipher' : 'cipher differs'}>
            <span class="quiet">
              {timeText(cipher.atMs)} {cipher.via}: {cipher.isSame ? 'the same' : 'differs'}, {cipher.left.length / 2}{' '}
              bytes each
            </span>
            <Bytes own={cipher.left} other={cipher.right} />
            <Bytes own={cipher.right} other={cipher.left} />
          </div>
        ))}
      </div>
      <h3>
        Line by line{' '}
        <label class="plain">
          <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.currentTarget.checked)} /> show what
          is the same, too
        </label>
      </h3>
      {rows.length === 0 ? (
        <p class="same-text">No line differs at any rank, to the millisecond ({twins.rows.length} lines).</p>
      ) : (
        <div class="table" role="region" aria-label="Both runs line by line" tabIndex={0}>
          <table class="compare">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Rank</th>
                <th scope="col">With the code</th>
                <th scope="col">With the duress code</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={`${index} ${row.rank}`} class={row.isSame ? '' : 'differs'}>
                  <td class="number">{timeText(row.atMs)}</td>
                  <td>{row.rank}</td>
                  <td>{row.left}</td>
                  <td>{row.right}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

/** Bytes that differ are marked, not by colour alone. */
function Bytes({ own, other }: { own: string; other: string }) {
  const pairs = own.match(/../g) ?? []
  return (
    <code class="bytes">
      {pairs.map((pair, index) =>
        pair === other.slice(2 * index, 2 * index + 2) ? (
          <span key={`${index} ${pair}`}>{pair}</span>
        ) : (
          <mark key={`${index} ${pair}`}>{pair}</mark>
        ),
      )}
    </code>
  )
}
