import { defineConfig } from 'vitest/config';

/** The suites that need Chromium: `npm run test:browser`. Apart, so that `npm test` needs none. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/support/build.ts'],
    // One browser at a time: what is measured is the page, not the neighbours.
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    expect: { poll: { timeout: 6_000, interval: 40 } },
  },
});
