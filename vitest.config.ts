import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    // Tests share nothing and nearly all wait on virtual time only, so two workers suit a machine of two cores.
    pool: 'threads',
    maxWorkers: 2,
    // Generous, because a test that starts a program waits for the machine, not for virtual time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['firmware/**/*.ts', 'hal-mock/**/*.ts'],
      reporter: ['text', 'html'],
    },
  },
})
