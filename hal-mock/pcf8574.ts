/**
 * PCF8574, eight quasi-bidirectional pins on I2C: no registers, one byte to it sets the latch, one from it reads the pins; INT
 * goes low at any change of a pin from what was read or written last. Contacts join two pins, or a pin and ground.
 * Source: NXP PCF8574/74A, revision 5, §8.
 *
 * Not modelled: the strength of the pull-ups, the moment of strong pull-up after a write, the time of a transfer.
 */

export class Pcf8574 {
  /** False: unplugged or without supply; it does not acknowledge. */
  isPresent = true
  /** Transfers so far, and bytes on the bus with the address of each. */
  transfers = 0
  busBytes = 0
  /** Told of INT: 0 active, 1 not. */
  onInterrupt: (level: number) => void = () => {}

  private latch = 0xff
  private seen = 0xff
  private interrupt = 1
  private contacts: { left: number; right: number; isClosed: boolean }[] = []

  constructor(readonly i2cAddress: number) {}

  /** At power-up all pins are high. */
  setPower(isOn: boolean): void {
    this.isPresent = isOn
    this.latch = 0xff
    this.seen = this.levels()
    this.tell(1)
  }

  /** A contact between two pins, open; its number for set(). As PinBank has them. */
  contact(left: number, right: number): number {
    return this.contacts.push({ left, right, isClosed: false }) - 1
  }

  set(contact: number, isClosed: boolean): void {
    this.contacts[contact].isClosed = isClosed
    if (this.isPresent && this.levels() !== this.seen) this.tell(0)
  }

  write(address: number, bytes: Uint8Array): void {
    this.answer(address, bytes.length)
    for (let index = 0; index < bytes.length; index++) this.latch = bytes[index]
    this.look()
  }

  receive(address: number, count: number): Uint8Array {
    this.answer(address, count)
    const bytes = new Uint8Array(count)
    for (let index = 0; index < count; index++) bytes[index] = this.look()
    return bytes
  }

  private answer(address: number, lengthBytes: number): void {
    this.transfers++
    this.busBytes += lengthBytes + 1
    if (!this.isPresent || address !== this.i2cAddress) throw new Error('no acknowledge')
  }

  /** A transfer compares the pins anew. */
  private look(): number {
    this.seen = this.levels()
    this.tell(1)
    return this.seen
  }

  private tell(level: number): void {
    if (level === this.interrupt) return
    this.interrupt = level
    this.onInterrupt(level)
  }

  /** A pin is low when its latch is, or a contact leads to one that is. */
  private levels(): number {
    let low = ~this.latch & 255
    for (let before = -1; before !== low; ) {
      before = low
      for (const { left, right, isClosed } of this.contacts) {
        if (isClosed && (low & ((1 << left) | (1 << right))) !== 0) low |= (1 << left) | (1 << right)
      }
    }
    return ~low & 255
  }
}
