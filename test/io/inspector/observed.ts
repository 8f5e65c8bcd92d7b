import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type Inspector, type InspectorOptions, startInspector } from '../../../src/io/inspector/inspector.ts';
import { createSecrets, type Secrets } from '../../../src/io/log/secrets.ts';
import type { Settings } from '../../../src/machines/domain/settings.ts';
import { actorSystems } from '../../support/actor-system.ts';
import type { FakeCloud } from '../../support/fake-cloud.ts';
import type { Happenings } from '../../support/happenings.ts';
import { clock } from '../../support/quiet.ts';
import { type LogLine, recordingLog } from '../../support/quiet-log.ts';
import { Stream } from './stream.ts';

export interface Observed extends ReturnType<ReturnType<typeof actorSystems>> {
  readonly inspector: Inspector;
  readonly url: string;
  readonly secrets: Secrets;
  readonly recordings: string;
  /** What the inspector wrote into the log. */
  readonly said: Happenings<LogLine>;
  /** Listens to the stream; closed after the test. */
  listen(query?: string, headers?: Readonly<Record<string, string>>): Promise<Stream>;
  json(path: string): Promise<unknown>;
}

/** The log says so when a recording is made, and the ones too many are gone. */
export const tellsOfRecording = ({ message }: LogLine) => message === 'a command failed; what led to it is recorded';

/** Makes actor systems in memory that an inspector looks at; everything is closed after the test. */
export function observedSystems() {
  const start = actorSystems();
  const open: (() => Promise<unknown> | unknown)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  return async (
    cars: readonly string[],
    options: Partial<InspectorOptions> & { readonly settings?: Partial<Settings>; readonly cloud?: FakeCloud } = {},
  ): Promise<Observed> => {
    const folder = mkdtempSync(join(tmpdir(), 'inspector-'));
    open.push(() => rmSync(folder, { recursive: true, force: true }));
    const secrets = options.secrets ?? createSecrets({ showPrivate: false });
    const { log, said } = recordingLog();
    const inspector = await startInspector({
      host: '127.0.0.1',
      port: 0,
      names: [],
      token: null,
      accounts: ['main'],
      baseTopic: 'hyundai',
      carNames: new Map([['c1', 'ev6']]),
      logLevel: 'debug',
      recordings: { folder: join(folder, 'recordings'), keep: 20, settleMs: 1 },
      version: '0.0.0',
      simulated: true,
      clock,
      log,
      ...options,
      secrets,
    });
    open.push(() => inspector.close());
    const { inspection, url } = inspector;
    const parts = start(
      cars,
      options.settings ?? {},
      {},
      {
        observers: [inspection.observer],
        measured: inspection,
        ...(options.cloud === undefined ? {} : { cloud: options.cloud }),
      },
    );
    return {
      ...parts,
      inspector,
      url,
      secrets,
      recordings: join(folder, 'recordings'),
      said,
      async listen(query = '', headers = {}) {
        const stream = await Stream.open(`${url}/events${query}`, headers);
        open.push(() => stream.close());
        return stream;
      },
      json: async (path) => (await fetch(`${url}${path}`)).json(),
    };
  };
}
