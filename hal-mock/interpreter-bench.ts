/**
 * The bench alone, for stories in the interpreter that act on it directly (tests/espruino/stories.ts): without the scenario
 * runner, the panel and what surrounds it have more room.
 */

export { natives } from '../board/natives'
export { addZone, DEMO_CODES, demoConfig, WRONG_DIGITS } from './demo'
export { Simulator } from './simulator'
