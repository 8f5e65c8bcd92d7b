import { afterEach } from 'vitest';
import type { CallOutcome } from '../../../../src/actors/ports.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../../../src/io/bluelink/gateway.ts';
import type { SessionRecord, SessionStore } from '../../../../src/io/bluelink/session-record.ts';
import type { SimCar } from '../../../../src/io/simulator/car/car.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../../src/io/simulator/simulator.ts';
import { createMemoryStore } from '../../../../src/io/store/memory-store.ts';
import type { CallResult, CloudCall, Control, RecordWord } from '../../../../src/machines/domain/command.ts';
import type { CloudFailure } from '../../../../src/machines/domain/failure.ts';
import type { VehicleState } from '../../../../src/machines/domain/vehicle-state.ts';
import { createMemoryLog, gatewayOptions, never } from '../support/account.ts';

export const OWNER = { username: 'driver@example.com', password: 'correct horse', pin: '4711' } as const;

const carOf = (id: string, more: Partial<SimCar> = {}): SimCar => ({
  id,
  vin: `KM8TEST${id.length}${id.toUpperCase()}`,
  name: `The ${id}`,
  model: 'IONIQ 5',
  year: '2024',
  type: 'EV',
  ccs2: 0,
  state: { stateOfChargePercent: 40, plug: 'station', limitAcPercent: 80, limitDcPercent: 90, odometerKm: 16_093.44 },
  ...more,
});

/** An electric car of each generation of the telematics unit, and one that burns petrol. */
export const CARS = [
  carOf('gen3'),
  carOf('gen2', { hataGeneration: '2' }),
  carOf('petrol', { type: 'GN', state: { fuelLevelPercent: 50 } }),
];

export type Store = SessionStore & { readonly saved: readonly SessionRecord[] };

export interface UsWorld {
  readonly simulator: Simulator;
  readonly gateway: Gateway;
  readonly store: Store;
  readonly log: ReturnType<typeof createMemoryLog>;
  call(call: CloudCall, commandId?: string): Promise<CallOutcome>;
  control(car: string, command: Control): Promise<CallOutcome>;
  state(car: string, source?: 'cached' | 'forced'): Promise<VehicleState>;
  /** The record of an action, when it is no longer pending. */
  word(car: string, actionId: string | null): Promise<RecordWord>;
  /** A second gateway of the same account, as after a restart. */
  again(options?: Partial<GatewayOptions>): Promise<Gateway>;
}

/** Opens worlds that are closed at the end of each test. */
export function usWorlds(): (
  options?: Partial<SimulatorOptions>,
  gateway?: Partial<GatewayOptions>,
  login?: boolean,
) => Promise<UsWorld> {
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  });
  return async (options = {}, ofGateway = {}, login = true) => {
    const simulator = await startSimulator({
      accounts: [{ ...OWNER, brand: 'hyundai', region: 'US', cars: CARS }],
      timings: { controlDelayMs: 0, forcedReadMs: 10, wakeDelayMs: 0 },
      ...options,
    });
    open.push(simulator);
    const store = createMemoryStore<SessionRecord>();
    const log = createMemoryLog();
    const again = async (more: Partial<GatewayOptions> = {}) => {
      const gateway = await createGateway({
        ...gatewayOptions(simulator.url, { ...OWNER, region: 'US' }),
        store,
        log,
        ...ofGateway,
        ...more,
      });
      open.push(gateway);
      return gateway;
    };
    const gateway = await again();
    if (login) await gateway.login(never);
    const call = (made: CloudCall, commandId = 'c-1') => gateway.call(made, { signal: never, commandId, attempt: 1 });
    return {
      simulator,
      gateway,
      store,
      log,
      again,
      call,
      control: (car, command) => call({ type: 'control', car, command }),
      async state(car, source = 'cached') {
        const value = resultOf(await call({ type: 'read', car, source }));
        if (value.type !== 'reading') throw new Error(`A ${value.type} instead of a reading.`);
        return value.reading.state;
      },
      async word(car, actionId) {
        if (actionId === null) throw new Error('No action id.');
        for (let looks = 0; looks < 200; looks += 1) {
          const value = resultOf(await call({ type: 'record', car, actionId }));
          if (value.type === 'record' && value.word !== 'pending') return value.word;
        }
        return 'pending';
      },
    };
  };
}

export function resultOf(outcome: CallOutcome): CallResult {
  if (!outcome.ok) throw new Error(`${outcome.failure.kind}: ${outcome.failure.message} (${outcome.failure.cause})`);
  return outcome.value;
}

export function failureOf(outcome: { readonly ok: boolean; readonly failure?: CloudFailure }): CloudFailure {
  if (outcome.ok || outcome.failure === undefined) throw new Error('It succeeded.');
  return outcome.failure;
}

export function actionOf(outcome: CallOutcome): string | null {
  const value = resultOf(outcome);
  if (value.type !== 'accepted') throw new Error(`A ${value.type} instead of an acceptance.`);
  return value.actionId;
}
