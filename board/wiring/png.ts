/** A picture as PNG, with a font of its own: a bare machine has none. */

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'

const DOTS_PER_MM = 300 / 25.4
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']

function rendering(svg: string, width: number): Resvg {
  const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf')
  return new Resvg(svg, {
    fitTo: { mode: 'width', value: width },
    font: {
      fontFiles: FONTS.map((name) => join(folder, name)),
      loadSystemFonts: false,
      defaultFontFamily: 'DejaVu Sans',
    },
  })
}

/** The whole picture, 300 dots an inch. */
export function toPng(svg: string): Uint8Array {
  const width = Number(/viewBox="0 0 ([\d.]+)/.exec(svg)?.[1])
  return rendering(svg, Math.round(width * DOTS_PER_MM))
    .render()
    .asPng()
}

/** How wide the marks of a picture are, in its own units. */
export function inkWidth(svg: string): number {
  return rendering(svg, 1000).getBBox()?.width ?? 0
}
