import { parseArgs } from 'node:util';
import { Teardown } from '../bench/support/teardown.ts';
import { killAtPoints } from './crash/at-points.ts';
import { killAtRandom } from './crash/at-random.ts';
import { RemoteCloud } from './crash/cloud.ts';
import { recordsOf } from './crash/judge.ts';
import { OWN_ACCOUNT, startOwnCloud } from './crash/own-cloud.ts';
import { Stage } from './crash/stage.ts';

/**
 * The crash matrix: the real daemon is killed (SIGKILL) at every boundary of journal and HTTP, or at random moments, started
 * again, and judged from outside, by what its senders read and what the cloud's cars were told.
 *
 *     npm run crash -- --kills 200 --seed 7
 *     npm run crash -- --kills 200 --random              (no boundaries: any moment, also of a start, several in a row)
 *     npm run crash -- --cloud http://127.0.0.1:9999     (a cloud in another process; HYUNDAI_* name the account)
 *
 * Exit code 1 if a command was lost, doubled or told in two ways; 2 is a command line that makes no sense, or no cloud.
 */
const USAGE = 'Usage: npm run crash -- [--kills 20] [--seed 7] [--random] [--cloud http://127.0.0.1:8099]\n';
/** How long the cars of our own cloud take: at a boundary it is waited for, and at random it is to be met. */
const QUICK_MS = 30;
const UNHURRIED_MS = 300;

interface Options {
  readonly kills: number;
  readonly seed: number;
  readonly isRandom: boolean;
  /** Null: our own, in this process. */
  readonly cloudUrl: string | null;
}

/** Null when it makes no sense. */
function optionsOf(args: readonly string[]): Options | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        kills: { type: 'string' },
        seed: { type: 'string' },
        random: { type: 'boolean' },
        cloud: { type: 'string' },
      },
    });
    const kills = Number(values.kills ?? 20);
    const seed = Number(values.seed ?? Date.now() % 1_000_000);
    if (!(Number.isSafeInteger(kills) && kills > 0) || !Number.isSafeInteger(seed)) return null;
    const cloudUrl = values.cloud === undefined ? null : new URL(values.cloud).href.replace(/\/+$/, '');
    return { kills, seed, isRandom: values.random === true, cloudUrl };
  } catch {
    return null;
  }
}

/** The same numbers for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const say = (line: string) => void process.stdout.write(`${line}\n`);
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Answers the violations. */
async function run({ kills, seed, isRandom, cloudUrl }: Options, teardown: Teardown): Promise<readonly string[]> {
  const own = cloudUrl === null ? await startOwnCloud(isRandom ? UNHURRIED_MS : QUICK_MS) : null;
  if (own !== null) teardown.add(() => own.close());
  const cloud = new RemoteCloud(own?.url ?? cloudUrl ?? '');
  const named = Object.entries(process.env).filter((entry): entry is [string, string] => /^HYUNDAI_/.test(entry[0]));
  const account = own === null ? Object.fromEntries(named) : OWN_ACCOUNT;
  const stage = await Stage.open(cloud, account, teardown);
  say(
    `${kills} kills${isRandom ? ' at random moments' : ''}, seed ${seed}, ${stage.cars.length} cars, broker ${stage.broker}, cloud ${cloudUrl ?? 'our own'}, Node ${process.versions.node}, ${new Date().toISOString()}`,
  );
  const violations: string[] = [];
  const violated = (violation: string, id: string): void => {
    violations.push(violation);
    say(`! ${violation}`);
    for (const line of stage.logOf(id)) say(`  ${line}`);
  };
  const abilities = await cloud.abilities();
  stage.begin();
  await stage.up();
  const parts = { stage, cloud, abilities, kills, seed, random: randomOf(seed), say, violated };
  const tally = isRandom ? await killAtRandom(parts) : await killAtPoints(parts);
  await stage.victim.stop();
  // What is told again is told in all its rounds.
  const ids = new Set(stage.heard.map((one) => one.id));
  for (const id of ids) {
    const texts = recordsOf(id, stage.heard);
    if (texts.length > 1) violated(`${id} has different records in the end: ${texts.join(' · ')}`, id);
  }
  for (const line of tally.lines()) say(line);
  for (const line of tally.notes()) say(line);
  say(`commands: ${ids.size}, records heard: ${stage.heard.length}, violations: ${violations.length}`);
  const kept = stage.leave(violations.length > 0);
  if (kept !== null) say(`The daemon's log and journal are kept in ${kept}.`);
  return violations;
}

const options = optionsOf(process.argv.slice(2));
if (options === null) {
  process.stderr.write(USAGE);
  process.exit(2);
}
const { kills, seed, isRandom, cloudUrl } = options;
if (cloudUrl !== null) {
  const problem = await new RemoteCloud(cloudUrl).cars().then(() => null, textOf);
  if (problem !== null) {
    process.stderr.write(
      `The cloud at ${cloudUrl} does not tell the truth about its cars under /__sim (${problem}); docs/simulated-cloud.md says what it must answer.\n`,
    );
    process.exit(2);
  }
}
const teardown = new Teardown();
let violations: readonly string[];
try {
  violations = await run(options, teardown);
  for (const violation of violations) say(`VIOLATED: ${violation}`);
} catch (error) {
  violations = [textOf(error)];
  say(`BROKEN OFF: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
} finally {
  await teardown.run();
}
/** Told last: a reader may have the end only. */
const again = `npm run crash -- --kills ${kills} --seed ${seed}${isRandom ? ' --random' : ''}${cloudUrl === null ? '' : ` --cloud ${cloudUrl}`}`;
say(violations.length === 0 ? `PASSED: seed ${seed}` : `FAILED: seed ${seed}. Again: ${again}`);
process.exitCode = violations.length === 0 ? 0 : 1;
