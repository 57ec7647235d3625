// UDP of a live bench: real sockets on loopback, so what is waited for here is the machine, never more than it takes.

import { createSocket, type Socket } from 'node:dgram'
import { afterEach, describe, expect, it } from 'vitest'
import { type LiveNic, liveNic } from '../../../hal-mock/programs/live-network'
import { startReceiver } from '../../../hal-mock/programs/receiver'
import type { StationEvent } from '../../../hal-mock/receiver'

/** Duress, clear, without a time: C1 of reporting.md 6, and C7, its acknowledgement. */
const C1 = '\n2BB40027"ADM-CID"0001L0#1234[#1234|1121 01 005]\r'
const C7 = '\n1BC10012"ACK"0001L0#1234[]\r'
const HOST = '127.0.0.1'
/** As the panel calls the receiver. */
const ADDRESS = '198.51.100.10'
const PORT = 12128
const OWN = '192.168.1.50'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

async function until(holds: () => boolean): Promise<void> {
  for (let waits = 0; waits < 400 && !holds(); waits++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(holds()).toBe(true)
}

/** Long enough for a datagram on loopback that should not come. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 50))

function bind(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4')
  cleanUp.push(() => socket.close())
  return new Promise((resolve) => socket.bind(0, HOST, () => resolve({ socket, port: socket.address().port })))
}

/** A peer that echoes, the Nic to it, and what both have seen. */
async function bench() {
  const { socket, port } = await bind()
  const heard: string[] = []
  const peers: number[] = []
  socket.on('message', (bytes, sender) => {
    heard.push(bytes.toString('latin1'))
    peers.push(sender.port)
    socket.send(bytes, sender.port, sender.address)
  })
  const dialled: string[] = []
  const nic: LiveNic = liveNic(
    'cable',
    (address, wanted) => (address === ADDRESS && wanted === PORT ? { host: HOST, port } : undefined),
    (localPort, protocol) => dialled.push(`${protocol} ${localPort}`),
  )
  cleanUp.push(() => nic.closeAll())
  const back: object[] = []
  const refused: string[] = []
  nic.datagrams.onDatagram = (datagram) => back.push(datagram)
  nic.datagrams.onUnreachable = (address, targetPort) => refused.push(`${address}:${targetPort}`)
  const send = (bytes: string, sourcePort = 50000, target = ADDRESS, targetPort = PORT) =>
    nic.datagrams.send({ source: OWN, sourcePort, target, targetPort, bytes })
  return { socket, port, nic, heard, peers, dialled, back, refused, send }
}

describe('datagrams over real sockets', () => {
  it('reach the peer byte by byte, and its answer comes from the address that the panel knows', async () => {
    const { heard, peers, dialled, back, send } = await bench()
    const bytes = Array.from({ length: 256 }, (_, value) => String.fromCharCode(value)).join('')
    send(bytes)
    await until(() => back.length === 1)
    expect(heard).toEqual([bytes])
    expect(back[0]).toEqual({ source: ADDRESS, sourcePort: PORT, target: OWN, targetPort: 50000, bytes })
    expect(dialled).toEqual([`udp ${peers[0]}`])
  })

  it('have a socket for each port of the panel, and keep it', async () => {
    const { peers, dialled, back, send } = await bench()
    for (const port of [50000, 50001, 50000, 50001]) send('x', port)
    await until(() => back.length === 4)
    expect(new Set(peers).size).toBe(2)
    expect(dialled.length).toBe(2)
  })

  it('go nowhere without a mapping: the panel hears that the port is closed, not from inside its call', async () => {
    const { heard, refused, dialled, send } = await bench()
    send('x', 50000, ADDRESS, PORT + 1)
    expect(refused).toEqual([])
    await until(() => refused.length === 1)
    send('x', 50000, '203.0.113.9')
    await until(() => refused.length === 2)
    expect([refused, heard, dialled]).toEqual([[`${ADDRESS}:${PORT + 1}`, `203.0.113.9:${PORT}`], [], []])
  })

  it('are refused by a machine on which nobody listens', async () => {
    const { socket, refused, send } = await bench()
    await new Promise<void>((resolve) => socket.close(() => resolve()))
    cleanUp.shift()
    send('x')
    await until(() => refused.length > 0)
    expect(refused[0]).toBe(`${ADDRESS}:${PORT}`)
  })

  it('vanish while the way is cut, in both directions, and go on after it', async () => {
    const { socket, nic, heard, back, peers, send } = await bench()
    send('a')
    await until(() => back.length === 1)
    nic.setInternet(false)
    send('b')
    socket.send('c', peers[0], HOST)
    await quiet()
    expect([heard, back.length]).toEqual([['a'], 1])
    nic.setInternet(true)
    nic.setLink(false)
    send('d')
    await quiet()
    nic.setLink(true)
    send('e')
    await until(() => back.length === 2)
    expect(heard).toEqual(['a', 'e'])
  })

  it('are taken from the peer alone', async () => {
    const { back, peers, send } = await bench()
    send('a')
    await until(() => back.length === 1)
    const stranger = await bind()
    stranger.socket.send('forged', peers[0], HOST)
    await quiet()
    expect(back.length).toBe(1)
  })

  it('have 16 sockets at most: the one that was idle longest goes', async () => {
    const { peers, back, dialled, send } = await bench()
    for (let port = 0; port < 16; port++) send('x', 50000 + port)
    await until(() => back.length === 16)
    send('x', 50000)
    await until(() => back.length === 17)
    send('x', 60000)
    await until(() => back.length === 18)
    // 50001 was idle longest; 50000 still has its socket, 50001 gets a new one.
    send('x', 50000)
    send('x', 50001)
    await until(() => back.length === 20)
    expect(dialled.length).toBe(18)
    expect(new Set(peers).size).toBe(18)
  })

  it('end with the Nic, which may be closed twice', async () => {
    const { nic, socket, back, peers, send } = await bench()
    send('a')
    await until(() => back.length === 1)
    nic.closeAll()
    nic.closeAll()
    socket.send('late', peers[0], HOST)
    await quiet()
    expect(back.length).toBe(1)
  })

  it('bring a frame to our receiver, TCP and UDP on one port, and its kiss-off back', async () => {
    const events: StationEvent[] = []
    const accounts = [{ account: '1234', keyHex: '' }]
    const onEvent = (event: StationEvent) => events.push(event)
    const station = await startReceiver({ host: HOST, port: 0, accounts, mode: 'ack', isUdp: true, onEvent })
    cleanUp.push(() => station.close())
    const nic = liveNic('cable', () => ({ host: HOST, port: station.port }))
    cleanUp.push(() => nic.closeAll())
    const replies: string[] = []
    nic.datagrams.onDatagram = ({ bytes }) => replies.push(bytes)
    nic.datagrams.send({ source: OWN, sourcePort: 50000, target: ADDRESS, targetPort: PORT, bytes: C1 })
    await until(() => replies.length === 1)
    const overTcp: string[] = []
    const connection = nic.connect(ADDRESS, PORT, {
      onOpen: () => connection.send(C1, () => undefined),
      onData: (bytes) => overTcp.push(bytes),
      onEnd: () => undefined,
      onReset: () => undefined,
    })
    await until(() => overTcp.length === 1)
    expect([replies[0], overTcp[0]]).toEqual([C7, C7])
    expect(events.map((event) => [event.code, event.isDuplicate, event.via.slice(0, 4)])).toEqual([
      ['121', false, 'udp '],
      ['121', true, 'tcp '],
    ])
  })
})
