/**
 * The wire to a board: a serial port, or for tests and bridged ports a TCP connection. Bytes are the char codes 0-255
 * of strings, as in the interpreter.
 */

import { connect } from 'node:net'
import { FlashError } from './failures'

export interface Link {
  write(bytes: string): void
  /** One listener, from now on. */
  onData(listener: (bytes: string) => void): void
  /** When the other end goes: a plug pulled, a supply that fails. Also after close(). */
  onClose(listener: () => void): void
  /** Levels of the control lines, true is asserted (low). Does nothing where there are none. */
  setLines(lines: { dtr: boolean; rts: boolean }): Promise<void>
  /** May be called twice. */
  close(): Promise<void>
}

/** The console's speed (hardware.md §0). */
const BAUD = 115200

/** 'tcp://host:port' or the path of a port. Throws FlashError with the system's words. */
export function open(address: string): Promise<Link> {
  const tcp = /^tcp:\/\/([^:]+):(\d+)$/.exec(address)
  return tcp === null ? openSerial(address) : openTcp(tcp[1], Number(tcp[2]))
}

async function openSerial(path: string): Promise<Link> {
  // Only here, because its native part cannot be unloaded from a worker thread.
  const { SerialPort } = await import('serialport')
  // Opening asserts both lines, which is neither reset nor download mode; they must stay so when the port is closed.
  const port = new SerialPort({ path, baudRate: BAUD, autoOpen: false, hupcl: false })
  port.on('error', () => undefined)
  return new Promise((resolve, reject) => {
    port.open((problem) => {
      if (problem) {
        reject(new FlashError(problem.message))
        return
      }
      resolve({
        write: (bytes) => {
          port.write(Buffer.from(bytes, 'latin1'))
        },
        onData: (listener) => {
          port.on('data', (bytes: Buffer) => listener(bytes.toString('latin1')))
        },
        onClose: (listener) => {
          port.on('close', listener)
        },
        setLines: (lines) => new Promise((done) => port.set(lines, () => done())),
        close: () => new Promise((done) => (port.isOpen ? port.close(() => done()) : done())),
      })
    })
  })
}

function openTcp(host: string, port: number): Promise<Link> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    socket.once('error', (problem) => reject(new FlashError(problem.message)))
    socket.once('connect', () => {
      socket.on('error', () => undefined)
      resolve({
        write: (bytes) => {
          socket.write(bytes, 'latin1')
        },
        onData: (listener) => {
          socket.on('data', (bytes) => listener(bytes.toString('latin1')))
        },
        onClose: (listener) => {
          socket.on('close', listener)
        },
        setLines: async () => undefined,
        close: async () => {
          socket.destroy()
        },
      })
    })
  })
}
