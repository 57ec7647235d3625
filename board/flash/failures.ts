/**
 * What esptool, the port, the chip's boot log and the console say when flashing fails, and the sentence that helps.
 * The table is hardware.md §5.4 with what is new in esptool 5. The first row that matches counts, so special cases
 * stand above general ones.
 *
 * Not here: faults that our own checks find (image.ts, configuration.ts); they bring their own sentence.
 */

export interface Failure {
  /** Short name, for tests and bug reports. */
  name: string
  seen: RegExp
  /** One sentence: what to do. */
  sentence: string
}

export const FAILURES: Failure[] = [
  {
    name: 'rights',
    seen: /Permission denied|EACCES|EPERM/i,
    sentence: 'Add your user to the group dialout (sudo usermod -a -G dialout $USER), then log out and in.',
  },
  {
    name: 'busy',
    seen: /resource busy|EBUSY|Cannot lock port|Could not exclusively lock|multiple access on port/i,
    sentence:
      'Close the serial monitor that holds the port; is ModemManager running (sudo systemctl stop ModemManager)?',
  },
  {
    name: 'noPort',
    seen: /ENOENT|No such file or directory, cannot open|No such file or directory: '?\/dev\/|no serial port found|could not open port.*(No such|cannot find)|ENODEV|ENXIO/i,
    sentence:
      'Try another USB cable (one with data wires); check the kernel log (dmesg) for cp210x, ch341 or cdc_acm; on Debian and Ubuntu remove brltty, which grabs CH340 chips.',
  },
  {
    name: 'noStub',
    seen: /stub_flasher_\w*\.json|No such file.*stub_flasher|stub.*not (found|available)/i,
    sentence:
      'This esptool (Debian) has no stub for the ESP32: use --no-stub, or install the upstream one: python3 -m venv ~/esptool && ~/esptool/bin/pip install esptool.',
  },
  {
    name: 'eraseNeedsStub',
    seen: /ESP32 ROM does not support function|erase_flash.*(not supported|requires)|only supported by.*stub/i,
    sentence:
      'Erasing all flash needs an esptool with a stub: install the upstream one (pip install esptool in a venv).',
  },
  {
    name: 'wrongChip',
    seen: /This chip is ESP32-?\w+,? not ESP32|Detecting chip type.*ESP32-(S2|S3|C2|C3|C6|H2)|Wrong --chip argument/i,
    sentence: 'This is not the original ESP32: the panel needs an ESP32-WROOM-32 or ESP32-WROVER module.',
  },
  {
    name: 'stopped',
    seen: /chip stopped responding|StopIteration|device reports readiness to read but returned no data|device disconnected/i,
    sentence: 'Use a powered USB port, and disconnect the modem while flashing: the supply sagged.',
  },
  {
    name: 'garbled',
    seen: /Invalid head of packet|checksum (error|mismatch)|Packet content transfer stopped|Corrupt data|Serial data stream stopped|MD5 of file does not match/i,
    sentence: 'Use a shorter cable and --baud 115200; close whatever else talks to the port.',
  },
  {
    name: 'noAnswer',
    seen: /Failed to connect|Timed out waiting for packet header|No serial data received|Wrong boot mode detected/i,
    sentence:
      'Hold BOOT, tap EN, release BOOT when writing begins, and try again; unplug the strobe and the keypad from GPIO0 and GPIO2; check that --port is the right one.',
  },
  {
    name: 'flashVoltage',
    seen: /flash read err, 1000|TG0WDT_SYS_RESET|rst:0x7/i,
    sentence:
      'Remove what pulls GPIO12 high at reset (it sets the flash chip to 1.8 V), and write the image with mode dio.',
  },
  {
    name: 'emptyFlash',
    seen: /invalid header: 0x[0-9a-f]{8}/i,
    sentence: 'Write all three files of the image, at 0x1000, 0x8000 and 0x10000: run flash.sh without --app-only.',
  },
  {
    name: 'brownout',
    seen: /Brownout detector was triggered/i,
    sentence: 'Feed the modem from a supply of its own, and use a thicker, shorter USB cable.',
  },
  {
    name: 'downloadMode',
    seen: /waiting for download|boot:0x[37] \(DOWNLOAD/i,
    sentence: 'Release BOOT, or remove what holds GPIO0 low, then tap EN.',
  },
  {
    name: 'storageCorrupt',
    seen: /Storage is corrupt|Got SAVED CODE.*corrupt|Not enough free space|Too much data for file/i,
    sentence: 'The partition table changed or Storage is damaged: run flash.sh --erase, which asks for the codes anew.',
  },
  {
    name: 'refused',
    // As board/boot.ts prints it; our own sentences have no full stop.
    seen: /Restarted \d+ times|run flash\.sh[^.]*\.\s*$|flash (the (right|official)|2v\d+)[^.]*.*\.\s*$|replace the module\.\s*$/im,
    sentence: 'The panel started in its safe state and arms nothing: do what its sentence above says.',
  },
  {
    name: 'noMemory',
    seen: /LOW_MEMORY|out of memory|MEMORY,/i,
    sentence: 'The interpreter ran out of variables: hold BOOT and tap EN, then run flash.sh without --app-only.',
  },
  {
    name: 'notRunning',
    seen: /did not say that it runs/i,
    sentence:
      'Look at the display: if it shows a sentence, do what that says; if it stays dark, run flash.sh again without --app-only.',
  },
  {
    name: 'notSame',
    seen: /verif(y|ication) failed|verify FAILED|digest mismatch/i,
    sentence:
      'The interpreter on the board is not the one of this image: run flash.sh without --verify to write it again.',
  },
  {
    name: 'silent',
    seen: /console does not answer/i,
    sentence:
      'A running panel keeps its console closed: tap EN, press BOOT within one second and hold it for four, then try again; or run flash.sh without --app-only, which clears the program first.',
  },
]

/** The row that fits what a tool printed; undefined when none does. */
export function find(text: string): Failure | undefined {
  return FAILURES.find((failure) => failure.seen.test(text))
}

/** What to tell: the tool's own last line, and the sentence if there is one. */
export function explain(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const failure = find(text)
  const said = lines.find((line) => failure?.seen.test(line)) ?? lines[lines.length - 1] ?? 'it printed nothing'
  return failure === undefined ? said.trim() : `${said.trim()}\n${failure.sentence}`
}

/** A message with the sentence that belongs to it, unless it has it already. */
export function advise(message: string): string {
  const sentence = find(message)?.sentence
  return sentence === undefined || message.includes(sentence) ? message : `${message}\n${sentence}`
}

/** A failure that carries its sentence; everything else that is thrown is our bug. */
export class FlashError extends Error {}
