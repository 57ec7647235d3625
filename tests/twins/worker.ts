/** A worker of `npm run twins`: plays the pieces that come, one at a time, until whoever started it is gone. */

import { type Piece, play } from './work'

process.on('message', (piece: Piece) => {
  // What is thrown ends this process, which the other side reports.
  void play(piece).then((answer) => process.send?.(answer))
})
// A Ctrl-C reaches all processes of a terminal: the one that started this ends it, and tells so.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
