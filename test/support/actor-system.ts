import { afterEach } from 'vitest';
import type { CloudPort, MessageBus } from '../../src/actors/ports.ts';
import { type AccountOptions, createSystem, type System, type SystemOptions } from '../../src/actors/system.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/machines/domain/settings.ts';
import { FakeBus } from './fake-bus.ts';
import { FakeCloud } from './fake-cloud.ts';
import { usualSystem } from './quiet.ts';
import { recordingLog } from './quiet-log.ts';

/** A car answers at once here, so nobody needs to wait before looking. */
const QUICK: Settings = { ...DEFAULT_SETTINGS, lookAfterMs: [1, 2, 3, 4], lookEveryMs: 1, settleMs: 1 };

/** What is put around the ports of a system. */
interface Measured {
  cloud(account: string, cloud: CloudPort): CloudPort;
  bus(bus: MessageBus): MessageBus;
}

/** A final record, as its sender reads it. */
export interface Final {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly attempts: number;
  readonly joined?: string;
}

/** Makes actor systems on a bus and a cloud in memory; each is stopped after its test. */
export function actorSystems() {
  const running: System[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((system) => system.stop()));
  });
  return (
    cars: readonly string[],
    settings: Partial<Settings> = {},
    account: Partial<Pick<AccountOptions, 'name' | 'controls'>> = {},
    more: Pick<SystemOptions, 'observers' | 'journal' | 'retained'> & {
      readonly carNames?: SystemOptions['carNames'];
      readonly measured?: Measured;
      readonly cloud?: FakeCloud;
    } = {},
  ) => {
    const bus = new FakeBus();
    const cloud = more.cloud ?? new FakeCloud(cars);
    const { log, lines } = recordingLog();
    const { measured, cloud: _, ...options } = more;
    const system = createSystem({
      settings: { ...QUICK, ...settings },
      accounts: [{ name: 'main', cloud: measured?.cloud('main', cloud) ?? cloud, onlyCars: null, ...account }],
      bus: measured?.bus(bus) ?? bus,
      ...usualSystem,
      log,
      ...options,
    });
    running.push(system);
    system.start();
    return { bus, cloud, lines, system };
  };
}

export const finals = (bus: FakeBus, car: string) =>
  (bus.on(`hyundai/${car}/commands/lock/result`) as Final[]).filter(({ status }) => status !== 'accepted');
export const final = (bus: FakeBus, car: string, id: string) =>
  bus.until(`the end of ${id}`, () => finals(bus, car).find((record) => record.id === id));
export const ready = (bus: FakeBus, car: string) =>
  bus.until(`the state of ${car}`, () => bus.on(`hyundai/${car}/state`)[0]);
