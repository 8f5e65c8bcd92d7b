import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject } from 'vitest';
import { Stream } from '../io/inspector/stream.ts';
import { hiddenForms } from '../support/hidden-forms.ts';
import type { Stage } from '../support/stage.ts';
import { carNamed, it } from './stage.ts';

/** Strings that occur nowhere else. */
const PLANTED = {
  username: 'planted.mailbox-7c2f@mail.example',
  password: 'Pl4nted/Pass+wörd=91c3',
  pin: '860317294458',
  vin: 'PLANTEDVIN0007741',
  latitude: 47.918273,
  longitude: -11.564738,
  mqttPassword: 'planted:broker?pass&5d1e',
  inspectorToken: 'planted-inspector-77ab',
} as const;

/** Everything that may be written nowhere, by name. */
function forbidden(stage: Stage): ReadonlyMap<string, string> {
  const tokens = stage.cloud.cloud.secrets().map((token, n) => [`token ${n}`, token] as const);
  return new Map([
    ['e-mail', PLANTED.username],
    ['password', PLANTED.password],
    ['PIN', PLANTED.pin],
    ['VIN', PLANTED.vin],
    ['latitude', String(PLANTED.latitude)],
    ['longitude', String(Math.abs(PLANTED.longitude))],
    ['password of the broker', PLANTED.mqttPassword],
    ['token of the inspector', PLANTED.inspectorToken],
    ...tokens,
  ]);
}

/** The names of what is found in a text, in whatever form. */
function found(stage: Stage, text: string): readonly string[] {
  return [...forbidden(stage)]
    .filter(([, value]) => hiddenForms(value).some((form) => text.includes(form)))
    .map(([name]) => name);
}

function filesOf(folder: string): readonly { readonly name: string; readonly text: string; readonly mode: number }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, path: join(folder, name) }))
    .filter(({ path }) => statSync(path).isFile())
    .map(({ name, path }) => ({ name, text: readFileSync(path, 'utf8'), mode: statSync(path).mode & 0o777 }));
}

/** A life with all kinds of trouble, so that every error message has been written. */
async function liveThroughTrouble(stage: Stage): Promise<void> {
  const { mqtt, cloud } = stage;
  await mqtt.lock('c0', 'unlock');
  await mqtt.command('c0', 'refresh', { action: 'force' });
  cloud.revokeTokens();
  await mqtt.lock('c0');
  for (const fault of [
    {
      type: 'status',
      code: 503,
      body: `<p>${PLANTED.username} ${PLANTED.vin}</p>`,
      times: 1,
      match: { kind: 'control' },
    },
    {
      type: 'status',
      code: 400,
      body: { retCode: 'F', resCode: '4002', resMsg: `no ${PLANTED.vin}` },
      times: 1,
      match: { kind: 'control' },
    },
    {
      type: 'retCodeF',
      resMsg: `${PLANTED.username} is not ${PLANTED.password}`,
      times: 1,
      match: { kind: 'control' },
    },
    { type: 'cutBefore', times: 1, match: { kind: 'status.latest' } },
    { type: 'html200', times: 1, match: { kind: 'status.latest' } },
    {
      type: 'wrongShape',
      path: 'resMsg',
      value: { vin: PLANTED.vin, coord: PLANTED.latitude },
      times: 1,
      match: { kind: 'status.latest' },
    },
  ] as const) {
    const handle = cloud.faults.add(fault);
    const isRead = fault.match.kind === 'status.latest';
    if (isRead) await mqtt.command('c0', 'refresh', { action: 'cached' });
    else await mqtt.lock('c0', 'lock');
    expect(handle.uses, JSON.stringify(fault)).toBe(1);
  }
  // A refresh that is refused, with the login after it, and one that breaks.
  cloud.revokeTokens({ kinds: ['access', 'control', 'cci', 'refresh'] });
  await mqtt.lock('c0', 'unlock');
  cloud.revokeTokens();
  const broken = cloud.faults.add({
    type: 'status',
    code: 500,
    body: `grant of ${PLANTED.username}`,
    match: { kind: 'cci.refresh' },
  });
  await mqtt.lock('c0', 'lock');
  broken.lift();
  await mqtt.account(({ token }) => token === 'valid' || token === 'cooldown');
  await mqtt.send('c0', 'lock', `{"action": "${PLANTED.pin}`);
  await mqtt.send(PLANTED.vin, 'lock', 'lock');
  await mqtt.publish('hyundai/bridge/request/health', '');
  await mqtt.on('bridge/response/health');
  await mqtt.lock('c0', 'unlock');
}

