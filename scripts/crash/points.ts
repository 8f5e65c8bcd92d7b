import { type FSWatcher, watch } from 'node:fs';
import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import type { RemoteCloud } from './cloud.ts';

/** What a kill point may look at. All of it is seen from outside. */
export interface Scene {
  readonly cloud: RemoteCloud;
  /** The folder of the journal. */
  readonly journal: string;
  /** Number of the last call before the round. */
  readonly since: number;
  /** Resolves at the first record of any command of the round with this status; false when none came in time. */
  heard(status: 'accepted' | 'final', deadlineMs: number): Promise<boolean>;
  /** 0 ≤ x < 1 */
  random(): number;
}

export interface KillPoint {
  readonly name: string;
  /** Whose control has not reached the cloud by then is certain not to have been sent, if the moment was met. */
  readonly isBeforeSent?: boolean;
  prepare?(cloud: RemoteCloud): Promise<void>;
  /** Resolves when it is time; false when the moment never came. Called before the commands are sent. */
  wait(scene: Scene): Promise<boolean>;
}

const DEADLINE_MS = 5_000;
const isControl = ({ kind }: LoggedCall) => kind.startsWith('control.');
const isPin = ({ kind }: LoggedCall) => kind === 'pin';
const isRefresh = ({ kind }: LoggedCall) => kind === 'token.refresh' || kind === 'cci.refresh';
const slowControls = (ms: number, afterEffect: boolean) => (cloud: RemoteCloud) =>
  cloud.addFault({ type: 'latency', ms, afterEffect, match: { kind: 'control' } });
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Resolves when nothing but what hangs is on its way to the cloud any more, for a moment. */
async function isQuiet(cloud: RemoteCloud, since: number, hangs: (call: LoggedCall) => boolean): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  for (let quiet = 0; quiet < 10 && Date.now() < end; ) {
    const calls = await cloud.callsSince(since);
    quiet = calls.some((call) => call.outcome === 'pending' && !hangs(call)) ? 0 : quiet + 1;
    await pause(20);
  }
}

/** Resolves at the n-th time that a file of the journal changes. */
function journalWrites(folder: string, times: number): Promise<boolean> {
  return new Promise((resolve) => {
    let left = times;
    const end = (isMet: boolean) => {
      clearTimeout(timer);
      watcher.close();
      resolve(isMet);
    };
    const timer = setTimeout(() => end(false), DEADLINE_MS);
    const watcher: FSWatcher = watch(folder, () => {
      left -= 1;
      if (left === 0) end(true);
    });
  });
}
const atWrite = (times: number): KillPoint => ({
  name: `journal write ${times}`,
  wait: ({ journal }) => journalWrites(journal, times),
});

export const KILL_POINTS: readonly KillPoint[] = [
  {
    name: 'before it is dispatched',
    isBeforeSent: true,
    prepare: async (cloud) => {
      await cloud.addFault({ type: 'hang', match: { kind: 'token.refresh,cci.refresh' } });
      await cloud.revokeTokens();
    },
    wait: async ({ cloud, since, heard }) => {
      const [isRefused] = await Promise.all([
        cloud.until(isRefresh, since, DEADLINE_MS),
        heard('accepted', DEADLINE_MS),
      ]);
      // The refused calls of all cars are over: nobody is at it any more.
      await isQuiet(cloud, since, isRefresh);
      return isRefused;
    },
  },
  {
    name: 'while the PIN is checked',
    isBeforeSent: true,
    prepare: async (cloud) => {
      await cloud.addFault({ type: 'hang', match: { kind: 'pin' } });
      // What an earlier round has bought with it is no good any more.
      await cloud.revokeTokens(['control']);
    },
    wait: async ({ cloud, since, heard }) => {
      const [isAsked] = await Promise.all([cloud.until(isPin, since, DEADLINE_MS), heard('accepted', DEADLINE_MS)]);
      // Whose control needs no PIN is over.
      await isQuiet(cloud, since, isPin);
      return isAsked;
    },
  },
  ...[1, 2, 3, 4, 6, 8].map(atWrite),
  {
    name: 'accepted',
    wait: ({ heard }) => heard('accepted', DEADLINE_MS),
  },
  {
    name: 'at the call, before its effect',
    prepare: slowControls(150, false),
    wait: ({ cloud, since }) => cloud.until(isControl, since, DEADLINE_MS),
  },
  {
    name: 'after its effect, before the answer',
    prepare: slowControls(150, true),
    wait: async ({ cloud, since }) => {
      const isThere = await cloud.until(isControl, since, DEADLINE_MS);
      await pause(60);
      return isThere;
    },
  },
  {
    name: 'at the answer',
    wait: ({ cloud, since }) =>
      cloud.until((call) => isControl(call) && call.outcome === 'answered', since, DEADLINE_MS),
  },
  {
    name: 'at the look for the confirmation',
    wait: ({ cloud, since }) => cloud.until(({ kind }) => kind === 'records', since, DEADLINE_MS),
  },
  {
    name: 'before it is told',
    wait: ({ cloud, since }) =>
      cloud.until(({ kind, outcome }) => kind === 'records' && outcome === 'answered', since, DEADLINE_MS),
  },
  { name: 'at the first word', wait: ({ heard }) => heard('final', DEADLINE_MS) },
  {
    name: 'at random',
    wait: async ({ random }) => {
      await pause(Math.floor(random() * 400));
      return true;
    },
  },
];
