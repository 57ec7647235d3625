/**
 * MCP23017, a 16-bit port expander on I2C, register for register: two address maps (IOCON.BANK), sequential and byte
 * mode (IOCON.SEQOP), direction, polarity, pull-ups and latches, with a contact to ground at each pin and contacts between
 * pins, as a matrix keypad has them.
 * Source: Microchip DS20001952 (revision C for the registers, D for GPA7 and GPB7).
 *
 * Not modelled: interrupts (their registers are kept, INTF and INTCAP read 0, there are no INT pins), the RESET pin, slew
 * rate and HAEN, currents, the time that a pull-up of 100k takes against a cable, and what revision D warns of: a level
 * at GPA7 or GPB7, as an input, that changes inside of a transfer may spoil SDA. Registers beyond the maps read 0.
 */

// Registers of port A by their address with BANK 0; port B follows each.
const IODIR = 0x00
const IPOL = 0x02
const IOCON = 0x0a
const GPPU = 0x0c
const INTF = 0x0e
const INTCAP = 0x10
const GPIO = 0x12
const OLAT = 0x14
const REGISTER_COUNT = 0x16

// IOCON bits; bit 0 is not there.
const BANK = 0x80
const SEQOP = 0x20
const IOCON_BITS = 0xfe

/** Last address of the map with BANK 1, where port B starts at 0x10 and each port has 11 registers. */
const BANKED_END = 0x1a
const BANKED_COUNT = 11

export class Mcp23017 {
  /** False: unplugged or without supply; it does not acknowledge. */
  isPresent = true
  /** What an input reads that neither a contact nor a pull-up holds. */
  floatLevel = 0
  /** Reads of a port so far. */
  portReads = 0

  /** By the address with BANK 0. */
  private registers = new Uint8Array(REGISTER_COUNT)
  private pointer = 0
  /** A bit is 1 while the contact at that pin is closed; GPA0 is bit 0, GPB0 bit 8. */
  private closed = 0
  /** Contacts between two pins. */
  private bridges: { left: number; right: number; isClosed: boolean }[] = []
  /** Pins that a resistor outside pulls up; to a load behind any other pin an input is low. */
  private pulledUp = 0
  /** Pins that are high for a load, as they were told last. */
  private high = 0
  /** Told of each output that rises or falls, and of an input whose load is at a resistor. */
  onOutput: (pin: number, level: number) => void = () => {}

  constructor(readonly i2cAddress: number) {
    this.reset()
  }

  /** Power-on reset: all pins are inputs, without pull-ups. */
  reset(): void {
    this.registers.fill(0)
    this.registers[IODIR] = 0xff
    this.registers[IODIR + 1] = 0xff
    this.pointer = 0
    this.drive()
  }

  setPower(isOn: boolean): void {
    this.reset()
    this.isPresent = isOn
  }

  /** A resistor from a pin to the board's supply, stronger than what is inside. */
  pullUp(pin: number): void {
    this.pulledUp |= 1 << pin
    this.drive()
  }

  /** What a load at a pin gets. */
  level(pin: number): number {
    return (this.high >> pin) & 1
  }

  /** The contact between a pin, 0-15, and ground. */
  setContact(pin: number, isClosed: boolean): void {
    this.closed = isClosed ? this.closed | (1 << pin) : this.closed & ~(1 << pin)
  }

  /** A contact between two pins, open; its number for set(). As PinBank has them. */
  contact(left: number, right: number): number {
    return this.bridges.push({ left, right, isClosed: false }) - 1
  }

  set(contact: number, isClosed: boolean): void {
    this.bridges[contact].isClosed = isClosed
  }

  /** A register by its address with BANK 0, without a transfer. */
  peek(address: number): number {
    return address === GPIO || address === GPIO + 1 ? this.port(address - GPIO) : this.registers[address]
  }

  /** Noise in a register; address as in peek(). */
  poke(address: number, value: number): void {
    this.registers[address] = value
    if (address === IOCON) this.registers[IOCON + 1] = value
  }

