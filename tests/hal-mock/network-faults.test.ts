/** What can go wrong on the way: loss, copies, overtaking, bent bytes, one-way cuts, NAT, for datagrams and for TCP. */

import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { type Datagram, type PeerConnection, replyTo, VirtualNetwork } from '../../hal-mock/network'
import { Random } from '../../hal-mock/random'

const HOST = '198.51.100.10'
const PORT = 12128
const COUNT = 2000

function bench(seed = 1) {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock, new Random(seed))
  const nic = network.attach('ethernet')
  const out: string[] = []
  const back: string[] = []
  const peers: PeerConnection[] = []
  network.serve(HOST, PORT, (datagram, answer) => {
    out.push(datagram.bytes)
    answer(replyTo(datagram, datagram.bytes))
  })
  network.listen(HOST, PORT, (connection) => {
    peers.push(connection)
    return {
      onData: (bytes) => {
        out.push(bytes)
        connection.send(bytes)
      },
      onEnd: () => out.push('end'),
    }
  })
  nic.datagrams.onDatagram = (datagram) => back.push(datagram.bytes)
  const send = (bytes: string, changes: Partial<Datagram> = {}) =>
    nic.datagrams.send({ source: '10.0.0.2', sourcePort: 50000, target: HOST, targetPort: PORT, bytes, ...changes })
  const connect = (localPort?: number) =>
    nic.connect(
      HOST,
      PORT,
      {
        onOpen: () => back.push('open'),
        onData: (bytes) => back.push(bytes),
        onEnd: () => back.push('end'),
        onReset: () => back.push('reset'),
      },
      localPort,
    )
  const many = () => {
    for (let index = 0; index < COUNT; index++) {
      send(String(index))
      clock.runTo(clock.nowMs + 10)
    }
    clock.runTo(clock.nowMs + 2000)
  }
  return { clock, network, nic, out, back, peers, send, connect, many }
}

describe('datagrams', () => {
  it('go there and back in a round trip, in order, each once, when nothing is wrong', () => {
    const { clock, out, back, send, many } = bench()
    send('x')
    clock.runTo(25)
    expect([out, back]).toEqual([['x'], []])
    clock.runTo(50)
    expect(back).toEqual(['x'])
    many()
    expect(back.slice(1)).toEqual(Array.from({ length: COUNT }, (_, index) => String(index)))
  })

  it('lose 25 in 100 each way', () => {
    const { nic, out, back, many } = bench()
    nic.lossPercent = 25
    many()
    expect(Math.abs(out.length / COUNT - 0.75)).toBeLessThan(0.04)
    expect(Math.abs(back.length / COUNT - 0.5625)).toBeLessThan(0.04)
  })

  it('reach nobody who is parted, in neither direction', () => {
    const { clock, network, nic, out, back, send } = bench()
    nic.parted = [HOST]
    network.serve('198.51.100.11', PORT, (datagram, answer) => answer(replyTo(datagram, 'other')))
    send('x')
    send('y', { target: '198.51.100.11' })
    clock.runTo(1000)
    expect([out, back]).toEqual([[], ['other']])
    nic.parted = []
    send('z')
    clock.runTo(1025)
    nic.parted = [HOST]
    clock.runTo(2000)
    expect([out, back]).toEqual([['z'], ['other']])
  })

  it('come twice 20 times in 100', () => {
    const { nic, out, many } = bench()
    nic.duplicatePercent = 20
    many()
    expect(Math.abs(out.length / COUNT - 1.2)).toBeLessThan(0.04)
  })

  it('overtake each other by up to jitterMs', () => {
    const { nic, out, many } = bench()
    nic.jitterMs = 100
    many()
    const order = out.map(Number)
    const late = order.filter((value, index) => index > 0 && value < order[index - 1]).length
    expect(late).toBeGreaterThan(COUNT / 10)
    expect([...order].sort((left, right) => left - right)).toEqual(Array.from({ length: COUNT }, (_, index) => index))
  })

  it('have one bit wrong one time in 10', () => {
    const { nic, out, many } = bench()
    nic.bendPercent = 10
    many()
    const wrong = out.filter((bytes, index) => bytes !== String(index))
    expect(Math.abs(wrong.length / COUNT - 0.1)).toBeLessThan(0.03)
  })

  it.each([
    ['up', 0, 0],
    ['down', 1, 0],
  ])('get as far as they can when the way %s is cut', (way, arrived, answered) => {
    const { clock, nic, out, back, send } = bench()
    nic.isUpCut = way === 'up'
    nic.isDownCut = way === 'down'
    send('x')
    clock.runTo(1000)
    expect([out.length, back.length]).toEqual([arrived, answered])
  })

  it('tell the sender of a closed port, and nothing of a host that does not exist', () => {
    const { clock, nic, send } = bench()
    const told: string[] = []
    nic.datagrams.onUnreachable = (address, port) => told.push(address + ':' + port)
    send('x', { targetPort: PORT + 1 })
    send('x', { target: '198.51.100.11' })
    clock.runTo(1000)
    expect(told).toEqual([HOST + ':' + (PORT + 1)])
  })

  it('the same seed makes the same run, another seed another one', () => {
    const runs = [1, 1, 2].map((seed) => {
      const { nic, out, many } = bench(seed)
      nic.lossPercent = 33
      nic.jitterMs = 50
      many()
      return out.join()
    })
    expect(runs[1]).toBe(runs[0])
    expect(runs[2]).not.toBe(runs[0])
  })
})

