import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Virtual hours of each of two seeds; more with `BLUELINKD_SIM_HOURS`. */
const HOURS = Number(process.env.BLUELINKD_SIM_HOURS ?? 25);
/** Another release of Node, which must come to the same. */
const OTHER_NODE = process.env.BLUELINKD_OTHER_NODE ?? process.execPath;
const PINNED_SEED = 2;
const FRESH_SEED = Math.floor(Math.random() * 2 ** 31);
/** Far more than it takes: who is kept waiting has broken no promise. */
const LONGEST_MS = 300_000 + HOURS * 20_000;

interface Outcome {
  readonly code: number | null;
  readonly text: string;
}

/** A process of its own: it has no real clock any more. */
function simulate(words: readonly string[], node = process.execPath): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ['--import', 'tsx', 'scripts/simulate.ts', ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LONGEST_MS,
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const end =
        signal === null ? '' : `\nEnded by ${signal} (the time for it is ${LONGEST_MS} ms): ${words.join(' ')}`;
      resolve({ code, text: `${text}${end}` });
    });
  });
}

/** The long lives of the two seeds, each lived once however many tests look at it. */
const lives = new Map<number, Promise<Outcome>>();
function longLife(seed: number): Promise<Outcome> {
  const life = lives.get(seed) ?? simulate(['--seed', String(seed), '--hours', String(HOURS)]);
  lives.set(seed, life);
  return life;
}

function digestIn({ text }: Outcome): string | undefined {
  return /SHA-256 ([0-9a-f]{64})/.exec(text)?.[1];
}

describe.concurrent('the whole daemon on a virtual clock', () => {
  for (const [name, seed] of [
    ['a pinned', PINNED_SEED],
    ['a fresh', FRESH_SEED],
  ] as const) {
    it(
      `keeps its promises through every trouble of ${HOURS} hours, with ${name} seed`,
      async () => {
        const outcome = await longLife(seed);
        process.stdout.write(outcome.text.split('\n').slice(0, 5).join('\n').concat('\n'));
        expect(outcome.code, outcome.text).toBe(0);
        expect(outcome.text).toContain(`seed ${seed}: ${HOURS} virtual hours`);
        expect(outcome.text).toContain('\nPASSED: ');
      },
      LONGEST_MS + 30_000,
    );
  }

  it(
    'does the same in two processes, event for event, when the seed is the same, and something else when it is not',
    async () => {
      const fourHours = (node?: string) => simulate(['--seed', '3', '--hours', '4'], node);
      const [first, second] = await Promise.all([fourHours(), fourHours(OTHER_NODE)]);
      expect(digestIn(first), first.text).toMatch(/^[0-9a-f]{64}$/);
      expect(digestIn(second), second.text).toBe(digestIn(first));
      const [pinned, fresh] = await Promise.all([longLife(PINNED_SEED), longLife(FRESH_SEED)]);
      expect(digestIn(pinned), pinned.text).toMatch(/^[0-9a-f]{64}$/);
      expect(digestIn(fresh)).not.toBe(digestIn(pinned));
    },
    LONGEST_MS + 30_000,
  );
});
