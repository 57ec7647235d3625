/** The page's requests: who is answered, the files of the page, and those of the run. */

import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import type { Duplex } from 'node:stream'
import { EXPORTS, exported } from './page-exports'
import { Refusal } from './page-messages'
import type { Session } from './page-session'

const TYPES: { [ending: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Why a request is not the page's own; undefined when it is. */
export function stranger(request: IncomingMessage): string | undefined {
  const { host, origin } = request.headers
  const port = request.socket.localPort
  const own = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (host === undefined || !own.includes(host)) return 'this Host is not served here'
  if (origin !== undefined && !own.map((name) => `http://${name}`).includes(origin))
    return 'this Origin is not the page'
  const isSocket = request.headers.upgrade !== undefined
  if (isSocket && origin === undefined) return 'a socket needs the Origin of the page'
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'another site asks for this'
  return undefined
}

export function turnAway(socket: Duplex, problem: string): void {
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: ${problem.length + 1}\r\n\r\n${problem}\n`,
  )
}

export function refuse(response: ServerResponse, status: number, problem: string): void {
  if (!response.headersSent) response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${problem}\n`)
}

/** A file of the page, or one of the run to download. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  session: Session,
): Promise<void> {
  const problem = stranger(request)
  if (problem !== undefined) {
    refuse(response, 403, problem)
    return
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'only GET')
    return
  }
  const path = new URL(request.url ?? '/', 'http://page').pathname
  if (path.startsWith('/export/')) {
    download(path.slice('/export/'.length), response, session)
    return
  }
  const file = normalize(join(folder, path === '/' ? 'index.html' : decodeURIComponent(path)))
  const type = TYPES[extname(file)]
  if (!file.startsWith(folder + sep) || type === undefined) {
    refuse(response, 404, 'there is no such file')
    return
  }
  try {
    const bytes = await readFile(file)
    response.writeHead(200, { ...HEADERS, 'content-type': type })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  } catch {
    refuse(response, 404, 'there is no such file')
  }
}

function download(name: string, response: ServerResponse, session: Session): void {
  const kind = EXPORTS.find((entry) => entry === name)
  if (kind === undefined) {
    refuse(response, 404, `there is ${EXPORTS.join(', ')}`)
    return
  }
  try {
    const { bytes, type, file } = exported(kind, session)
    response.writeHead(200, {
      ...HEADERS,
      'content-type': type,
      'content-disposition': `attachment; filename="${file}"`,
    })
    response.end(bytes)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    refuse(response, 409, error.message)
  }
}
