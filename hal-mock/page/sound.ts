/** Siren and buzzer through the loudspeaker, for those who ask for it. */

const SIREN_HZ = 900
const SWEEP_HZ = 300
const SWEEPS_A_SECOND = 3
const BUZZER_HZ = 2300
const SIREN_GAIN = 0.08
const BUZZER_GAIN = 0.05

let context: AudioContext | undefined
let siren: GainNode | undefined
let buzzer: GainNode | undefined

function voice(audio: AudioContext, type: OscillatorType, hz: number): [OscillatorNode, GainNode] {
  const oscillator = audio.createOscillator()
  const gain = audio.createGain()
  oscillator.type = type
  oscillator.frequency.value = hz
  gain.gain.value = 0
  oscillator.connect(gain).connect(audio.destination)
  oscillator.start()
  return [oscillator, gain]
}

export function sound(isSiren: boolean, isBuzzer: boolean): void {
  if (context === undefined) {
    context = new AudioContext()
    const [tone, gain] = voice(context, 'sawtooth', SIREN_HZ)
    siren = gain
    const [sweep, depth] = voice(context, 'sine', SWEEPS_A_SECOND)
    depth.disconnect()
    depth.gain.value = SWEEP_HZ
    sweep.connect(depth).connect(tone.frequency)
    buzzer = voice(context, 'square', BUZZER_HZ)[1]
  }
  if (siren !== undefined) siren.gain.value = isSiren ? SIREN_GAIN : 0
  if (buzzer !== undefined) buzzer.gain.value = isBuzzer ? BUZZER_GAIN : 0
}

export function hush(): void {
  if (context !== undefined) sound(false, false)
}
