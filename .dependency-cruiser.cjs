/**
 * Who may import whom (type-only imports count too). The arrows keep the panel readable and the bench honest: a model
 * or a receiver that shared the firmware's code would share its mistakes.
 */

/** What everybody may import: the boundary, the events, the settings, the wall clock. */
const COMMON = '^firmware/(hal|event|tones|config|clock)[.]ts$'

/** Where the bench begins, with scenarios or without, when it runs in the interpreter: a composition root like the programs. */
const INTERPRETER_ENTRY = '^hal-mock/interpreter(-bench)?[.]ts$'

/** Programs that try or measure single parts of the firmware: they reach them without the front door. */
const PARTS_PROGRAMS = '^hal-mock/programs/(fuzz[a-z0-9-]*|bench-frames)[.]ts$'

/** A chapter of the firmware: its folder may reach itself, the common files and what is listed. */
function chapter(folder, ...targets) {
  const reach = [COMMON, `^firmware/${folder}/`, ...targets]
  return {
    name: `${folder}-reaches-only-its-own`,
    comment: `firmware/${folder}/ may import ${['itself', 'hal, event, tones, config, clock', ...targets].join(', ')}`,
    severity: 'error',
    from: { path: `^firmware/${folder}/` },
    to: { pathNot: reach },
  }
}

/** Of a chapter that is open to it, a folder may take the types only. */
function typesOnly(folder, target) {
  return {
    name: `${folder}-takes-only-types-of-${target.replace('firmware/', '').replace('/', '-')}`,
    comment: `firmware/${folder}/ may import types from ${target}, no code`,
    severity: 'error',
    from: { path: `^firmware/${folder}/` },
    to: { path: `^${target}`, dependencyTypesNot: ['type-only'] },
  }
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'a cycle has no first chapter, and the interpreter runs modules in order',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'every import must lead somewhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'common-files-reach-only-each-other',
      comment: 'hal, event, tones, config and clock import nothing but each other',
      severity: 'error',
      from: { path: COMMON },
      to: { pathNot: COMMON },
    },
    chapter('panel'),
    chapter('report'),
    chapter('store'),
    chapter('io', '^firmware/panel/'),
    typesOnly('io', 'firmware/panel/'),
    chapter('transmit', '^firmware/store/', '^firmware/report/'),
    chapter('ethernet', '^firmware/transmit/path[.]ts$'),
    chapter('cellular', '^firmware/transmit/path[.]ts$'),
    chapter('home', '^firmware/panel/', '^firmware/transmit/path[.]ts$'),
    typesOnly('home', 'firmware/panel/'),
    {
      name: 'firmware-knows-no-board',
      comment: 'firmware/ imports nothing outside itself: no board, no bench, no package, nothing of Node',
      severity: 'error',
      from: { path: '^firmware/' },
      to: { pathNot: '^firmware/' },
    },
    {
      name: 'bench-shares-only-the-boundary',
      comment: 'hal-mock/ may import from firmware/ only hal.ts, and no package and nothing of Node',
      severity: 'error',
      from: { path: '^hal-mock/', pathNot: ['^hal-mock/(programs|page)/', INTERPRETER_ENTRY] },
      to: { pathNot: ['^hal-mock/(?!programs/)', '^firmware/hal[.]ts$'] },
    },
    {
      name: 'bench-in-the-interpreter-adds-only-natives',
      comment:
        'hal-mock/interpreter.ts and interpreter-bench.ts, entries of the bench on the interpreter, may also import board/natives.ts',
      severity: 'error',
      from: { path: INTERPRETER_ENTRY },
      to: { pathNot: ['^hal-mock/(?!programs/)', '^firmware/hal[.]ts$', '^board/natives[.]ts$'] },
    },
    {
      name: 'page-knows-only-its-protocol',
      comment: 'hal-mock/page/ runs in a browser: it may import itself, packages, and programs/page-protocol.ts',
      severity: 'error',
      from: { path: '^hal-mock/page/' },
      to: { pathNot: ['^hal-mock/page/', '^node_modules/(preact|uplot)/', '^hal-mock/programs/page-protocol[.]ts$'] },
    },
    {
      name: 'protocol-imports-nothing',
      comment: 'programs/page-protocol.ts is built into the page',
      severity: 'error',
      from: { path: '^hal-mock/programs/page-protocol[.]ts$' },
      to: {},
    },
    {
      name: 'nobody-imports-the-page',
      comment: 'it is built by itself',
      severity: 'error',
      from: { pathNot: ['^hal-mock/page/', '^tests/page/'] },
      to: { path: '^hal-mock/page/' },
    },
    {
      name: 'nobody-imports-the-interpreter-entry',
      comment: 'it needs what only the interpreter has',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: INTERPRETER_ENTRY },
    },
    {
      name: 'programs-compose-through-the-front-door',
      comment:
        'hal-mock/programs/ may import firmware/app.ts, app/quiet.ts that no board has, and the common files, board/ and all of hal-mock/',
      severity: 'error',
      from: { path: '^hal-mock/programs/', pathNot: PARTS_PROGRAMS },
      to: { path: '^(firmware|board)/', pathNot: [COMMON, '^firmware/app([.]ts$|/quiet[.]ts$)', '^board/'] },
    },
    {
      name: 'board-reaches-only-firmware',
      comment: 'board/ may import firmware/ and packages, not the bench',
      severity: 'error',
      from: { path: '^board/' },
      to: { path: '^hal-mock/' },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'tests are read by nobody but themselves',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^tests/board/fixtures/' },
    // Sees imports that the compiler erases.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.d.ts', '.mjs', '.cjs', '.js', '.json'],
    },
  },
}
