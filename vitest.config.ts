import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Files that need a process of their own: they replace modules, look at what is set for the whole process
 * (TLS), or work for seconds.
 */
const APART = ['model', 'random', 'simulation', 'io/bluelink/tls', 'io/config/lock'].map(
  (place) => `test/${place}{/**/*,}.test.ts`,
);
const SYSTEM = ['test/system/**/*.test.ts'];
// These have a configuration of their own: `npm run test:browser`.
const exclude = [...configDefaults.exclude, 'test/browser/**'];

export default defineConfig({
  test: {
    // Builds the daemon for the system tests, if the run has any.
    globalSetup: ['test/support/daemon-build.ts'],
    // Two for each of two cores: the stories of the whole daemon wait a good deal.
    maxWorkers: 4,
    // For a test that hangs. On a busy machine a good one may take twenty times what it takes on a quiet one; what must be
    // quick has deadlines of its own.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    expect: { poll: { timeout: 15_000 } },
    // In the order of their names: what takes long begins first, and many small files fill the rest.
    projects: [
      {
        extends: true,
        test: { name: 'apart', include: APART, exclude, globalSetup: ['test/support/broken-promises.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: SYSTEM,
          exclude,
          // As below; each of them would spend a second on starting what they have in common.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'units',
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, ...APART, ...SYSTEM],
          // No module has state of its own, and to import all of them anew costs more than most files' tests.
          isolate: false,
        },
      },
    ],
  },
});
