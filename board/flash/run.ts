/** Entry of ./flash.sh. */

import { main } from './main'

process.exitCode = await main(process.argv.slice(2))
// A serial port that is still open must not keep the program alive.
process.exit()
