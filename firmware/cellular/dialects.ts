/**
 * Where the modem families differ. Now only dialect A (NETOPEN/CIPOPEN): SIMCom A7670, A7608, A7672, SIM7600 and
 * SIM7500.
 * Source: hardware.md §2.2 (power key, boot), §2.4 (common init), §2.5 (settings of dialect A).
 *
 * Not here: dialects B to E (CNACT, CIPSTART, QIOPEN, USOCR), PDP user and password (CGAUTH), network time (CTZU).
 */

export interface Dialect {
  /** How long the key is held to switch on. Well below the 2.5 s that switch a running modem off. */
  pressMs: number
  /** From the key to the first answer, at the latest. */
  bootSeconds: number
  /** AT+CIPCCFG: the A76xx take an eighth field. */
  tcpFields: number
}

/** The family of a modem by its answer to AT+CGMM; '' (not known yet) gives what suits all of them. */
export function detect(model: string): Dialect {
  // SIM7600: key 500 ms or more, UART after 10-15 s. A7670: 50 ms, but A7608 boards 1000 ms; UART after 11.1 s.
  return model.includes('SIM7600') || model.includes('SIM7500')
    ? { pressMs: 500, bootSeconds: 40, tcpFields: 7 }
    : { pressMs: 1000, bootSeconds: 30, tcpFields: 8 }
}

/**
 * The commands between power-up and registration, in order; '' after the last.
 * AT+CPIN? marks where the SIM must be ready. All but the first may fail without harm.
 */
export function setup(dialect: Dialect, apn: string, index: number): string {
  // Text results (CMEE=2), no flow control (the board has no RTS/CTS), bytes kept in the modem until read (CIPRXGET=1),
  // limits for NETOPEN, CIPOPEN and CIPSEND of 30, 20 and 15 s.
  const all =
    'E0\n+CMEE=2\n+IFC=0,0\n+CGMM\n+CPIN?\n+CEREG=1\n+CGREG=1\n' +
    `+CGDCONT=1,"IP","${apn}"\n` +
    '+CIPMODE=0\n+CIPRXGET=1\n+CIPSENDMODE=0\n+CIPTIMEOUT=30000,20000,15000\n' +
    `+CIPCCFG=10,0,0,0,1,0,500${dialect.tcpFields > 7 ? ',1' : ''}`
  const line = all.split('\n')[index]
  return line === undefined ? '' : `AT${line}`
}
