import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { record } from '../../../src/daemon/record.ts';
import { trace } from '../../../src/daemon/trace.ts';
import { loadConfig, type ResolvedConfig } from '../../../src/io/config/load.ts';
import type { JourneyRow } from '../../../src/io/inspector/hop.ts';
import { journeyOf } from '../../../src/io/inspector/journey.ts';
import { LogJourney } from '../../../src/io/inspector/log-journey.ts';
import { Recordings } from '../../../src/io/inspector/recordings.ts';
import { traceText } from '../../../src/io/inspector/trace-text.ts';
import { entryOf, recordingVersion } from '../../../src/io/inspector/wire-schema.ts';
import { final, ready } from '../../support/actor-system.ts';
import { outage } from '../../support/fake-cloud.ts';
import { Happenings } from '../../support/happenings.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { observedSystems, tellsOfRecording } from './observed.ts';

const observed = observedSystems();
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'journey-'));
  folders.push(folder);
  return folder;
}

/** Of a recording that ends by itself. */
const SECONDS = 77;
const shape = ({ from, to, what }: JourneyRow) => `${from} > ${to}: ${what}`;
/** What the token's story looks like, whoever else speaks meanwhile. */
const STORY = [
  'broker > bridge: hyundai/c1/commands/lock',
  'bridge > vehicle ev6: COMMAND',
  'vehicle ev6 > command: START',
  'command > breaker: REQUEST_PERMIT',
  'breaker > command: PERMIT_GRANTED',
  'command > cloud: control',
  'cloud > command: tokenRefused',
  'command > token: REFRESH',
  'token > token: refreshing.awaitingPermit',
  'token > breaker: REQUEST_PERMIT',
  'token > cloud: sessionRefresh',
  'cloud > token: ok',
  'token > token: cooldown.proving',
  'token > command: TOKEN_READY',
  'command > cloud: retry: control',
  'cloud > command: accepted',
  'command > cloud: record',
  'cloud > command: record success',
  'command > vehicle ev6: COMMAND_ENDED',
  'vehicle ev6 > bridge: COMMAND_SETTLED',
  'bridge > broker: hyundai/c1/commands/lock/result',
];

/** Those of `wanted` that are found in this order. */
function inOrder(found: readonly string[], wanted: readonly string[]): readonly string[] {
  let at = 0;
  return wanted.filter((one) => {
    const next = found.indexOf(one, at);
    if (next >= 0) at = next + 1;
    return next >= 0;
  });
}

/** A command that meets an expired token, with another one beside it. */
async function expired() {
  const parts = await observed(['c1', 'c2']);
  await Promise.all(['c1', 'c2'].map((car) => ready(parts.bus, car)));
  parts.cloud.revoke();
  parts.bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
  parts.bus.send('hyundai/c2/commands/lock', { action: 'lock', id: 'other' });
  await Promise.all([final(parts.bus, 'c1', 'one'), final(parts.bus, 'c2', 'other')]);
  return parts;
}