describe('NAT', () => {
  const reply = (bytes: string): Datagram => ({
    source: HOST,
    sourcePort: PORT,
    target: '10.0.0.2',
    targetPort: 50000,
    bytes,
  })

  it('lets in only what fits a mapping, by both ends, until natUdpMs after the last datagram out', () => {
    const { clock, nic, back, send } = bench()
    nic.natUdpMs = 30000
    nic.datagrams.deliver(reply('unasked'), false)
    clock.runTo(100)
    expect(back).toEqual([])
    send('x')
    clock.runTo(200)
    nic.datagrams.deliver({ ...reply('other host'), source: '198.51.100.99' }, false)
    nic.datagrams.deliver({ ...reply('other port'), sourcePort: 1 }, false)
    nic.datagrams.deliver({ ...reply('other panel port'), targetPort: 50001 }, false)
    clock.runTo(30100)
    nic.datagrams.deliver(reply('in time'), false)
    clock.runTo(30200)
    nic.datagrams.deliver(reply('too late'), false)
    clock.runTo(31000)
    expect(back).toEqual(['x', 'in time'])
  })

  it('forgets a TCP connection after natTcpMs of silence: packets of both sides vanish', () => {
    const { clock, nic, out, back, peers, connect } = bench()
    nic.natTcpMs = 60000
    const connection = connect()
    clock.runTo(50000)
    connection.send('kept', () => {})
    clock.runTo(100000)
    connection.send('kept too', () => {})
    clock.runTo(170000)
    peers[0].send('lost')
    connection.send('lost', () => {})
    clock.runTo(300000)
    expect([out, back]).toEqual([
      ['kept', 'kept too'],
      ['open', 'kept', 'kept too'],
    ])
  })

  it('may answer with RST instead', () => {
    const { clock, nic, back, connect } = bench()
    nic.natTcpMs = 60000
    nic.natResets = true
    const connection = connect()
    clock.runTo(70000)
    connection.send('x', () => {})
    clock.runTo(71000)
    expect(back).toEqual(['open', 'reset'])
  })
})

describe('TCP', () => {
  it('hides loss behind repetition: all bytes, in order, but later', () => {
    const { clock, nic, out, back, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    nic.lossPercent = 25
    for (let index = 0; index < 50; index++) connection.send(String(index), () => {})
    clock.runTo(600000)
    const wanted = Array.from({ length: 50 }, (_, index) => String(index))
    expect(out).toEqual(wanted)
    expect(back).toEqual(['open', ...wanted])
  })

  it('with the way back cut: the peer has the bytes, and nobody knows', () => {
    const { clock, nic, out, back, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    nic.isDownCut = true
    let isAcknowledged = false
    connection.send('x', () => {
      isAcknowledged = true
    })
    clock.runTo(60000)
    expect([out, back, isAcknowledged]).toEqual([['x'], ['open'], false])
  })

  it('parted from the peer: nothing passes until it is joined again, and other peers are not concerned', () => {
    const { clock, network, nic, out, back, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    nic.parted = [HOST]
    connection.send('x', () => {})
    clock.runTo(1000)
    network.listen('198.51.100.11', PORT, () => ({ onData: () => {}, onEnd: () => {} }))
    let isOpen = false
    const events = { onOpen: () => (isOpen = true), onData: () => {}, onEnd: () => {}, onReset: () => {} }
    nic.connect('198.51.100.11', PORT, events)
    clock.runTo(1100)
    expect([out, back, isOpen]).toEqual([[], ['open'], true])
    nic.parted = []
    clock.runTo(5000)
    expect([out, back]).toEqual([['x'], ['open', 'x']])
  })

  it('answers a probe while both sides know the connection', () => {
    const { clock, nic, connect } = bench()
    const connection = connect()
    clock.runTo(100)
    let answers = 0
    connection.probe?.(() => answers++)
    clock.runTo(200)
    nic.setInternet(false)
    connection.probe?.(() => answers++)
    clock.runTo(60000)
    expect(answers).toBe(1)
  })

  it('is torn down by the peer', () => {
    const { clock, back, peers, connect } = bench()
    connect()
    clock.runTo(100)
    peers[0].reset()
    clock.runTo(200)
    expect(back).toEqual(['open', 'reset'])
  })

  it.each([
    ['abandoned', 'reset'],
    ['closed in order', 'open'],
  ])('a port whose last connection was %s answers the next one with %s', (how, answer) => {
    const { clock, back, connect } = bench()
    const first = connect(50000)
    clock.runTo(100)
    if (how === 'abandoned') first.abandon()
    else first.end()
    clock.runTo(200)
    back.length = 0
    connect(50000)
    clock.runTo(300)
    expect(back).toEqual([answer])
  })
})
