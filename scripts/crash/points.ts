import { type FSWatcher, watch } from 'node:fs';
import type { Abilities, RemoteCloud, SeenCall } from './cloud.ts';
import { pause } from './run.ts';

/** What a kill point may look at. All of it is seen from outside. */
export interface Scene {
  readonly cloud: RemoteCloud;
  /** The folder of the journal. */
  readonly journal: string;
  /** Number of the last call before the round. */
  readonly since: number;
  /** Resolves at the first record of any command of the round with this status; false when none came in time. */
  heard(status: 'accepted' | 'final', deadlineMs: number): Promise<boolean>;
  /** Resolves when every command of the round has a record, whatever it says; false when one has none in time. */
  allHeard(deadlineMs: number): Promise<boolean>;
  /** Whether the daemon has nothing to do but to wait. */
  isAtRest(): boolean;
  /** 0 ≤ x < 1 */
  random(): number;
}

export interface KillPoint {
  readonly name: string;
  /** Whose control has not reached the cloud by then is certain not to have been sent, if the moment was met. */
  readonly isBeforeSent?: boolean;
  /** What the cloud must offer for it; absent: nothing. */
  readonly needs?: readonly (keyof Abilities)[];
  prepare?(cloud: RemoteCloud): Promise<void>;
  /** Resolves when it is time; false when the moment never came. Called before the commands are sent. */
  wait(scene: Scene): Promise<boolean>;
}

const DEADLINE_MS = 15_000;
/** So often in a row the daemon must be found at rest. */
const LOOKS_AT_REST = 10;
const LOOK_EVERY_MS = 20;
const isControl = ({ kind }: SeenCall) => kind.startsWith('control.');
const isPin = ({ kind }: SeenCall) => kind === 'pin';
const isRefresh = ({ kind }: SeenCall) => kind === 'token.refresh' || kind === 'cci.refresh';
const slowControls = (ms: number, afterEffect: boolean) => (cloud: RemoteCloud) =>
  cloud.addFault({ type: 'latency', ms, afterEffect, match: { kind: 'control' } });

/**
 * Resolves to true when the daemon has done whatever it can: it has every command of the round, nothing but what hangs is on
 * its way to the cloud, and it rests, for a moment. False when that was not so in time: then nobody knows what it is at.
 */
async function isQuiet(
  { cloud, since, allHeard, isAtRest }: Scene,
  hangs: (call: SeenCall) => boolean,
): Promise<boolean> {
  if (!(await allHeard(DEADLINE_MS))) return false;
  const end = Date.now() + DEADLINE_MS;
  let known = -1;
  for (let quiet = 0; Date.now() < end; ) {
    const calls = await cloud.callsSince(since);
    const isBusy = calls.some((call) => call.outcome === 'pending' && !hangs(call)) || calls.length !== known;
    known = calls.length;
    quiet = !isBusy && isAtRest() ? quiet + 1 : 0;
    if (quiet === LOOKS_AT_REST) return true;
    await pause(LOOK_EVERY_MS);
  }
  return false;
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
    // A machine may have no watcher to spare: then the daemon is killed without one.
    watcher.once('error', () => end(false));
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
    needs: ['log', 'faults', 'revoke'],
    prepare: async (cloud) => {
      await cloud.addFault({ type: 'hang', match: { kind: 'token.refresh,cci.refresh' } });
      await cloud.revokeTokens();
    },
    wait: async (scene) => {
      const isRefused = await scene.cloud.until(isRefresh, scene.since, DEADLINE_MS);
      // The refused calls of all cars are over: nobody is at it any more.
      return (await isQuiet(scene, isRefresh)) && isRefused;
    },
  },
  {
    name: 'while the PIN is checked',
    isBeforeSent: true,
    needs: ['log', 'faults', 'revoke'],
    prepare: async (cloud) => {
      await cloud.addFault({ type: 'hang', match: { kind: 'pin' } });
      // What an earlier round has bought with it is no good any more.
      await cloud.revokeTokens(['control']);
    },
    wait: async (scene) => {
      const isAsked = await scene.cloud.until(isPin, scene.since, DEADLINE_MS);
      // Whose control needs no PIN is over.
      return (await isQuiet(scene, isPin)) && isAsked;
    },
  },
  ...[1, 2, 3, 4, 6, 8].map(atWrite),
  {
    name: 'accepted',
    wait: ({ heard }) => heard('accepted', DEADLINE_MS),
  },
  {
    name: 'at the call, before its effect',
    needs: ['log', 'faults'],
    prepare: slowControls(150, false),
    wait: ({ cloud, since }) => cloud.until(isControl, since, DEADLINE_MS),
  },
  {
    name: 'after its effect, before the answer',
    needs: ['log', 'faults'],
    prepare: slowControls(150, true),
    wait: async ({ cloud, since }) => {
      const isThere = await cloud.until(isControl, since, DEADLINE_MS);
      await pause(60);
      return isThere;
    },
  },
  {
    name: 'at the answer',
    needs: ['log'],
    wait: ({ cloud, since }) =>
      cloud.until((call) => isControl(call) && call.outcome === 'answered', since, DEADLINE_MS),
  },
  {
    name: 'at the look for the confirmation',
    needs: ['log'],
    wait: ({ cloud, since }) => cloud.until(({ kind }) => kind === 'records', since, DEADLINE_MS),
  },
  {
    name: 'before it is told',
    needs: ['log'],
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
