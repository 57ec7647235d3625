/** Switches and choices: what is unusual stands out, and each says its state in words. */

interface ToggleProps {
  name: string
  /** As it should be. */
  isOn: boolean
  /** For on and off. */
  words: [on: string, off: string]
  isDisabled?: boolean
  onChange: (isOn: boolean) => void
}

export function Toggle({ name, isOn, words, isDisabled, onChange }: ToggleProps) {
  return (
    <button
      type="button"
      class={isOn ? 'toggle' : 'toggle odd'}
      role="switch"
      aria-checked={isOn}
      disabled={isDisabled}
      onClick={() => onChange(!isOn)}
    >
      <span>{name}</span>
      <b>{isOn ? words[0] : words[1]}</b>
    </button>
  )
}

interface ChoiceProps {
  name: string
  value: string
  choices: [value: string, name: string][]
  isOdd?: boolean
  isDisabled?: boolean
  onChange: (value: string) => void
}

export function Choice({ name, value, choices, isOdd, isDisabled, onChange }: ChoiceProps) {
  const isKnown = choices.some(([choice]) => choice === value)
  return (
    <label class={isOdd ? 'choice odd' : 'choice'}>
      <span>{name}</span>
      <select value={value} disabled={isDisabled} onChange={(event) => onChange(event.currentTarget.value)}>
        {!isKnown && <option value={value}>{value}</option>}
        {choices.map(([choice, text]) => (
          <option value={choice} key={choice}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
