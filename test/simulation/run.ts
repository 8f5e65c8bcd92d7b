import { Chance } from './chance.ts';
import { EventLog } from './event-log.ts';
import { Judge } from './judge.ts';
import { HOUR_MS, QUIET_MS, Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';
import { World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  /** Virtual hours. */
  readonly hours: number;
  /** Takes the whole log, piece by piece; null: only its end is kept. */
  readonly write: ((text: string) => void) | null;
}

export interface RunReport {
  readonly seed: number;
  readonly hours: number;
  /** Lines of the log. */
  readonly events: number;
  readonly steps: number;
  readonly commands: number;
  readonly refreshes: number;
  readonly restarts: number;
  /** Commands that no trouble touched, and that were judged for it. */
  readonly untouched: number;
  /** ms, from acknowledgement to end. */
  readonly longestMs: number;
  readonly troubles: ReadonlyMap<string, number>;
  readonly endings: ReadonlyMap<string, number>;
  /** SHA-256 of the log. */
  readonly digest: string;
  /** What went wrong, null if nothing did, and the log before it. */
  readonly failure: { readonly error: unknown; readonly atMs: number; readonly log: readonly string[] } | null;
}

const SHOWN_LINES = 150;

/** One run in this process, whose clock and randomness have been replaced. Never rejects. */
export async function run(time: VirtualTime, { seed, hours, write }: RunOptions): Promise<RunReport> {
  const log = new EventLog(() => time.now, write);
  const strays: unknown[] = [];
  const onStray = (error: unknown): void => void strays.push(error);
  process.on('uncaughtException', onStray);
  process.on('unhandledRejection', onStray);
  let world: World | null = null;
  const judge: Judge = new Judge({
    now: () => time.now,
    carOf: (id) => world?.cloud.car(id) ?? null,
    incarnation: () => world?.daemon.incarnation ?? 0,
    behind: () => world?.disk.behind ?? null,
    isDurable: true,
  });
  world = new World(time, new Chance(seed, 'world'), log, judge);
  const story = new Story(world, log, judge, new Chance(seed, 'story'));
  const check = (): void => {
    if (judge.violation !== null) throw judge.violation;
    if (strays.length > 0) throw strays[0];
  };
  let failure: RunReport['failure'] = null;
  try {
    const { mqtt } = world;
    await time.settle(time.world, () => mqtt.start());
    story.begin(hours);
    const endMs = hours * HOUR_MS + QUIET_MS;
    const isOver = (): boolean => {
      check();
      return story.isBootWanted || time.now >= endMs;
    };
    do {
      if (story.isBootWanted) {
        story.booted();
        await world.boot();
      }
      await time.run(isOver);
    } while (time.now < endMs);
    judge.judgeEnd(time.waiting());
    check();
  } catch (error) {
    failure = { error, atMs: time.now, log: log.recent(SHOWN_LINES) };
  }
  process.off('uncaughtException', onStray);
  process.off('unhandledRejection', onStray);
  return {
    seed,
    hours,
    events: log.count,
    steps: time.steps,
    commands: story.commands,
    refreshes: judge.session.refreshes,
    restarts: world.daemon.incarnation - 1,
    untouched: judge.service.judged,
    longestMs: judge.commands.longestMs,
    troubles: story.troubles,
    endings: judge.commands.endings,
    digest: log.digest(),
    failure,
  };
}