/** Everything that inspector, trace and metrics show, from now on until it is asked for. */
async function lookFromOutside(stage: Stage) {
  const { url } = await stage.daemon.log.next('the inspector', ({ msg }) => msg === 'the inspector is served');
  const metrics = await stage.daemon.log.next('metrics', ({ msg }) => msg === 'metrics and health are served');
  const headers = { authorization: `Bearer ${PLANTED.inspectorToken}` };
  const text = async (path: string) => (await fetch(`${url}${path}`, { headers })).text();
  const stream = await Stream.open(`${url}/events?since=0`, headers);
  return async () => {
    // Only what the sender chose to call it tells the commands apart.
    const { id } = await stage.mqtt.lock('c0', 'unlock');
    await stream.told.next('the last command', ({ commandId, status }) => commandId === id && status === 'succeeded');
    await stage.daemon.log.next('a recording', ({ recording }) => recording !== undefined);
    const names = JSON.parse(await text('/api/recordings')) as readonly { readonly name: string }[];
    expect(names).not.toEqual([]);
    const recordings = await Promise.all(names.map(({ name }) => text(`/api/recordings/${name}`)));
    const traces = spawnSync(process.execPath, [inject('daemon').main, 'trace', id], {
      cwd: stage.folder,
      encoding: 'utf8',
      env: { ...process.env, BLUELINKD_STATE_DIR: stage.stateDir, BLUELINKD_INSPECTOR_TOKEN: PLANTED.inspectorToken },
    });
    stream.close();
    return {
      stream: stream.text,
      page: (await Promise.all(['/', '/diagrams/token.svg', `/api/journey/${id}`].map(text))).join('\n'),
      snapshot: await text('/api/snapshot'),
      recordings: recordings.join('\n'),
      trace: `${traces.stdout}${traces.stderr}`,
      metrics: await (await fetch(String(metrics.url))).text(),
    };
  };
}

