import { defineConfig } from 'vitest/config';

/** The suites that need Chromium: `npm run test:browser`. Apart, so that `npm test` needs none. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/support/build.ts'],
    // One browser at a time: what is measured is the page, not the neighbours.
    maxWorkers: 1,
    // A browser that was installed a minute ago takes its time on a busy machine. What must be quick says so itself.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    restoreMocks: true,
    expect: { poll: { timeout: 45_000, interval: 40 } },
  },
});
