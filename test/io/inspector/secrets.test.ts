import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSecrets } from '../../../src/io/log/secrets.ts';
import { final, ready } from '../../support/actor-system.ts';
import { FakeCloud, outage } from '../../support/fake-cloud.ts';
import { hiddenForms } from '../../support/hidden-forms.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { observedSystems, tellsOfRecording } from './observed.ts';

const observed = observedSystems();

/** As the gateway and the configuration make them known. */
const PLANTED = [
  ['password', 'Pl4nted/Pass+word=91c3', 'secret'],
  ['PIN', '860317294458', 'secret'],
  ['access token', 'eyJhbGciOi.planted-access.1', 'token'],
  ['refresh token', 'PLANTEDREFRESHTOKEN0123456789ABCDEFGHIJKLMNOPQRS', 'token'],
  ['control token', 'planted-control-7731', 'token'],
  ['VIN', 'PLANTEDVIN0007741', 'person'],
  ['e-mail', 'planted.mailbox-7c2f@mail.example', 'person'],
  ['latitude', '47.918273', 'place'],
] as const;

const foundIn = (text: string) =>
  PLANTED.filter(([, value]) => hiddenForms(value).some((form) => text.includes(form))).map(([name]) => name);

describe('what must not be read', () => {
  it.each([false, true])('is nowhere, wherever it was put (log.private: %s)', async (showPrivate) => {
    const secrets = createSecrets({ showPrivate });
    const cloud = new FakeCloud(['c1', 'PLANTEDVIN0007741']);
    const parts = await observed(['c1'], { secrets, cloud });
    const { bus, inspector, url, json, recordings, said, listen } = parts;
    for (const [, value, kind] of PLANTED) secrets.register(value, kind);
    await ready(bus, 'c1');
    const stream = await listen('?since=0');
    const log = inspector.inspection.log(recordingLog().log);
    cloud.instead = (call) => {
      if (call.type !== 'control') return undefined;
      const said = PLANTED.map(([, value]) => value).join(' ');
      return { ...outage, kind: 'carRefused', answered: true, message: said, cause: said };
    };
    for (const [name, value] of PLANTED) {
      bus.send(`hyundai/${value.replaceAll(/[/+#]/g, '-')}/commands/lock`, { action: 'lock', id: `a ${value}` });
      bus.send(`hyundai/c1/commands/${value.replaceAll(/[/+#]/g, '-')}`, { action: value });
      const id = `b ${value}`;
      bus.send('hyundai/c1/commands/lock', { action: 'lock', id });
      await final(bus, 'c1', id);
      log
        .child({ value })
        .write('error', `the ${name} is ${value}`, { error: new Error(value), nested: { deep: [value] } });
    }
    bus.send('hyundai/PLANTEDVIN0007741/commands/refresh', { action: 'cached', id: 'of the car' });
    await stream.told.next(
      'the last one',
      ({ commandId, status }) =>
        commandId === 'of the car' && status !== 'accepted' && status !== undefined && status !== null,
    );
    await said.next('a recording', tellsOfRecording);
    expect(await json('/api/recordings')).not.toEqual([]);
    const files = readdirSync(recordings).map((name) => readFileSync(join(recordings, name), 'utf8'));
    const journey = await (await fetch(`${url}/api/journey/${encodeURIComponent('b PLANTEDVIN0007741')}`)).text();
    const snapshot = await (await fetch(`${url}/api/snapshot`)).text();
    // It was told: the id, the topic, the cause, the line of the log, all with holes.
    expect(stream.text).toContain('"commandId":"b [redacted]"');
    expect(stream.text).toContain('hyundai/[redacted]/commands/lock');
    expect(stream.text).toContain('"cause":"[redacted] [redacted]');
    expect(stream.text).toContain('"message":"the VIN is [redacted]"');
    expect(journey).toContain('carRefused');
    expect(journey).toContain('[redacted]');
    expect(files.join()).toContain('bluelinkd.recording');
    for (const text of [stream.text, snapshot, journey, ...files]) expect(foundIn(text)).toEqual([]);
  });
});