describe('secrets and what is private', () => {
  it('is found by this search in whatever form it hides', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    const { pin, password } = PLANTED;
    expect(found(stage, `"pin":"${pin}"`)).toEqual(['PIN']);
    for (const before of ['', 'a', 'ab', 'abc']) {
      expect(found(stage, Buffer.from(`${before}${password}:x`).toString('base64'))).toContain('password');
      expect(found(stage, Buffer.from(`${before}${password}:x`).toString('base64url'))).toContain('password');
    }
    expect(found(stage, `q=${encodeURIComponent(password)}&r`)).toContain('password');
    expect(found(stage, Buffer.from(PLANTED.vin).toString('hex'))).toEqual(['VIN']);
    expect(found(stage, 'nothing of the kind')).toEqual([]);
  });

  it('are in no line of the log, no message at the broker, nowhere in inspector, recordings, traces and metrics, and in no file but the session', async ({
    aStage,
  }) => {
    const stage = await aStage({
      account: {
        username: PLANTED.username,
        password: PLANTED.password,
        pin: PLANTED.pin,
        cars: [
          {
            ...carNamed('c0', 0),
            vin: PLANTED.vin,
            state: { latitude: PLANTED.latitude, longitude: PLANTED.longitude },
          },
        ],
      },
      broker: { username: 'house', password: PLANTED.mqttPassword },
      environment: {
        LOG_LEVEL: 'trace',
        HYUNDAI_USERNAME: PLANTED.username,
        HYUNDAI_PASSWORD: PLANTED.password,
        HYUNDAI_PIN: PLANTED.pin,
        MQTT_USERNAME: 'house',
        MQTT_PASSWORD: PLANTED.mqttPassword,
        BLUELINKD_INSPECTOR_PORT: '0',
        BLUELINKD_INSPECTOR_TOKEN: PLANTED.inspectorToken,
        BLUELINKD_METRICS_PORT: '0',
        BLUELINKD_PUBLISH_LOCATION: 'off',
        BLUELINKD_TIMING_SETTLE_MS: '50',
        BLUELINKD_TIMING_LOCK_CONFIRM_MS: '6000',
        BLUELINKD_TIMING_OUTAGE_RETRY_MS: '300',
      },
    });
    const look = await lookFromOutside(stage);
    await liveThroughTrouble(stage);
    const shown = await look();
    expect(shown.stream).toContain('refreshing.calling.renewing');
    expect(shown.stream).toContain('[redacted]/commands/lock');
    expect(shown.recordings).toContain('bluelinkd.recording');
    expect(shown.trace).toMatch(/cloud +→ command/);
    expect(shown.metrics).toContain('bluelinkd_calls_total');
    for (const [name, text] of Object.entries(shown)) expect([name, found(stage, text)]).toEqual([name, []]);
    // Once more with everything wrong: what is said about it must not say what was wrong.
    expect(await stage.daemon.stop()).toEqual({ code: 0, signal: null });
    const first = stage.daemon;
    expect(forbidden(stage).size).toBeGreaterThan(12);
    expect(first.log.all.length).toBeGreaterThan(100);
    expect(found(stage, first.stdout)).toEqual([]);
    expect(found(stage, first.stderr)).toEqual([]);

    const ownMessages = stage.mqtt.seen.all.filter(
      ({ topic, text }) => !topic.endsWith('/commands/lock') || !text.includes(PLANTED.pin),
    );
    const said = ownMessages.filter(({ topic }) => !topic.includes(`/${PLANTED.vin}/`));
    expect(said.length).toBeGreaterThan(50);
    expect(found(stage, said.map(({ topic, text }) => `${topic} ${text}`).join('\n'))).toEqual([]);

    const files = filesOf(stage.stateDir);
    const session = files.filter(({ name }) => name.startsWith('session-'));
    expect(session.length).toBeGreaterThan(0);
    expect(session.map(({ mode }) => mode)).toEqual(session.map(() => 0o600));
    // The search finds tokens where they may be.
    expect(found(stage, session.map(({ text }) => text).join()).some((name) => name.startsWith('token'))).toBe(true);
    for (const { text } of session) {
      const others = found(stage, text).filter((name) => !name.startsWith('token'));
      expect(others).toEqual([]);
    }
    const rest = files.filter(({ name }) => !name.startsWith('session-'));
    expect(found(stage, rest.map(({ name, text }) => `${name} ${text}`).join('\n'))).toEqual([]);
  }, 60_000);

  it('are in no answer to a wrong configuration', async ({ aStage }) => {
    const stage = await aStage({
      ready: false,
      environment: { HYUNDAI_PASSWORD: PLANTED.password, HYUNDAI_USERNAME: PLANTED.username, LOG_LEVEL: 'trace' },
    });
    await stage.mqtt.account(({ reason }) => reason !== null);
    await stage.daemon.stop();
    expect(found(stage, `${stage.daemon.stdout}${stage.daemon.stderr}`)).toEqual([]);
    const wrong = stage.start({ MQTT_BROKER_PORT: PLANTED.password, HYUNDAI_PASSWORD: PLANTED.password });
    expect((await wrong.ended()).code).toBe(2);
    expect(found(stage, wrong.stdout)).toEqual([]);
  });

  it('the position is on its own topics, not retained, and only if that is wanted', async ({ aStage }) => {
    const stage = await aStage({ environment: { LOG_LEVEL: 'trace' } });
    const latitude = await stage.mqtt.on('c0/status/location/latitude');
    expect(latitude).toMatchObject({ retain: false, json: { value: 52.5163 } });
    const elsewhere = stage.mqtt.seen.all.filter(
      ({ topic, text }) => !/\/location\//.test(topic) && /52\.516/.test(text),
    );
    expect(elsewhere.map(({ topic }) => topic)).toEqual([]);
    expect(stage.daemon.stdout).not.toMatch(/52\.516|13\.377/);
  });
});
