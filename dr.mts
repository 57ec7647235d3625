import { deviceRows } from '/work/main/hal-mock/programs/bench-device'
import { growthRows } from '/work/main/hal-mock/programs/bench-growth'
const bin=process.env.ESPRUINO_ESP32 as string
for(const f of (process.argv[2]==='g'?[growthRows]:[deviceRows])) for(const r of await f(bin,(t:string)=>console.error(t))) console.log(r.name.padEnd(70),r.value,r.unit,r.goal)