/** The configuration of somebody who looks for an inspector. */
function attaching(environment: Record<string, string> = {}): ResolvedConfig {
  const loaded = loadConfig({
    command: 'attach',
    configPath: null,
    logLevel: null,
    environment: { BLUELINKD_STATE_DIR: aFolder(), ...environment },
    cwd: aFolder(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  return loaded.config;
}

/** What a command of the command line prints. */
function printed() {
  const [out, errors] = [new Happenings<string>(), new Happenings<string>()];
  const hear = (where: Happenings<string>) => (text: string | Uint8Array) => {
    where.add(String(text));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(hear(out));
  vi.spyOn(process.stderr, 'write').mockImplementation(hear(errors));
  return { out, said: () => ({ out: out.all.join(''), errors: errors.all.join('') }) };
}

/** A timer of this length, and of no other, fires when what this answers is called. */
function heldTimer(heldMs: number): () => void {
  const set = globalThis.setTimeout;
  let fire: (() => void) | null = null;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) => {
    if (ms !== heldMs) return set(run, ms);
    fire = run;
    return set(() => undefined);
  }) as typeof setTimeout);
  return () => {
    if (fire === null) throw new Error(`Nobody has set a timer of ${heldMs} ms.`);
    fire();
  };
}

describe('the journey of a command', () => {
  it('tells the whole story of an expiry: broker, vehicle, breaker, 401, refresh, retry, confirmation, answer', async () => {
    const { json, url } = await expired();
    const rows = (await json('/api/journey/one')) as readonly JourneyRow[];
    expect(inOrder(rows.map(shape), STORY)).toEqual(STORY);
    expect(rows.some(({ from, to }) => from === 'vehicle c2' || to === 'vehicle c2')).toBe(false);
    expect(rows.find(({ what }) => what === 'tokenRefused')).toMatchObject({
      kind: 'call',
      detail: 'HTTP 401, generation 1, scope access',
      durationMs: expect.any(Number),
    });
    const whole = rows.at(-1)?.durationMs ?? -1;
    expect(whole).toBe((rows.at(-1)?.at ?? 0) - (rows[0]?.at ?? 0));
    expect((await fetch(`${url}/api/journey/nobody`)).status).toBe(404);
    // The other one joined the refresh that was under way.
    const others = ((await json('/api/journey/other')) as readonly JourneyRow[]).map(shape);
    const shared = [
      'token > cloud: sessionRefresh',
      'command > token: REFRESH',
      'cloud > token: ok',
      'token > command: TOKEN_READY',
    ];
    expect(inOrder(others, shared)).toEqual(shared);
  });

  it('of a command that joined another shows the call that they share, and its own answers', async () => {
    const { bus, json } = await observed(['c1']);
    await ready(bus, 'c1');
    for (const id of ['first', 'second', 'third']) bus.send('hyundai/c1/commands/lock', { action: 'lock', id });
    expect(await final(bus, 'c1', 'third')).toMatchObject({ status: 'succeeded', joined: 'second' });
    const rows = (await json('/api/journey/third')) as readonly JourneyRow[];
    expect(rows.filter(({ to }) => to === 'cloud').map(({ what }) => what)).toEqual(['control', 'record']);
    expect(rows.filter(({ kind, from }) => kind === 'message' && from === 'bridge')).toHaveLength(2);
  });

  it('of a read of our own is that of one car, however many read at the same time', async () => {
    const { json } = await expired();
    for (const [car, name] of [
      ['c1', 'ev6'],
      ['c2', 'c2'],
    ] as const) {
      const rows = (await json(`/api/journey/own-${car}-1`)) as readonly JourneyRow[];
      const told = rows.flatMap(({ from, to }) => [from, to]).filter((lane) => lane.startsWith('vehicle'));
      expect([...new Set(told)]).toEqual([`vehicle ${name}`]);
      expect(rows.filter(({ what }) => what === 'cachedRead')).toHaveLength(1);
    }
  });

  it('is text with one line a hop and durations, the same from a recording as from the daemon', async () => {
    const { url } = await expired();
    const { said } = printed();
    expect(await trace(attaching(), { commandId: 'one', from: null, url })).toBe(0);
    const { out } = said();
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^one: \d+ hops in \d+ ms, from 20/);
    expect(lines[2]).toMatch(/^ +\+0 ms {2}broker +→ bridge +hyundai\/c1\/commands\/lock {2}\(QoS 1, \d+ bytes\)$/);
    expect(out).toMatch(/cloud +→ command +tokenRefused {2}\(HTTP 401, generation 1, scope access\) {2}\d+ ms\n/);
    expect(out).toMatch(/token +→ command +TOKEN_READY {2}\(generation 2\) {2}\d+ ms\n/);
    expect(lines.at(-1)).toMatch(/bridge +→ broker +hyundai\/c1\/commands\/lock\/result {2}\(succeeded\) {2}\d+ ms$/);
    const file = join(aFolder(), 'recording.jsonl');
    const { entries } = (await (await fetch(`${url}/api/snapshot`)).json()) as { entries: readonly object[] };
    const header = { type: 'bluelinkd.recording', version: 2 };
    writeFileSync(file, [header, ...entries].map((entry) => JSON.stringify(entry)).join('\n'));
    expect(await trace(attaching(), { commandId: 'one', from: file, url: null })).toBe(0);
    expect(said().out).toBe(`${out}${out}`);
  });

  it('can be had from a log, as far as a log goes', () => {
    const journey = new LogJourney('one');
    const line = (ms: number, fields: object) =>
      journey.read(JSON.stringify({ level: 'debug', time: new Date(ms).toISOString(), account: 'main', ...fields }));
    journey.read('no JSON');
    line(0, { actor: 'bridge', id: 'one', command: 'lock', car: 'ev6', msg: 'command received' });
    line(1, { call: 'control', id: 'one', attempt: 1, generation: 1, msg: 'Cloud call begun.' });
    line(2, { call: 'control', id: 'other', attempt: 1, generation: 1, msg: 'Cloud call begun.' });
    line(31, {
      call: 'control',
      id: 'one',
      attempt: 1,
      durationMs: 30,
      result: 'tokenRefused',
      cause: 'HTTP 401',
      generation: 1,
      msg: 'Cloud call done.',
    });
    line(32, { actor: 'token', generation: 1, msg: 'token expiry detected' });
    line(32, { actor: 'token', account: 'stranger', msg: 'refresh begun' });
    line(33, { call: 'refresh', msg: 'Cloud call begun.' });
    line(53, { call: 'refresh', durationMs: 20, result: 'ok', generation: 2, msg: 'Cloud call done.' });
    line(54, { call: 'control', id: 'one', attempt: 2, generation: 2, msg: 'Cloud call begun.' });
    line(55, { actor: 'token', msg: 'somebody else’s refresh' });
    line(57, {
      call: 'control',
      id: 'one',
      attempt: 2,
      durationMs: 3,
      result: 'ok',
      answer: 'accepted',
      generation: 2,
      msg: 'Cloud call done.',
    });
    line(2_058, { call: 'record', id: 'one', attempt: 1, generation: 2, msg: 'Cloud call begun.' });
    line(2_059, {
      call: 'record',
      id: 'one',
      attempt: 1,
      durationMs: 1,
      result: 'ok',
      answer: 'record success',
      generation: 2,
      msg: 'Cloud call done.',
    });
    line(2_060, {
      actor: 'command',
      id: 'one',
      command: 'lock',
      status: 'succeeded',
      reason: null,
      msg: 'command ended',
    });
    expect(traceText('one', journey.rows()).split('\n').slice(2)).toEqual([
      '     +0 ms  broker      → bridge       command received',
      '     +0 ms  bridge      → vehicle ev6  COMMAND  (command lock)',
      '     +1 ms  command     → cloud        control  (attempt 1, generation 1)',
      '    +31 ms  cloud       → command      tokenRefused  (HTTP 401, generation 1)  30 ms',
      '    +32 ms  token                      token expiry detected  (generation 1)',
      '    +33 ms  token       → cloud        refresh',
      '    +53 ms  cloud       → token        ok  (generation 2)  20 ms',
      '    +54 ms  command     → cloud        retry: control  (attempt 2, generation 2)',
      '    +57 ms  cloud       → command      accepted  (generation 2)  3 ms',
      '    +2.1 s  command     → cloud        record  (attempt 1, generation 2)',
      '    +2.1 s  cloud       → command      record success  (generation 2)  1 ms',
      '    +2.1 s  command                    command ended  (command lock, status succeeded)',
      '    +2.1 s  bridge      → broker       result  (succeeded)  2.1 s',
      '',
    ]);
  });

  it('that nobody knows, or that nobody can be asked for, is said in a sentence', async () => {
    const { url } = await expired();
    const { said } = printed();
    expect(await trace(attaching(), { commandId: 'nobody', from: null, url })).toBe(1);
    expect(await trace(attaching(), { commandId: 'one', from: null, url: 'http://127.0.0.1:1' })).toBe(1);
    expect(await trace(attaching(), { commandId: 'one', from: '/nowhere', url: null })).toBe(2);
    expect(await trace(attaching(), { commandId: 'one', from: '/dev/null', url: null })).toBe(2);
    const config = attaching({ BLUELINKD_INSPECTOR_TOKEN: 'a-token-of-ours' });
    expect(await trace(config, { commandId: 'one', from: null, url: 'http://car.example:9465' })).toBe(1);
    expect(said()).toEqual({
      out: '',
      errors: [
        'The inspector knows nothing of a command "nobody".',
        'No inspector answers at http://127.0.0.1:1: bluelinkd run --inspect has one.',
        '/nowhere cannot be read: there is no such file.',
        '/dev/null cannot be read: it is neither a recording nor a log in JSON.',
        'The token is sent over TLS or to this machine only: on the open network others could read it.',
        '',
      ].join('\n'),
    });
  });
});

