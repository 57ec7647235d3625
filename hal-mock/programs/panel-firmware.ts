/** Our firmware as the bench's simulator wants it. The only place where the bench's programs meet firmware/. */

import * as app from '../../firmware/app'
import type { Firmware } from '../simulator'

export const panelFirmware: Firmware<unknown, unknown> = {
  makeCodes: app.makeCodes,
  storeCode: (table, hal, slot, digits, user, isDuress) =>
    app.storeCode(table as Parameters<typeof app.storeCode>[0], hal, slot, digits, user, isDuress),
  create: (hal, config, table) => app.create(hal, config, table as Parameters<typeof app.create>[2]),
  poll: (panel) => app.poll(panel as app.App),
  wake: (panel) => app.wake(panel as app.App),
  pathState: (panel, index) => app.pathState(panel as app.App, index),
}
