/** Stories: pick one and watch it, or take home what was done by hand. */

import { useState } from 'preact/hooks'
import type { StoryView, View } from '../programs/page-protocol'
import { type Bench, timeText } from './bench'

const FILES: [path: string, name: string, what: string][] = [
  ['scenario', 'Scenario', 'plays what was done here again: npm run scenario -- FILE'],
  ['trace', 'Trace', 'a JSON object a line'],
  ['vcd', 'VCD', 'pins, display and states, for GTKWave'],
  ['ethernet.pcap', 'Ethernet pcap', 'packets on the cable, for Wireshark'],
  ['cellular.pcap', 'Cellular pcap', 'packets on the air'],
]

export function Stories({
  bench,
  view,
  stories,
}: {
  bench: Bench
  view: View
  stories: { name: string; title: string }[]
}) {
  const [name, setName] = useState(stories[0]?.name ?? '')
  return (
    <section class="stories" aria-labelledby="stories-title">
      <h2 id="stories-title">Stories and files</h2>
      <div class="pair">
        <div>
          <h3>Run a story</h3>
          <p>
            <select aria-label="Story" value={name} onChange={(event) => setName(event.currentTarget.value)}>
              {stories.map((story) => (
                <option value={story.name} key={story.name}>
                  {story.title}
                </option>
              ))}
            </select>{' '}
            <button type="button" onClick={() => bench.askStory(name)}>
              Run the story
            </button>
          </p>
          <p>
            <label>
              or a file of your own:{' '}
              <input
                type="file"
                accept=".txt,text/plain"
                onChange={(event) => {
                  const file = event.currentTarget.files?.[0]
                  if (file !== undefined) file.text().then((text) => bench.askStory(file.name.slice(0, 60), text))
                  event.currentTarget.value = ''
                }}
              />
            </label>
          </p>
        </div>
        <div>
          <h3>Take this run with you</h3>
          <p>What you do by hand is recorded all the time, until now ({timeText(view.nowMs)}):</p>
          <ul class="files">
            {FILES.map(([path, title, what]) => (
              <li key={path}>
                <a href={`/export/${path}`} download>
                  {title}
                </a>{' '}
                <span class="quiet">{what}</span>
              </li>
            ))}
          </ul>
          <Snapshots bench={bench} view={view} />
        </div>
      </div>
      {bench.story !== undefined && <Story bench={bench} view={view} story={bench.story} />}
    </section>
  )
}

function Snapshots({ bench, view }: { bench: Bench; view: View }) {
  const [name, setName] = useState('')
  const isName = /^[A-Za-z][\w-]{0,31}$/.test(name)
  return (
    <p>
      <label>
        Name this moment <input size={12} value={name} onInput={(event) => setName(event.currentTarget.value.trim())} />
      </label>{' '}
      <button type="button" disabled={!isName} onClick={() => bench.act(`snapshot ${name}`)}>
        Keep
      </button>{' '}
      {view.snapshots.map((one) => (
        <button type="button" class="link" key={`${one.atMs} ${one.name}`} onClick={() => bench.go(one.atMs)}>
          {one.name}
        </button>
      ))}
    </p>
  )
}

function Story({ bench, view, story }: { bench: Bench; view: View; story: StoryView }) {
  const isFailed = story.failed > 0
  return (
    <div class="story">
      <h3>
        {story.title}:{' '}
        <span class={isFailed ? 'failed' : 'passed'}>
          {isFailed ? `${story.failed} failed` : 'passed'}, {story.passed} of {story.passed + story.failed} expectations
        </span>
      </h3>
      <ol class="lines">
        {story.lines.map((line) => (
          <li
            key={line.line}
            value={line.line}
            class={[line.found !== '' ? 'failed' : '', line.atMs <= view.nowMs ? 'past' : ''].join(' ')}
          >
            <code>{line.text}</code>
            {line.isExpectation &&
              (line.found === '' ? <b class="passed"> held</b> : <b class="failed"> {line.found}</b>)}{' '}
            <button
              type="button"
              class="link"
              onClick={() => bench.go(line.found === '' ? line.atMs : line.failedAtMs)}
            >
              go there
            </button>
          </li>
        ))}
      </ol>
    </div>
  )
}
