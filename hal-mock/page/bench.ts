/**
 * The page's end of the WebSocket: what the bench said last, and what is asked of it. Nothing here is a panel's state; all of
 * it comes anew with each connection.
 */

import { useEffect, useState } from 'preact/hooks'
import type { Decoded, Mark, Speed, StoryView, ToPage, TwinView, View } from '../programs/page-protocol'

type Wires = Extract<ToPage, { type: 'wires' }>
type Hello = Extract<ToPage, { type: 'hello' }>

const RECONNECT_MS = 1000

export class Bench {
  view: View | undefined
  hello: Hello | undefined
  story: StoryView | undefined
  twins: TwinView | undefined
  areTwinsAsked = false
  wires: Wires | undefined
  problem = ''
  isConnected = false
  /** By lane, in order of time. */
  lanes: Mark[][] = []
  lastId = -1
  private decoded = new Map<number, Decoded>()
  private asked = new Set<number>()
  private listeners = new Set<() => void>()
  private socket: WebSocket | undefined

  constructor(private address: string) {
    this.connect()
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  act(line: string): void {
    this.say({ type: 'act', line })
  }

  run(speed: Speed): void {
    this.say({ type: 'speed', speed })
  }

  step(): void {
    this.say({ type: 'step' })
  }

  go(atMs: number): void {
    this.say({ type: 'go', atMs: Math.max(0, Math.floor(atMs)) })
  }

  askTwins(forMs: number): void {
    this.areTwinsAsked = true
    this.say({ type: 'twins', forMs })
  }

  askWires(fromMs: number, untilMs: number): void {
    this.say({ type: 'wires', fromMs: Math.max(0, Math.floor(fromMs)), untilMs: Math.floor(untilMs) })
  }

  askStory(name: string, text?: string): void {
    this.say({ type: 'story', name, ...(text === undefined ? {} : { text }) })
  }

  renew(seed: number, panel: string[]): void {
    this.say({ type: 'new', seed, panel })
  }

  /** What a mark carries, once it has come. */
  bytes(id: number): Decoded | undefined {
    if (!this.asked.has(id)) {
      this.asked.add(id)
      this.say({ type: 'bytes', id })
    }
    return this.decoded.get(id)
  }

  dismiss(): void {
    this.problem = ''
    this.tell()
  }

  private say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
    this.tell()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }

  private connect(): void {
    const socket = new WebSocket(this.address)
    this.socket = socket
    socket.onopen = () => {
      this.isConnected = true
      this.forget(0)
      this.tell()
    }
    socket.onclose = () => {
      this.isConnected = false
      this.tell()
      setTimeout(() => this.connect(), RECONNECT_MS)
    }
    socket.onmessage = ({ data }) => {
      this.take(JSON.parse(String(data)) as ToPage)
      this.tell()
    }
  }

  private take(message: ToPage): void {
    switch (message.type) {
      case 'hello':
        this.hello = message
        this.lanes = message.lanes.map(() => [])
        return
      case 'view':
        this.view = message.view
        return
      case 'marks':
        this.forget(message.fromId)
        for (const lane of this.lanes) {
          const first = lane.findIndex(([id]) => id >= message.firstId)
          if (first !== 0 && lane.length > 0) lane.splice(0, first < 0 ? lane.length : first)
        }
        for (const mark of message.marks) this.lanes[mark[2]]?.push(mark)
        this.lastId = message.fromId + message.marks.length - 1
        return
      case 'bytes':
        this.decoded.set(message.id, message.decoded)
        return
      case 'wires':
        this.wires = message
        return
      case 'twins':
        this.areTwinsAsked = false
        this.twins = message.twins
        return
      case 'story':
        this.story = message.story
        return
      case 'problem':
        this.areTwinsAsked = false
        this.problem = message.text
    }
  }

  /** Marks from this number on are no longer so. */
  private forget(fromId: number): void {
    if (fromId > this.lastId) return
    for (const lane of this.lanes) {
      while (lane.length > 0 && lane[lane.length - 1][0] >= fromId) lane.pop()
    }
    for (const id of this.asked) {
      if (id < fromId) continue
      this.asked.delete(id)
      this.decoded.delete(id)
    }
    this.lastId = fromId - 1
  }
}

/** Draws a component anew when the bench has said something; once a frame at most. */
export function useBench(bench: Bench): void {
  const [, setCount] = useState(0)
  useEffect(() => {
    let frame = 0
    const stop = bench.onChange(() => {
      if (frame !== 0) return
      frame = requestAnimationFrame(() => {
        frame = 0
        setCount((count) => count + 1)
      })
    })
    return () => {
      stop()
      cancelAnimationFrame(frame)
    }
  }, [bench])
}

/** H:MM:SS.mmm since power-up. */
export function timeText(ms: number, withMs = true): string {
  const whole = Math.floor(ms)
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  const seconds = Math.floor(whole / 1000)
  const text = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`
  return withMs ? `${text}.${pad(whole % 1000, 3)}` : text
}
