import type { CloudPort, Log, MessageBus } from '../../src/actors/ports.ts';
import { createSystem, type System, type SystemOptions } from '../../src/actors/system.ts';
import { DEFAULT_SETTINGS } from '../../src/machines/domain/settings.ts';
import { MemoryBus, MemoryCloud } from './memory-ports.ts';

const silent: Log = { child: () => silent, write: () => undefined };

export interface MemorySystem {
  readonly system: System;
  readonly clouds: readonly MemoryCloud[];
  readonly carIds: readonly string[];
  /** Sends this command to each of these cars; resolves when all have ended. Answers how many succeeded. */
  send(cars: readonly string[], name: string, payload: string): Promise<number>;
  /** Resolves when so many cars have been read for the first time. */
  read(count: number): Promise<void>;
  /** Resolves when every account has listed its cars. */
  listed(): Promise<void>;
}

export interface MemorySystemOptions {
  readonly accounts: number;
  readonly cars: number;
  readonly readAtStart: boolean;
  readonly observers?: SystemOptions['observers'];
  /** What is put around the ports. */
  readonly measured?: { cloud(account: string, cloud: CloudPort): CloudPort; bus(bus: MessageBus): MessageBus };
}

export const accountNames = (count: number) => Array.from({ length: count }, (_, n) => `a${n}`);

/** An actor system with everything in memory, not started yet. Cars are looked for a millisecond after the acceptance. */
export function memorySystem({ accounts, cars, readAtStart, observers, measured }: MemorySystemOptions): MemorySystem {
  const perAccount = cars / accounts;
  const names = accountNames(accounts);
  const clouds = names.map((name) => new MemoryCloud(Array.from({ length: perAccount }, (_, n) => `${name}-c${n}`)));
  const states = new Set<string>();
  const lists = new Set<string>();
  const waits: { isOver: () => boolean; resolve: () => void }[] = [];
  let ended = 0;
  let succeeded = 0;
  let serial = 0;
  const bus = new MemoryBus(({ topic, payload }) => {
    if (topic.endsWith('/state')) states.add(topic);
    else if (topic.startsWith('b/bridge/account/')) {
      if ((JSON.parse(payload) as { readonly cars?: unknown }).cars !== null) lists.add(topic);
    } else if (topic.endsWith('/result') && !payload.includes('"accepted"')) {
      ended += 1;
      if (payload.includes('"succeeded"')) succeeded += 1;
    } else return;
    for (const wait of waits.splice(0)) {
      if (wait.isOver()) wait.resolve();
      else waits.push(wait);
    }
  });
  const until = (isOver: () => boolean): Promise<void> =>
    isOver() ? Promise.resolve() : new Promise((resolve) => waits.push({ isOver, resolve }));
  const system = createSystem({
    settings: { ...DEFAULT_SETTINGS, lookAfterMs: [1], lookEveryMs: 50, pollIntervalMs: 0 },
    accounts: names.map((name, n) => {
      const cloud = clouds[n] as MemoryCloud;
      return { name, cloud: measured?.cloud(name, cloud) ?? cloud, onlyCars: null };
    }),
    bus: measured?.bus(bus) ?? bus,
    baseTopic: 'b',
    discoveryPrefix: 'homeassistant',
    responsePrefixes: [],
    carNames: new Map(),
    location: 'live',
    readAtStart,
    simulated: false,
    version: '0.0.0',
    cloudUrl: null,
    clock: { now: () => Date.now(), elapsed: () => performance.now() },
    log: silent,
    randomness: {
      random: () => 0.5,
      id: () => {
        serial += 1;
        return `own-${serial}`;
      },
    },
    ...(observers === undefined ? {} : { observers }),
  });
  return {
    system,
    clouds,
    carIds: clouds.flatMap((cloud) => cloud.cars.map(({ id }) => id)),
    async send(carIds, name, payload) {
      ended = 0;
      succeeded = 0;
      const isOver = until(() => ended >= carIds.length);
      for (const car of carIds) bus.send(`b/${car}/commands/${name}`, payload);
      await isOver;
      return succeeded;
    },
    read: (count) => until(() => states.size >= count),
    listed: () => until(() => lists.size >= accounts),
  };
}
