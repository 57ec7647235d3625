/** Wheel, drag and pinch on the timeline, and what is pointed at. */

import { useEffect } from 'preact/hooks'
import type uPlot from 'uplot'
import { nearest, ROW } from './lanes'
import { type Found, type SetWindow, type Shown, type Window, ZOOM } from './timeline-window'

const REACH_PX = 7

export function useGestures(
  box: { current: HTMLDivElement | null },
  plot: { current: uPlot | undefined },
  shown: { current: Window },
  state: { current: Shown },
  set: SetWindow,
  setFound: (found: Found | undefined) => void,
): void {
  useEffect(() => {
    const { current: element } = box
    if (element === null) return
    const fingers = new Map<number, { x: number; y: number }>()
    const inPlot = (event: { clientX: number; clientY: number }) => {
      const area = plot.current?.over.getBoundingClientRect()
      if (area === undefined) return undefined
      return { x: event.clientX - area.left, y: event.clientY - area.top, width: area.width }
    }
    const momentAt = (x: number, width: number) => {
      const { fromMs, untilMs } = shown.current
      return fromMs + (x / width) * (untilMs - fromMs)
    }
    const zoomAt = (atMs: number, factor: number) => {
      const { fromMs, untilMs } = shown.current
      set(atMs - (atMs - fromMs) * factor, atMs + (untilMs - atMs) * factor)
    }
    const onWheel = (event: WheelEvent) => {
      const place = inPlot(event)
      if (place === undefined || (!event.ctrlKey && Math.abs(event.deltaX) < Math.abs(event.deltaY) && event.shiftKey))
        return
      event.preventDefault()
      const { fromMs, untilMs } = shown.current
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const shiftMs = (event.deltaX / place.width) * (untilMs - fromMs)
        set(fromMs + shiftMs, untilMs + shiftMs)
      } else zoomAt(momentAt(place.x, place.width), event.deltaY > 0 ? ZOOM : 1 / ZOOM)
    }
    const onDown = (event: PointerEvent) => {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      element.setPointerCapture(event.pointerId)
      if (event.pointerType === 'touch') setFound(find(event))
    }
    const onMove = (event: PointerEvent) => {
      const before = fingers.get(event.pointerId)
      const place = inPlot(event)
      if (place === undefined) return
      if (before === undefined) {
        setFound(find(event))
        return
      }
      const { fromMs, untilMs } = shown.current
      const others = [...fingers].filter(([id]) => id !== event.pointerId)
      if (others.length === 1) {
        const other = others[0][1].x
        const [was, is] = [Math.abs(before.x - other), Math.abs(event.clientX - other)]
        if (was > 10 && is > 10) zoomAt(momentAt(place.x, place.width), was / is)
      } else {
        const shiftMs = ((event.clientX - before.x) / place.width) * (untilMs - fromMs)
        if (shiftMs !== 0) set(fromMs - shiftMs, untilMs - shiftMs)
      }
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    }
    const onUp = (event: PointerEvent) => fingers.delete(event.pointerId)
    const onLeave = () => setFound(undefined)
    const find = (event: PointerEvent): Found | undefined => {
      const place = inPlot(event)
      if (place === undefined) return undefined
      const row = state.current.rows[Math.floor(place.y / ROW)]
      if (row === undefined || place.x < 0) return undefined
      const { fromMs, untilMs } = shown.current
      const reachMs = (REACH_PX / place.width) * (untilMs - fromMs)
      const mark = nearest(row, momentAt(place.x, place.width), reachMs)
      return mark === undefined
        ? undefined
        : { row, mark, x: event.clientX - element.getBoundingClientRect().left, y: place.y }
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    element.addEventListener('pointerdown', onDown)
    element.addEventListener('pointermove', onMove)
    element.addEventListener('pointerup', onUp)
    element.addEventListener('pointercancel', onUp)
    element.addEventListener('pointerleave', onLeave)
    return () => {
      element.removeEventListener('wheel', onWheel)
      element.removeEventListener('pointerdown', onDown)
      element.removeEventListener('pointermove', onMove)
      element.removeEventListener('pointerup', onUp)
      element.removeEventListener('pointercancel', onUp)
      element.removeEventListener('pointerleave', onLeave)
    }
  }, [])
}