  /** One transfer to the chip: the register's address, then what goes there and behind it. */
  write(address: number, bytes: Uint8Array): void {
    this.answer(address)
    if (bytes.length > 0) this.pointer = bytes[0]
    for (let index = 1; index < bytes.length; index++) {
      this.store(this.mapped(), bytes[index])
      this.advance()
    }
    this.drive()
  }

  /** One transfer from the chip, from where its address pointer stands. */
  receive(address: number, count: number): Uint8Array {
    this.answer(address)
    const bytes = new Uint8Array(count)
    for (let index = 0; index < count; index++) {
      bytes[index] = this.load(this.mapped())
      this.advance()
    }
    return bytes
  }

  private answer(address: number): void {
    if (!this.isPresent || address !== this.i2cAddress) throw new Error('no acknowledge')
  }

  private isSet(bit: number): boolean {
    return (this.registers[IOCON] & bit) !== 0
  }

  /** The pointer in terms of the map with BANK 0; -1 where no register is. */
  private mapped(): number {
    if (!this.isSet(BANK)) return this.pointer < REGISTER_COUNT ? this.pointer : -1
    const register = this.pointer & 0x0f
    return this.pointer <= BANKED_END && register < BANKED_COUNT ? register * 2 + (this.pointer >> 4) : -1
  }

  /** Byte mode stays at a register, or with BANK 0 goes to and fro between the ports. */
  private advance(): void {
    if (this.isSet(SEQOP)) {
      if (!this.isSet(BANK)) this.pointer ^= 1
      return
    }
    const end = this.isSet(BANK) ? BANKED_END : REGISTER_COUNT - 1
    this.pointer = this.pointer < end ? this.pointer + 1 : 0
  }

  private load(register: number): number {
    if (register < 0) return 0
    if (register === GPIO || register === GPIO + 1) this.portReads++
    return this.peek(register)
  }

  private store(register: number, value: number): void {
    if (register < 0 || (register >= INTF && register < INTCAP + 2)) return
    if (register === IOCON || register === IOCON + 1) this.poke(IOCON, value & IOCON_BITS)
    // Writing to the port writes to its latch.
    else if (register === GPIO || register === GPIO + 1) this.registers[register - GPIO + OLAT] = value
    else this.registers[register] = value
  }

  /** Both ports of a pair of registers as one number. */
  private word(register: number): number {
    return this.registers[register] | (this.registers[register + 1] << 8)
  }

  private drive(): void {
    const inputs = this.word(IODIR)
    const high = ((~inputs & this.word(OLAT)) | (inputs & this.pulledUp)) & 0xffff
    const changed = high ^ this.high
    this.high = high
    for (let pin = 0; pin < 16; pin++) if (((changed >> pin) & 1) === 1) this.onOutput(pin, (high >> pin) & 1)
  }

  /** Pins at ground: by a contact, as an output that is low, or over contacts between pins. An output conducts nothing. */
  private grounded(): number {
    const inputs = this.word(IODIR)
    let low = this.closed | (~inputs & ~this.word(OLAT) & 0xffff)
    for (let before = -1; before !== low; ) {
      before = low
      for (const { left, right, isClosed } of this.bridges) {
        if (isClosed && (low & ((1 << left) | (1 << right))) !== 0) low |= ((1 << left) | (1 << right)) & inputs
      }
    }
    return low
  }

  /** What GPIO of port 0 or 1 reads: ground wins over the pull-up. */
  private port(port: number): number {
    const inputs = this.registers[IODIR + port]
    const closed = (this.grounded() >> (port * 8)) & 255
    const pulled = this.registers[GPPU + port] | (this.floatLevel === 1 ? 255 : 0)
    const levels = (inputs & pulled & ~closed) | (~inputs & this.registers[OLAT + port])
    return (levels ^ this.registers[IPOL + port]) & 255
  }
}
