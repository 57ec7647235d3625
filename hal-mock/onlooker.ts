/**
 * All that a person at the panel can see and hear, each with its virtual time: the text, the status light, the siren and
 * the buzzer. Tests compare two onlookers' notes; whatever is missing here would be a way to tell duress that no test
 * can find. Not yet: relays, the lights of router and modem, menus, the phone.
 */

export interface Sight {
  atMs: number
  source: string
  what: string
}

export class Onlooker {
  sights: Sight[] = []
  /** What is there now, by source. */
  now: { [source: string]: string } = { text: '', siren: 'off', light: 'off', buzzer: 'off' }
  onSight: (sight: Sight) => void = () => {}

  /** Notes a change; the same again is no change. */
  see(atMs: number, source: string, what: string): void {
    if (this.now[source] === what) return
    this.now[source] = what
    const sight = { atMs, source, what }
    this.sights.push(sight)
    this.onSight(sight)
  }
}
