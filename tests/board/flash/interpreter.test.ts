/**
 * The uploader against the real interpreter (ESPRUINO: its Linux build) on a pseudo terminal, bridged to TCP; and all of
 * flash.sh over a second pseudo terminal, with the serial library that speaks with a board. Skipped without it. Python
 * makes the pseudo terminals; Node cannot.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { Console } from '../../../board/flash/console'
import { open } from '../../../board/flash/link'
import * as upload from '../../../board/flash/upload'
import { buildBoard } from '../../../board/targets'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const BINARY = process.env.ESPRUINO ?? ''
const folder = mkdtempSync(join(tmpdir(), 'upload-interpreter-'))
const PORT = join(folder, 'port')
const CONFIG = {
  receivers: [
    { host: '192.168.1.50', port: 12300, account: '1234', key: 'A0A1A2A3A4A5A6A7A8A9AAABACADAEAF', isMonitoring: true },
  ],
  partition: 1,
  codeLength: 6,
  exitDelaySeconds: 45,
  entryDelaySeconds: 30,
  utcOffsetMinutes: 60,
  zones: [{ name: 'Door', type: 'entryExit1' }],
  ethernet: { mac: '02:00:00:12:34:56', address: '192.168.1.60', mask: '255.255.255.0', gateway: '192.168.1.1' },
  cellular: { apn: 'internet', simPin: '' },
}
/** The Linux build fakes 256 KiB of flash here, of which Storage uses the beginning. */
const FLASH = 0x10000000
const TARGET = { image: 'LINUX', flashBase: FLASH + 0x30000 }
const START_LIMIT_MS = 10_000

const BRIDGE = `
import os, pty, select, socket, subprocess, sys, tty
inner, inner_slave = pty.openpty()
tty.setraw(inner_slave)
if os.path.lexists('console'): os.unlink('console')
os.symlink(os.ttyname(inner_slave), 'console')
heard = open('heard', 'wb', 0)
def power():
    child = subprocess.Popen(sys.argv[3:], stdin=inner_slave, stdout=inner_slave, stderr=subprocess.DEVNULL)
    open('pid', 'w').write(str(child.pid))
    return child
child = power()
if sys.argv[1] == 'tcp':
    server = socket.create_server(('127.0.0.1', 0))
    open(sys.argv[2], 'w').write('tcp://127.0.0.1:%d' % server.getsockname()[1])
    outer = server.fileno()
else:
    server = None
    outer, outer_slave = pty.openpty()
    tty.setraw(outer_slave)
    os.symlink(os.ttyname(outer_slave), sys.argv[2])
while True:
    # E.reboot() ends the process with 1 here (espruino.md section 9); a plug that is pulled kills it.
    if child.poll() is not None:
        if child.returncode != 1: break
        child = power()
    for fd in select.select([inner, outer], [], [], 0.1)[0]:
        if server and fd == server.fileno():
            client = server.accept()[0]
            server.close()
            server, outer = None, client.fileno()
            continue
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data: break
        if fd == inner: heard.write(data)
        if not server: os.write(outer if fd == inner else inner, data)
`

let bridge: ChildProcess | undefined
afterEach(() => stop())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A board at power-up: boots from the Storage that the last one left. */
async function start(kind: 'tcp' | 'pty' = 'tcp'): Promise<void> {
  writeFileSync(join(folder, 'bridge.py'), BRIDGE)
  bridge = spawn('python3', ['bridge.py', kind, PORT, BINARY], { cwd: folder, stdio: 'ignore' })
  const endMs = Date.now() + START_LIMIT_MS
  while (!existsSync(PORT) && Date.now() < endMs) await wait(20)
}

/** Pulls the plug. */
async function stop(): Promise<void> {
  if (bridge === undefined) return
  const { exitCode } = bridge
  const ended = new Promise((resolve) => bridge?.once('close', resolve))
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
  if (exitCode === null) await ended
  bridge = undefined
  rmSync(PORT, { force: true })
}

async function attach(): Promise<Console> {
  const board = new Console(await open(readFileSync(PORT, 'utf8')))
  await board.attach()
  return board
}

