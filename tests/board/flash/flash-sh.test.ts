import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { FakeBoard } from './fake-board'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const top = mkdtempSync(join(tmpdir(), 'flash-sh-test-'))
const TRANSLATED = join(top, 'translated')
mkdirSync(TRANSLATED)
afterAll(() => rmSync(top, { recursive: true, force: true }))

const SECRET_KEY = 'A0A1A2A3A4A5A6A7A8A9AAABACADAEAF'
const CONFIG = {
  receivers: [{ host: '192.168.1.50', port: 12300, account: '1234', key: SECRET_KEY, isMonitoring: true }],
  partition: 1,
  codeLength: 6,
  exitDelaySeconds: 45,
  entryDelaySeconds: 30,
  utcOffsetMinutes: 60,
  zones: [{ name: 'Door', type: 'entryExit1' }],
  ethernet: { mac: '02:00:00:12:34:56', address: '192.168.1.60', mask: '255.255.255.0', gateway: '192.168.1.1' },
  cellular: { apn: 'internet', simPin: '' },
}
const ANSWERS = '352670\n352670\n904418\n904418\n\n'

/** A computer with its own PATH, home and temporary folder, a fake esptool, the image and a configuration. */
class Computer {
  folder = mkdtempSync(join(top, 'pc-'))
  image = join(this.folder, 'image')
  config = join(this.folder, 'panel.json')
  bundle = join(this.folder, 'panel.js')
  private log = join(this.folder, 'esptool.log')
  private bin = join(this.folder, 'bin')

  constructor(esptool = '') {
    for (const name of ['bin', 'image', 'tmp', 'home']) mkdirSync(join(this.folder, name))
    // tsx keeps what it has translated in the temporary folder: once for all these computers instead of at every run.
    symlinkSync(TRANSLATED, join(this.folder, 'tmp', `tsx-${userInfo().uid}`))
    writeFileSync(join(this.image, 'bootloader.bin'), Buffer.concat([Buffer.from([0xe9]), Buffer.alloc(20000)]))
    writeFileSync(join(this.image, 'partitions_espruino.bin'), Buffer.concat([Buffer.from([0xaa]), Buffer.alloc(3071)]))
    const program = [Buffer.from([0xe9]), Buffer.alloc(600_000), Buffer.from('\x002v29.277\0')]
    writeFileSync(join(this.image, 'espruino_esp32.bin'), Buffer.concat(program))
    writeFileSync(this.config, JSON.stringify(CONFIG))
    writeFileSync(this.bundle, `print("${'x'.repeat(10_000)}")`)
    if (esptool !== 'none') this.tool(esptool)
  }

  /** Cases of a shell `case "$*"` that come before what a good one does. */
  tool(cases: string): void {
    const good = `version) echo 'esptool v5.1.0';; *chip-id*) echo 'Chip type: ESP32-D0WD-V3'; echo 'MAC: 24:6f:28:aa:bb:cc';; *) echo done;;`
    const path = join(this.bin, 'esptool')
    writeFileSync(path, `#!/bin/sh\necho "$*" >> '${this.log}'\ncase "$*" in ${cases}\n${good}\nesac\n`)
    chmodSync(path, 0o755)
  }

  /** Without the versions asked for. */
  calls(): string[] {
    if (!existsSync(this.log)) return []
    return readFileSync(this.log, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && line !== 'version')
  }

  run(words: string[], input = ''): Promise<{ code: number | null; text: string }> {
    return new Promise((resolve) => {
      const path = [this.bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
      const env = { PATH: path, HOME: join(this.folder, 'home'), TMPDIR: join(this.folder, 'tmp') }
      const child = spawn(join(ROOT, 'flash.sh'), words, { env, cwd: this.folder })
      let text = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes))
      child.stdin.end(input)
      child.on('close', (code) => resolve({ code, text }))
    })
  }

  /** Everything that was left on this computer, as one text. */
  remains(): string {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && join(entry.parentPath, entry.name) !== this.config)
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('\n')
  }
}

