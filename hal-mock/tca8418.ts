/**
 * TCA8418, a keypad controller on I2C, register for register: which pins are keypad, ten events in a FIFO with their number, key
 * and overflow interrupts on INT. It scans by itself, so a contact that moves is an event at once; without diodes three
 * corners of a rectangle make an event of the fourth as well.
 * Source: TI SCPS215G, §8.3 (FIFO, interrupts), §8.6 (registers).
 *
 * Not modelled: the 50 µs of its debounce (contacts of the bench bounce for longer), the key lock, GPIO, CAD, hardware reset,
 * auto-increment (CFG bit 7): a transfer stays at its register.
 */

// Registers (table 3).
const CFG = 0x01
const INT_STAT = 0x02
const KEY_LCK_EC = 0x03
const KEY_EVENT_A = 0x04
const KEY_EVENT_J = 0x0d
const KP_GPIO1 = 0x1d
const KP_GPIO2 = 0x1e
const KP_GPIO3 = 0x1f
const LAST = 0x2e

const KE_IEN = 0x01
const OVR_FLOW_IEN = 0x08
/** The oldest event makes room for a new one; else the new one is lost. */
const OVR_FLOW_M = 0x20
const K_INT = 0x01
const OVR_FLOW_INT = 0x08
const PRESSED = 0x80
const FIFO = 10
const ROWS = 8
const COLUMNS = 10
/** A row's keys are numbered from ten times its number plus 1 on. */
const ROW_KEYS = 10

export class Tca8418 {
  isPresent = true
  transfers = 0
  busBytes = 0
  /** Told of INT: 0 active, 1 not. */
  onInterrupt: (level: number) => void = () => {}

  private registers = new Uint8Array(LAST + 1)
  private pointer = 0
  private events: number[] = []
  private interrupt = 1
  private contacts: { row: number; column: number; isClosed: boolean }[] = []
  /** Keys that are down, as its scan sees them. */
  private down = new Uint8Array(ROWS * COLUMNS)

  constructor(readonly i2cAddress: number = 0x34) {}

  setPower(isOn: boolean): void {
    this.reset()
    this.isPresent = isOn
  }

  reset(): void {
    this.registers.fill(0)
    this.events = []
    this.down.fill(0)
    this.update()
  }

  /** A contact between R0-R7 and C0-C9, open; its number for set(). As PinBank has them. */
  contact(row: number, column: number): number {
    return this.contacts.push({ row, column, isClosed: false }) - 1
  }

  set(contact: number, isClosed: boolean): void {
    this.contacts[contact].isClosed = isClosed
    if (this.isPresent) this.scan()
  }

  write(address: number, bytes: Uint8Array): void {
    this.answer(address, bytes.length)
    if (bytes.length > 0) this.pointer = bytes[0]
    for (let index = 1; index < bytes.length; index++) this.store(bytes[index])
  }

  receive(address: number, count: number): Uint8Array {
    this.answer(address, count)
    const bytes = new Uint8Array(count)
    for (let index = 0; index < count; index++) bytes[index] = this.load()
    return bytes
  }

  private answer(address: number, lengthBytes: number): void {
    this.transfers++
    this.busBytes += lengthBytes + 1
    if (!this.isPresent || address !== this.i2cAddress) throw new Error('no acknowledge')
  }

  private load(): number {
    if (this.pointer === KEY_LCK_EC) return this.events.length
    if (this.pointer < KEY_EVENT_A || this.pointer > KEY_EVENT_J) return this.registers[this.pointer] ?? 0
    // Each of the ten shows the FIFO from its own place on; reading the first one takes an event out.
    if (this.pointer > KEY_EVENT_A) return this.events[this.pointer - KEY_EVENT_A] ?? 0
    return this.events.shift() ?? 0
  }

  private store(value: number): void {
    if (this.pointer === INT_STAT) this.registers[INT_STAT] &= ~value
    else if (this.pointer > LAST || (this.pointer >= KEY_LCK_EC && this.pointer <= KEY_EVENT_J)) return
    else this.registers[this.pointer] = value
    if (this.pointer >= KP_GPIO1 && this.pointer <= KP_GPIO3) this.scan()
    this.update()
  }

  /** Whether a row and a column belong to the keypad. */
  private isKey(row: number, column: number): boolean {
    const columns = this.registers[KP_GPIO2] | (this.registers[KP_GPIO3] << 8)
    return ((this.registers[KP_GPIO1] >> row) & (columns >> column) & 1) === 1
  }

  private scan(): void {
    for (let row = 0; row < ROWS; row++) {
      const reached = this.reached(row)
      for (let column = 0; column < COLUMNS; column++) {
        const isDown = this.isKey(row, column) ? (reached >> column) & 1 : 0
        const place = row * COLUMNS + column
        if (isDown === this.down[place]) continue
        this.down[place] = isDown
        this.note((row * ROW_KEYS + column + 1) | (isDown === 1 ? PRESSED : 0))
      }
    }
    this.update()
  }

  /** Columns that a row leads to, over other rows as well. */
  private reached(row: number): number {
    let rows = 1 << row
    let columns = 0
    for (let before = -1; before !== columns; ) {
      before = columns
      for (const contact of this.contacts) {
        if (!contact.isClosed) continue
        if (((rows >> contact.row) & 1) === 1) columns |= 1 << contact.column
        if (((columns >> contact.column) & 1) === 1) rows |= 1 << contact.row
      }
    }
    return columns
  }

  private note(event: number): void {
    if (this.events.length < FIFO) this.events.push(event)
    else {
      this.registers[INT_STAT] |= OVR_FLOW_INT
      if ((this.registers[CFG] & OVR_FLOW_M) !== 0) {
        this.events.shift()
        this.events.push(event)
      }
    }
  }

  /** K_INT stands as long as events wait; INT is low while an interrupt stands that is enabled. */
  private update(): void {
    if (this.events.length > 0) this.registers[INT_STAT] |= K_INT
    const status = this.registers[INT_STAT]
    const config = this.registers[CFG]
    const isKey = (config & KE_IEN) !== 0 && (status & K_INT) !== 0
    const isOverflow = (config & OVR_FLOW_IEN) !== 0 && (status & OVR_FLOW_INT) !== 0
    const level = isKey || isOverflow ? 0 : 1
    if (level === this.interrupt) return
    this.interrupt = level
    this.onInterrupt(level)
  }
}