function heard(): string {
  return readFileSync(join(folder, 'heard'), 'latin1')
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

describe.skipIf(BINARY === '')('upload to the interpreter', () => {
  const program = upload.programOf(`setTimeout(function(){print("");print("Panel "+"runs.")},50);//${'x'.repeat(3000)}`)
  const contents = new Uint8Array(900).map((_, index) => index * 7)
  // As firmware/store/settings.ts packs them: version, salt length, length and CRC of the program.
  contents.set([2, 16, 0, 0])
  new DataView(contents.buffer).setUint32(4, program.length)
  new DataView(contents.buffer).setUint32(8, upload.checksum(program))

  it('writes program and settings, and after a restart the program runs', async () => {
    await start()
    const board = await attach()
    const name = String(await board.ask('process.env.BOARD'))
    await upload.checkImage(board, { ...TARGET, image: name })
    await upload.writeProgram(board, program, () => undefined)
    await upload.writeSettings(board, TARGET, contents)
    expect(await upload.programProblem(board, program)).toBe('')
    expect(await upload.settingsProblem(board, TARGET, program)).toBe('')
    await upload.restart(board, upload.START_LIMIT_MS)
    await board.close()
  })

  it('killed in the middle of the program leaves a console that answers and nothing that runs', async () => {
    await start()
    const board = await attach()
    let piece = 0
    const upload5 = upload.writeProgram(board, program, () => {
      if (++piece === 5) process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL')
    })
    await expect(upload5).rejects.toThrow()
    await board.close()
    await stop()
    await start()
    const again = await attach()
    await again.listen(300)
    expect(heard()).not.toContain(upload.RUNS)
    expect(await upload.programProblem(again, program)).toMatch(/CRC differs/)
    await again.close()
  })

  it('flash.sh puts the real panel onto it over a serial port: boot closes the console, and the panel says that it runs', async () => {
    const bin = join(folder, 'bin')
    const image = join(folder, 'image')
    for (const name of [bin, image]) mkdirSync(name)
    const answers = `version) echo 'esptool v5.1.0';; *chip-id*) echo 'MAC: 24:6f:28:aa:bb:cc';; *) echo done;;`
    writeFileSync(join(bin, 'esptool'), `#!/bin/sh\ncase "$*" in ${answers} esac\n`, { mode: 0o755 })
    writeFileSync(join(image, 'bootloader.bin'), Buffer.concat([Buffer.from([0xe9]), Buffer.alloc(20000)]))
    writeFileSync(join(image, 'partitions_espruino.bin'), Buffer.concat([Buffer.from([0xaa]), Buffer.alloc(3071)]))
    writeFileSync(join(image, 'espruino_esp32.bin'), Buffer.concat([Buffer.from([0xe9]), Buffer.alloc(600_000)]))
    writeFileSync(join(folder, 'panel.json'), JSON.stringify(CONFIG))
    await start()
    const board = await attach()
    const name = String(await board.ask('process.env.BOARD'))
    await board.close()
    await stop()
    // Natives of the chip that Linux lacks, and the console's pseudo terminal as Serial1; then the real bundle.
    const { code } = await buildBoard('devkitc-4x3', { image: name, flashBase: TARGET.flashBase })
    writeFileSync(join(folder, 'panel.js'), prelude(join(folder, 'console')) + code)
    await start('pty')
    const words = ['--board', 'devkitc-4x3', '--bundle', 'panel.js', '--port', PORT]
    const env = {
      PATH: [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
      HOME: folder,
      PANEL_IMAGE: name,
      PANEL_FLASH_BASE: String(TARGET.flashBase),
    }
    const run = async (options: string[], input: string): Promise<[number | null, string]> => {
      const child = spawn(join(ROOT, 'flash.sh'), [...words, ...options], { env, cwd: folder })
      let text = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes))
      child.stdin.end(input)
      return [await new Promise((resolve) => child.once('close', resolve)), text.slice(-400)]
    }
    expect(await run(['--config', 'panel.json', '--image', 'image'], '352670\n352670\n904418\n904418\n\n')).toEqual([
      0,
      expect.stringContaining('Done: the panel runs.'),
    ])
    expect(heard()).toMatch(/-> null[\s\S]*Panel runs\.\r?\n$/)
    // As after a BOOT press the console is open, and so it stays: what is compared is right, but no panel starts again.
    await stop()
    writeFileSync(join(folder, 'rescue'), 'x')
    await start('pty')
    expect(await run(['--verify'], '')).toEqual([1, expect.stringContaining('did not say that it runs')])
    await stop()
    bendSettings()
    await start('pty')
    expect(await run(['--verify'], '')).toEqual([1, expect.stringContaining('the board has no sound settings')])
  }, 180_000)
})

/** One bit of both copies of the settings in the fake flash, in the middle of their contents. */
function bendSettings(): void {
  const flash = readFileSync(join(folder, 'espruino.flash'))
  for (const page of [4, 5]) {
    const at = TARGET.flashBase - FLASH + page * 4096 + 100
    if (flash[at] !== 0xff) flash[at] ^= 1
  }
  writeFileSync(join(folder, 'espruino.flash'), flash)
}

/** Its names are longer than the bundle's. A file `rescue` ends the program at once. */
function prelude(consolePath: string): string {
  return `if(require('fs').readdir('.').indexOf('rescue')>=0)throw 'rescue';
var noise=1,nativeFlash=require('Flash'),nativeRequire=require;
function peek32(address){return address===0x3ff48034?12:(noise=(noise*1103515245+12345)&0x7fffffff)}
function digitalRead(pins){return typeof pins==='number'?1:7}
function digitalWrite(){}
function pinMode(){}
var SPI2={setup:function(){},send:function(bytes){return bytes}};
var I2C1={setup:function(){},writeTo:function(){throw 'no acknowledge'}};
var Serial3={setup:function(){},on:function(){},write:function(){}};
var rawFlash={read:function(count,address){return nativeFlash.read(count,address)},
write:function(bytes,address){nativeFlash.write(bytes,address)},
erasePage:function(address){for(var i=0;i<4;i++)nativeFlash.erasePage(address+i*1024)}};
function require(name){return name==='Flash'?rawFlash:nativeRequire(name)}
Serial1.setup(115200,{path:${JSON.stringify(consolePath)}});
`
}
