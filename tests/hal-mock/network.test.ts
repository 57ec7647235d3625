import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { type PeerConnection, VirtualNetwork } from '../../hal-mock/network'

const HOST = '198.51.100.10'
const PORT = 12128
/** One way, the default. */
const WAY_MS = 25

function bench() {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const nic = network.attach('ethernet')
  const log: string[] = []
  const note = (what: string) => log.push(`${clock.nowMs} ${what}`)
  const peers: PeerConnection[] = []
  network.listen(HOST, PORT, (connection, via) => {
    note(`peer accepts over ${via}`)
    peers.push(connection)
    return { onData: (bytes) => note(`peer has ${bytes}`), onEnd: () => note('peer sees the end') }
  })
  const connect = (address = HOST, port = PORT) =>
    nic.connect(address, port, {
      onOpen: () => note('open'),
      onData: (bytes) => note(`has ${bytes}`),
      onEnd: () => note('end'),
      onReset: () => note('reset'),
    })
  return { clock, network, nic, log, note, peers, connect }
}

describe('virtual network', () => {
  it('opens a connection after a round trip: the peer knows after 25 ms, the chip after 50 ms', () => {
    const { clock, log, connect } = bench()
    connect()
    clock.runTo(1000)
    expect(log).toEqual(['25 peer accepts over ethernet', '50 open'])
  })

  it('takes one way for bytes and two for their acknowledgement', () => {
    const { clock, log, note, peers, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    connection.send('hello', () => note('acknowledged'))
    clock.runTo(200)
    peers[0].send('yes')
    clock.runTo(300)
    expect(log.slice(2)).toEqual(['125 peer has hello', '150 acknowledged', '225 has yes'])
  })

  it('keeps the order of each direction, one packet under way at a time', () => {
    const { clock, log, peers, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    for (const bytes of ['a', 'b', 'c']) connection.send(bytes, () => {})
    for (const bytes of ['x', 'y']) peers[0].send(bytes)
    clock.runTo(1000)
    expect(log.filter((line) => line.includes('peer has'))).toEqual([
      '125 peer has a',
      '150 peer has b',
      '175 peer has c',
    ])
    expect(
      log.filter((line) => line.includes(' has ') && !line.includes('peer')).map((line) => line.slice(-1)),
    ).toEqual(['x', 'y'])
  })

  it('has its delay per Nic, set at any time', () => {
    const { clock, log, nic, connect } = bench()
    nic.delayMs = 300
    connect()
    clock.runTo(1000)
    expect(log).toEqual(['300 peer accepts over ethernet', '600 open'])
  })

  it('refuses where nobody listens: wrong port and wrong address, after a round trip', () => {
    const { clock, log, connect } = bench()
    connect(HOST, PORT + 1)
    connect('198.51.100.11', PORT)
    clock.runTo(1000)
    expect(log).toEqual([`${2 * WAY_MS} reset`, `${2 * WAY_MS} reset`])
  })

  it('sends a lost packet again after 200, 400 ... 6400 ms, and delivers it as soon as the way is mended', () => {
    const { clock, log, nic, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    nic.setInternet(false)
    connection.send('late', () => {})
    clock.runTo(1000)
    nic.setInternet(true)
    clock.runTo(20000)
    // Departures at 100, 325, 750, 1575.
    expect(log.slice(2)).toEqual(['1600 peer has late'])
  })

  it('gives up without a word after six more tries, 12.6 s of waiting, and stays dumb when the way is mended', () => {
    const { clock, log, note, nic, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    nic.setInternet(false)
    connection.send('lost', () => note('acknowledged'))
    clock.runTo(100 + 12600 + 7 * WAY_MS)
    nic.setInternet(true)
    connection.send('too late', () => note('acknowledged'))
    clock.runTo(60000)
    expect(log.slice(2)).toEqual([])
  })

  it('loses what is under way when the cable is pulled, in either direction', () => {
    const { clock, log, nic, peers, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    connection.send('up', () => {})
    peers[0].send('down')
    clock.runTo(110)
    nic.setLink(false)
    expect(nic.isUp()).toBe(false)
    clock.runTo(200)
    expect(log.slice(2)).toEqual([])
    nic.setLink(true)
    clock.runTo(1000)
    expect(log.slice(2)).toEqual(['350 peer has up', '350 has down'])
  })

  it('shows a live link while the internet behind it is broken (S-9)', () => {
    const { nic } = bench()
    nic.setInternet(false)
    expect([nic.isUp(), nic.carries()]).toEqual([true, false])
    nic.setInternet(true)
    nic.setLink(false)
    expect([nic.isUp(), nic.carries()]).toEqual([false, false])
  })

  it('tells the end once, behind the bytes that were sent before it, and nothing afterwards', () => {
    const { clock, log, peers, connect } = bench()
    connect()
    clock.runTo(100)
    peers[0].send('last')
    peers[0].end()
    peers[0].end()
    peers[0].send('after')
    clock.runTo(1000)
    expect(log.slice(2)).toEqual(['125 has last', '150 end'])
  })

  it("closes in order from the chip's side, once, and takes no more bytes", () => {
    const { clock, log, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    connection.send('bye', () => {})
    connection.end()
    connection.end()
    connection.send('after', () => {})
    clock.runTo(1000)
    expect(log.slice(2)).toEqual(['125 peer has bye', '150 peer sees the end'])
  })

  it('forgets an abandoned connection: the peer keeps a ghost, the chip hears nothing', () => {
    const { clock, log, peers, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    connection.abandon()
    peers[0].send('anybody there')
    peers[0].end()
    clock.runTo(1000)
    expect(log.slice(2)).toEqual([])
  })

  it('keeps connections apart, also of two Nics', () => {
    const { clock, network, log, connect } = bench()
    const other = network.attach('cellular')
    connect()
    other.connect(HOST, PORT, {
      onOpen: () => log.push(`${clock.nowMs} other open`),
      onData: () => {},
      onEnd: () => {},
      onReset: () => {},
    })
    clock.runTo(100)
    expect(log).toEqual(['25 peer accepts over ethernet', '25 peer accepts over cellular', '50 open', '50 other open'])
  })
})