/** The board behind a TCP port, whose connection outlives a restart as a USB chip's does. */
async function serve(board: FakeBoard): Promise<{ address: string; close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    board.onData((bytes) => socket.write(bytes, 'latin1'))
    board.onClose(() => socket.destroy())
    socket.on('data', (bytes) => board.write(bytes.toString('latin1')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { address: `tcp://127.0.0.1:${(server.address() as { port: number }).port}`, close: () => server.close() }
}

function words(pc: Computer, port: string): string[] {
  const paths = ['--config', pc.config, '--image', pc.image, '--bundle', pc.bundle]
  return ['--board', 'devkitc-4x3', ...paths, '--port', port]
}

describe('flash.sh', () => {
  it.skipIf(spawnSync('shellcheck', ['--version']).status !== 0)('passes shellcheck as a POSIX script', () => {
    const run = spawnSync('shellcheck', ['--shell=sh', join(ROOT, 'flash.sh')], { encoding: 'utf8' })
    expect(run.stdout).toBe('')
    expect(run.status).toBe(0)
  })

  it('--help tells where to get the image, and its exact build', async () => {
    const { code, text } = await new Computer().run(['--help'])
    expect(code).toBe(0)
    for (const part of ['--port', '--board', '--config', '--image', '--app-only', '--dry-run', '--erase', '--verify']) {
      expect(text).toContain(part)
    }
    const folder = 'https://www.espruino.com/binaries/travis/c5ff787b199148c31ef2776fb6f70673cba01a25'
    expect(text).toContain(`${folder}/espruino_2v29.277_esp32.tgz\n`)
    expect(text).toContain('https://www.espruino.com/binaries/travis/master/')
  })

  it('--dry-run shows all steps without a board, without esptool and without questions, and leaves nothing', async () => {
    const pc = new Computer('none')
    const { code, text } = await pc.run(['--dry-run'])
    expect(code).toBe(0)
    expect(text).toContain('esptool is not installed')
    const order = [
      'chip-id',
      '0x314000',
      '0x320000',
      '0x1000 bootloader.bin',
      '0x8000',
      '0x10000',
      'enableBLE(false)',
      '.bootcde',
      'provision.save',
      'E.reboot()',
    ]
    const places = order.map((part) => text.indexOf(part))
    expect(places.every((place, index) => place > 0 && (index === 0 || place > places[index - 1]))).toBe(true)
    expect(readdirSync(join(pc.folder, 'tmp')).filter((name) => name.startsWith('panel-'))).toEqual([])
    expect(readdirSync(join(pc.folder, 'home'))).toEqual([])
  })
})

// What follows mostly waits in real time (for the button that is held, for a board that says nothing): side by side.
describe.concurrent('flash.sh', () => {
  it('--dry-run gives esptool no command', async () => {
    const pc = new Computer()
    const { code, text } = await pc.run(['--dry-run', ...words(pc, '/dev/ttyUSB0')])
    expect([code, pc.calls()]).toEqual([0, []])
    expect(text).not.toContain(SECRET_KEY)
  })

  it('--dry-run tells every problem of the settings with its line and its rule, and never the key', async () => {
    const pc = new Computer()
    const wrong = {
      ...CONFIG,
      exitDelaySeconds: 20,
      entryDelaySeconds: 31,
      chimes: 1,
      zones: [{ name: 'Door', type: 'entry' }],
    }
    writeFileSync(pc.config, JSON.stringify(wrong, null, 2))
    const { code, text } = await pc.run(['--dry-run', ...words(pc, '/dev/ttyUSB0')])
    expect(code).toBe(1)
    const lines = readFileSync(pc.config, 'utf8').split('\n')
    const lineOf = (part: string) => lines.findIndex((line) => line.includes(part)) + 1
    expect(text).toContain('panel.json has problems:')
    expect(text).toContain(
      `line ${lineOf('exitDelay')}: exitDelaySeconds is 20: use a whole number from 45 to 255 (A-1)`,
    )
    expect(text).toContain(`line ${lineOf('entryDelay')}: entryDelaySeconds is 31: use at most 30`)
    expect(text).toContain(`line ${lineOf('"type"')}: zones[0].type is 'entry': use entryExit1`)
    expect(text).toContain(`line ${lineOf('chimes')}: chimes is no field`)
    expect(text).not.toContain(SECRET_KEY)
    expect(pc.calls()).toEqual([])
  })

  it.each([
    [['--board', 'esp32-poe'], /ESP32-POE-ISO cannot carry the panel/],
    [[], /name the board with --board, or in the file/],
    [['--app-only', '--erase'], /use one/],
    [['--board', 'devkitc-4x3', '--config', '/nowhere.json'], /cannot be read/],
  ])('%j ends with a sentence', async (options, sentence) => {
    const { code, text } = await new Computer().run(options)
    expect(code).toBe(1)
    expect(text).toMatch(sentence)
  })

  it('installs: every step once, the panel would arm, and no secret stays on the computer or shows', async () => {
    const pc = new Computer()
    const board = new FakeBoard()
    const served = await serve(board)
    const { code, text } = await pc.run(words(pc, served.address), ANSWERS)
    served.close()
    expect(text).toContain('Done: the panel runs.')
    expect(code).toBe(0)
    expect(board.wouldArm()).toBe(true)
    expect(pc.calls().map((call) => /chip-id|0x[0-9a-f]+/.exec(call)?.[0])).toEqual(['chip-id', '0x314000', '0x1000'])
    for (const hidden of ['352670', '904418', SECRET_KEY]) {
      expect(text).not.toContain(hidden)
      expect(pc.remains()).not.toContain(hidden)
    }
    expect(readdirSync(join(pc.folder, 'home/.local/state/duress-panel'))).toEqual([])
  })

  it('goes on after a failure: the interpreter is not written again, the program is, and the codes are asked anew', async () => {
    const pc = new Computer()
    const first = new FakeBoard({ cutAfter: 20 })
    let served = await serve(first)
    const failed = await pc.run(words(pc, served.address), ANSWERS)
    served.close()
    expect(failed.code).toBe(1)
    expect(failed.text).toMatch(/program: device disconnected.*powered USB port.*arms nothing yet.*goes on from here/s)
    expect(first.wouldArm()).toBe(false)
    for (const hidden of ['352670', '904418', SECRET_KEY]) expect(pc.remains()).not.toContain(hidden)
    const before = pc.calls().length
    const second = new FakeBoard()
    second.files = first.files
    served = await serve(second)
    const { code, text } = await pc.run(words(pc, served.address), ANSWERS)
    served.close()
    expect(code).toBe(0)
    expect(text).toMatch(/Going on where the last run stopped.*Write the interpreter.*done before/s)
    expect(pc.calls().slice(before)).toHaveLength(1)
    expect(second.wouldArm()).toBe(true)
  })

  it('clears the board again after a failure from which on the program would run, and says not to rely on it', async () => {
    const whole = new FakeBoard()
    const pc = new Computer()
    let served = await serve(whole)
    expect((await pc.run(words(pc, served.address), ANSWERS)).code).toBe(0)
    served.close()
    // The supply fails in the very last write, the commit mark.
    const first = new FakeBoard({ cutAfter: whole.operations })
    served = await serve(first)
    const failed = await pc.run(words(pc, served.address), ANSWERS)
    served.close()
    expect(failed.code).toBe(1)
    expect(failed.text).toMatch(/settings: device disconnected.*Do not rely on this panel until the same command/s)
    expect(failed.text).not.toContain('arms nothing yet')
    const before = pc.calls().length
    const second = new FakeBoard()
    served = await serve(second)
    const { code, text } = await pc.run(words(pc, served.address), ANSWERS)
    served.close()
    expect(code).toBe(0)
    expect(text).toMatch(/Write the interpreter[^\n]*: done before/)
    expect(pc.calls().slice(before)).toHaveLength(2)
    expect(pc.calls().at(-1)).toContain('0x314000')
  })

  it('fails when the panel that it installed does not say that it runs', async () => {
    const pc = new Computer()
    const board = new FakeBoard({ bootLog: 'Restarted 3 times, cause 6.' })
    const served = await serve(board)
    const { code, text } = await pc.run(words(pc, served.address), ANSWERS)
    served.close()
    expect(code).toBe(1)
    expect(text).toMatch(/start: Restarted 3 times, cause 6\.\n.*safe state.*\nDo not rely on this panel/)
    expect(text).not.toContain('Done')
  })

  it('tries 460800 baud and then 115200 after damaged packets', async () => {
    const pc = new Computer(`*921600*|*460800*) echo 'Invalid head of packet (0x1B)'; exit 2;;`)
    const board = new FakeBoard({ cutAfter: 1 })
    const served = await serve(board)
    await pc.run(words(pc, served.address), ANSWERS)
    served.close()
    const speeds = pc.calls().map((call) => /--baud (\d+)/.exec(call)?.[1])
    expect(speeds).toEqual(['115200', '921600', '460800', '115200', '115200'])
  })

  it("goes on without stub when Debian's esptool has none", async () => {
    const pc = new Computer()
    pc.tool(`version) echo 'esptool.py v4.7.0';; *no-stub*chip_id*) echo 'Chip is ESP32-D0WD'; echo 'MAC: 24:6f:28:aa:bb:cc';;
      *chip_id*) echo "No such file or directory: '/x/stub_flasher_32.json'"; exit 1;;`)
    const board = new FakeBoard({ cutAfter: 1 })
    const served = await serve(board)
    await pc.run(words(pc, served.address), ANSWERS)
    served.close()
    expect(
      pc
        .calls()
        .slice(1)
        .every((call) => call.startsWith('--no-stub ')),
    ).toBe(true)
    expect(pc.calls().at(-1)).toContain('write_flash -u')
  })

  describe('--verify', () => {
    let once: Promise<FakeBoard> | undefined

    /** Installed by a computer that leaves nothing behind, so that any other one finds the same board. */
    async function install(): Promise<FakeBoard> {
      const pc = new Computer()
      const board = new FakeBoard()
      const served = await serve(board)
      expect((await pc.run(words(pc, served.address), ANSWERS)).code).toBe(0)
      served.close()
      return board
    }

    /** A panel with what that one has in its flash, and its console open as after a BOOT press by hand. */
    async function installed(): Promise<FakeBoard> {
      once ??= install()
      const { files, region } = await once
      const board = new FakeBoard()
      board.files = new Map([...files].map(([name, bytes]) => [name, Buffer.from(bytes)]))
      board.region = Uint8Array.from(region)
      return board
    }

    async function verify(pc: Computer, board: FakeBoard, options: string[] = []) {
      const served = await serve(board)
      const line = ['--verify', '--board', 'devkitc-4x3', '--bundle', pc.bundle, '--port', served.address, ...options]
      const before = { operations: board.operations, restarts: board.restarts, calls: pc.calls().length }
      const result = await pc.run(line)
      served.close()
      expect(board.operations).toBe(before.operations)
      expect(board.restarts).toBe(before.restarts + 1)
      return { ...result, calls: pc.calls().slice(before.calls) }
    }

    it('finds a panel as it was installed, writes nothing, and waits until it runs again', async () => {
      const pc = new Computer()
      const board = await installed()
      const { code, text, calls } = await verify(pc, board)
      expect([code, calls]).toEqual([0, []])
      expect(text).toContain('The board has what it should have, and the panel runs.')
      expect(board.told.trimEnd().split('\r\n').at(-1)).toBe('Panel runs.')
    })

    it('with --image has esptool compare the three files, and nothing else', async () => {
      const pc = new Computer()
      const board = await installed()
      const { code, calls } = await verify(pc, board, ['--image', pc.image])
      expect(code).toBe(0)
      expect(calls).toHaveLength(2)
      expect(calls[0]).toContain('chip-id')
      expect(calls[1]).toMatch(/ verify-flash .*0x1000 \S+bootloader.bin 0x8000 \S+ 0x10000 \S+espruino_esp32.bin$/)
    })

    it('tells one bent byte of the program', async () => {
      const pc = new Computer()
      const board = await installed()
      ;(board.files.get('.bootcde') as Buffer)[5000] ^= 1
      const { code, text } = await verify(pc, board)
      expect(code).toBe(1)
      expect(text).toMatch(/verify: the program on the board is another one: its CRC differs: run flash.sh again/)
      expect(text).not.toContain('settings on the board')
    })

    it('tells one bent byte of the settings', async () => {
      const pc = new Computer()
      const board = await installed()
      board.region[0x4000 + 100] ^= 1
      const { code, text } = await verify(pc, board)
      expect(code).toBe(1)
      expect(text).toMatch(/verify: the board has no sound settings: run flash.sh again/)
    })

    it('tells settings that belong to another program, and a program that is missing', async () => {
      const pc = new Computer()
      const board = await installed()
      board.files.clear()
      const { code, text } = await verify(pc, board)
      expect(code).toBe(1)
      expect(text).toMatch(/the program on the board has 0 bytes instead of \d+/)
      writeFileSync(pc.bundle, 'print("another")')
      expect((await verify(pc, board)).text).toMatch(/the settings on the board belong to another program/)
    })

    it('tells an interpreter that is not that of the image', async () => {
      const pc = new Computer()
      const board = await installed()
      pc.tool(`*verify-flash*) echo 'Verification failed (digest mismatch).'; exit 2;;`)
      const served = await serve(board)
      const line = ['--verify', '--board', 'devkitc-4x3', '--bundle', pc.bundle, '--port', served.address]
      const { code, text } = await pc.run([...line, '--image', pc.image])
      served.close()
      expect(code).toBe(1)
      expect(text).toMatch(/image: Verification failed.*\n.*without --verify/)
    })
  })

  it('stops at an ESP32-S3 before anything is written', async () => {
    const pc = new Computer(`*chip-id*) echo 'Chip type: ESP32-S3 (QFN56)'; echo 'MAC: 24:6f:28:aa:bb:cc';;`)
    const { code, text } = await pc.run(words(pc, 'tcp://127.0.0.1:1'), ANSWERS)
    expect([code, pc.calls().length]).toEqual([1, 1])
    expect(text).toMatch(/not the original ESP32/)
  })
})
