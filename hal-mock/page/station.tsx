/** The monitoring station: what the operator has on the screen. */

import type { Heard, View } from '../programs/page-protocol'
import { timeText } from './bench'

export function Station({ view }: { view: View }) {
  const call = view.heard.filter((one) => one.code === '121' && !one.isCopy).pop()
  return (
    <section class="station" aria-labelledby="station-title">
      <h2 id="station-title">The station</h2>
      <div aria-live="assertive">{call !== undefined && <Call call={call} />}</div>
      <div class="table" role="region" aria-label="Events at the station" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Event</th>
              <th scope="col">Path</th>
              <th scope="col" class="number">
                Kiss-off after
              </th>
            </tr>
          </thead>
          <tbody>
            {view.heard.length === 0 && (
              <tr>
                <td colSpan={4} class="quiet">
                  Nothing yet. It hears of arming, alarms, troubles, and of duress.
                </td>
              </tr>
            )}
            {[...view.heard].reverse().map((one, index) => (
              <tr
                key={view.heardCount - index}
                class={[one.isPriority ? 'priority' : '', one.isCopy ? 'copy' : ''].join(' ')}
              >
                <td class="number">{timeText(one.atMs)}</td>
                <td>
                  {one.isPriority && <strong>PRIORITY </strong>}
                  <code>{one.text}</code> {nameOf(one)}
                  {one.isCopy && <em> copy</em>}
                </td>
                <td>
                  {one.via}
                  {one.isEncrypted ? '' : ', clear'}
                </td>
                <td class="number">{one.afterMs < 0 ? '' : `${(one.afterMs / 1000).toFixed(2)} s`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet">
        "Kiss-off after" counts from the last key or door before it. Any code sends a 1602 where a duress code sends
        1121, so that nobody can tell from the traffic.
      </p>
    </section>
  )
}

/** What an operator is shown for 121, and has to know (D-12). */
function Call({ call }: { call: Heard }) {
  return (
    <div class="call">
      <h3>PRIORITY 1121 Duress</h3>
      <dl>
        <dt>Account, partition</dt>
        <dd>
          {call.account}, {String(call.partition).padStart(2, '0')}
        </dd>
        <dt>Code slot</dt>
        <dd>{String(call.number).padStart(3, '0')} (duress code of user 1)</dd>
        <dt>Came over</dt>
        <dd>
          {call.via} at {timeText(call.atMs)}
          {call.afterMs < 0 ? '' : `, ${(call.afterMs / 1000).toFixed(2)} s after the last key`}
        </dd>
      </dl>
      <p>
        A person is being forced to disarm. Send the police without lights and sirens; do not call the premises back.
        Nobody there can see or hear that this call was made.
      </p>
    </div>
  )
}

function nameOf(one: Heard): string {
  const isRestore = one.text.startsWith('3')
  if (one.name.startsWith('Open/close')) return isRestore ? 'Closing (armed)' : 'Opening (disarmed)'
  return one.name + (isRestore ? ' restored' : one.text.startsWith('6') ? ' still so' : '')
}