describe('recordings', () => {
  it('of a failed command are made by themselves, private, and tell its story on another machine', async () => {
    const { bus, cloud, recordings, said, json, url } = await observed(['c1']);
    await ready(bus, 'c1');
    cloud.instead = (call) => (call.type === 'control' ? { ...outage, message: 'no', reached: 'no' } : undefined);
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'broken' });
    expect(await final(bus, 'c1', 'broken')).toMatchObject({ status: 'failed' });
    await said.next('the recording', tellsOfRecording);
    const infos = (await json('/api/recordings')) as readonly { name: string; bytes: number; why: string }[];
    expect(infos).toHaveLength(1);
    const [info] = infos;
    const file = join(recordings, info?.name ?? '');
    expect(info).toMatchObject({ why: 'command failed', startedAt: expect.any(Number), bytes: statSync(file).size });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = await (await fetch(`${url}/api/recordings/${info?.name}`)).text();
    expect(text).toBe(readFileSync(file, 'utf8'));
    const [head = '', ...lines] = text.trimEnd().split('\n');
    expect(JSON.parse(head)).toMatchObject({
      type: 'bluelinkd.recording',
      version: 2,
      bluelinkd: '0.0.0',
      simulated: true,
    });
    const entries = lines.map((line) => entryOf(line)).filter((entry) => entry !== null);
    const seqs = lines.map((line) => (JSON.parse(line) as { readonly seq: number }).seq);
    expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
    expect(journeyOf(entries, 'broken').map(shape)).toContain('cloud > command: cloudUnavailable');
    for (const name of ['..%2f..%2fetc%2fpasswd', 'x.jsonl', '', '%00']) {
      expect((await fetch(`${url}/api/recordings/${name}`)).status).toBe(404);
    }
  });

  it('are at most so many, one a minute also when the clock is set back, and none if that is wanted', async () => {
    const folder = join(aFolder(), 'recordings');
    let now = Date.parse('2026-11-22T10:00:00Z');
    let elapsed = 0;
    const clock = { now: () => now, elapsed: () => elapsed };
    const { log, said } = recordingLog();
    const make = (keep: number) => new Recordings({ folder, keep, log, clock, make: () => ['{}\n'], settleMs: 0 });
    const recordings = make(3);
    for (let n = 0; n < 5; n += 1) {
      for (let again = 0; again < 3; again += 1) recordings.commandFailed('failed');
      const name = `${new Date(now).toISOString().replace(/[:.]/g, '-')}-failed.jsonl`;
      await said.count('recording', n + 1, tellsOfRecording);
      expect(readdirSync(folder, { encoding: 'utf8' })).toContain(name);
      expect(await recordings.list()).toHaveLength(Math.min(n + 1, 3));
      elapsed += 60_001;
      now += n === 2 ? -30_000 : 60_001;
    }
    await recordings.close();
    expect(readdirSync(folder)).toEqual([
      '2026-11-22T10-01-30-002Z-failed.jsonl',
      '2026-11-22T10-02-00-002Z-failed.jsonl',
      '2026-11-22T10-02-30-003Z-failed.jsonl',
    ]);
    const none = make(0);
    none.commandFailed('failed');
    await none.close();
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('are files of their own: a link that leads elsewhere, a folder or a pipe is none', async () => {
    const { url, recordings, json } = await observed(['c1']);
    mkdirSync(recordings, { recursive: true });
    const secret = join(aFolder(), 'secret.jsonl');
    writeFileSync(secret, '{"type":"bluelinkd.recording","version":2,"startedAt":"2026-11-22T10:00:00.000Z"}\n');
    const nameOf = (second: number) => `2026-11-22T10-00-0${second}-000Z-failed.jsonl`;
    symlinkSync(secret, join(recordings, nameOf(1)));
    mkdirSync(join(recordings, nameOf(2)));
    spawnSync('mkfifo', [join(recordings, nameOf(3))]);
    writeFileSync(join(recordings, nameOf(4)), readFileSync(secret));
    expect(await json('/api/recordings')).toEqual([expect.objectContaining({ name: nameOf(4) })]);
    const statuses = await Promise.all(
      [1, 2, 3, 4].map(async (n) => (await fetch(`${url}/api/recordings/${nameOf(n)}`)).status),
    );
    expect(statuses).toEqual([404, 404, 404, 200]);
  });

  it('are written by `bluelinkd record` while it runs, with who was there before', async () => {
    const { bus, url } = await observed(['c1']);
    await ready(bus, 'c1');
    const file = join(aFolder(), 'by-hand.jsonl');
    const { out, said } = printed();
    const timeIsOver = heldTimer(SECONDS * 1_000);
    const recording = record(attaching(), { to: file, seconds: SECONDS, url });
    await out.next('that it records', (text) => text.includes('Recording'));
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    await final(bus, 'c1', 'one');
    const recorded = () => {
      const [head = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
      return { head, entries: lines.map((line) => entryOf(line)).filter((entry) => entry !== null) };
    };
    const marks = ['broker > bridge: hyundai/c1/commands/lock', 'cloud > command: accepted'];
    const found = () => inOrder(journeyOf(recorded().entries, 'one').map(shape), marks);
    await expect.poll(found, { timeout: 15_000 }).toEqual(marks);
    timeIsOver();
    expect(await recording).toBe(0);
    const { head, entries } = recorded();
    expect(recordingVersion(head)).toBe(2);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(entries.map((entry) => (entry.type === '@xstate.actor' ? entry.sessionId : ''))).toContain(
      'account/main/token',
    );
    expect(await record(attaching(), { to: file, seconds: 1, url })).toBe(2);
    expect(await record(attaching(), { to: join(aFolder(), 'x'), seconds: 1, url: 'http://127.0.0.1:1' })).toBe(1);
    expect(said().errors).toBe(
      `${file} cannot be written: it exists already.\nNo inspector answers at http://127.0.0.1:1: bluelinkd run --inspect has one.\n`,
    );
  });
});
