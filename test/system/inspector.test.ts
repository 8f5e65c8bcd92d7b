import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { describe, expect, inject } from 'vitest';
import { type StateValue, statesIn } from '../../src/io/inspector/state-value.ts';
import { Stream } from '../io/inspector/stream.ts';
import type { Stage } from '../support/stage.ts';
import { it } from './stage.ts';

const INSPECTED = { BLUELINKD_INSPECTOR_PORT: '0' };

async function urlOf(stage: Stage): Promise<string> {
  const { url } = await stage.daemon.log.next('the inspector', ({ msg }) => msg === 'the inspector is served');
  return String(url);
}

/** What `bluelinkd …` beside the daemon prints. */
async function beside(
  stage: Stage,
  ...words: readonly string[]
): Promise<{ readonly code: number; readonly out: string }> {
  const child = spawn(process.execPath, [inject('daemon').main, ...words], {
    cwd: stage.folder,
    env: { PATH: process.env.PATH, BLUELINKD_STATE_DIR: stage.stateDir },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const code = await new Promise<number>((resolve) => child.once('close', (exit) => resolve(exit ?? -1)));
  return { code, out };
}

describe('the inspector of a running daemon', () => {
  it('tells ten commands that meet an expiry: one refresh, everybody’s journey; and ends with the daemon', async ({
    aStage,
  }) => {
    const stage = await aStage({ cars: 10, environment: INSPECTED });
    const url = await urlOf(stage);
    const stream = await Stream.open(`${url}/events`);
    await stream.told.next('the greeting');
    stage.cloud.revokeTokens();
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car)));
    const isEnd = (id: string) =>
      stream.told.next(`the answer to ${id}`, (one) => one.commandId === id && one.status === 'succeeded');
    await Promise.all(results.map(({ id }) => isEnd(id)));
    const told = stream.all.slice(1);
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, n) => (told[0]?.seq ?? 0) + n));
    const refreshes = told.filter(
      ({ type, name, phase }) => type === 'bluelinkd.call' && name === 'sessionRefresh' && phase === 'ended',
    );
    expect(refreshes.map(({ outcome }) => outcome)).toEqual(['ok']);
    const states = told
      .filter(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === 'account/main/token')
      .map(({ snapshot }) => statesIn((snapshot as { readonly value: StateValue }).value).join());
    const changes = states.filter((state, n) => state !== states[n - 1]);
    expect(changes.slice(-4)).toEqual([
      'refreshing.awaitingPermit',
      'refreshing.calling.renewing',
      'cooldown.proving',
      'valid',
    ]);

    const retried = results.find(({ attempts }) => attempts === 2);
    const { code, out } = await beside(stage, 'trace', retried?.id ?? '');
    expect(code).toBe(0);
    const hops = [
      /broker → bridge .*commands\/lock/,
      /tokenRefused {2}\(HTTP 401/,
      /REFRESH/,
      /TOKEN_READY {2}\(generation 2\)/,
      /retry: control/,
      /record success/,
      /\(succeeded\) {2}\d/,
    ];
    const found = hops.map((hop) => out.split('\n').findIndex((line) => hop.test(line.replace(/ +→ +/g, ' → '))));
    expect(found.every((at, n) => at > (found[n - 1] ?? 0))).toBe(true);
    expect(stage.daemon.log.all.filter(({ msg }) => /observer/.test(msg))).toEqual([]);
    expect(await stage.daemon.stop()).toEqual({ code: 0, signal: null });
    await stream.ended;
    expect(await beside(stage, 'trace', 'x')).toMatchObject({ code: 1 });
  });

  it('a port that is taken, and an open address without a token, are mistakes: a sentence, and code 2', async ({
    aStage,
  }) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const stage = await aStage({ start: false });
    const taken = stage.start({ BLUELINKD_INSPECTOR_PORT: String(port) });
    const open = stage.start({ ...INSPECTED, BLUELINKD_INSPECTOR_HOST: '0.0.0.0' }, ['check']);
    expect([await taken.ended(), await open.ended()]).toEqual([
      { code: 2, signal: null },
      { code: 2, signal: null },
    ]);
    expect(taken.stderr).toBe(
      `inspector.port: cannot listen on 127.0.0.1, port ${port}: somebody else listens there.\n`,
    );
    expect(open.stderr).toContain('that demands inspector.token');
    await new Promise((resolve) => server.close(resolve));
  });
});
