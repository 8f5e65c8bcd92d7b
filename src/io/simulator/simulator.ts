import type { SimAccount } from './account.ts';
import type { CallListener, LoggedCall } from './call-log.ts';
import type { Car } from './car/car.ts';
import type { RevocationFilter } from './cloud.ts';
import { Cloud } from './cloud.ts';
import type { FaultBoard } from './faults/board.ts';
import { LoopbackServer } from './http/server.ts';
import { CloudService } from './serve.ts';
import { isSimPath, serveSim, stateOf } from './sim-api.ts';
import type { Lifetimes, Limits, SimClock, SimTimers, Timings } from './timings.ts';
import { DEFAULT_LIFETIMES, DEFAULT_LIMITS, DEFAULT_TIMINGS, Sleeper, SYSTEM_CLOCK, SYSTEM_TIMERS } from './timings.ts';

export interface SimulatorOptions {
  readonly accounts: readonly SimAccount[];
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  /** The world's time: token lifetimes, the life of the cars, the `Date` of the answers, the log. */
  readonly clock?: SimClock;
  /** For answers that take time. Give it together with a clock of your own. */
  readonly timers?: SimTimers;
  readonly timings?: Partial<Timings>;
  readonly lifetimes?: Partial<Lifetimes>;
  readonly limits?: Partial<Limits>;
  /** Hears every call, as `onCall` does. */
  readonly log?: CallListener;
}

/** A running simulated cloud. */
export interface Simulator {
  /** `http://127.0.0.1:<port>`: every host of the real cloud, with the same paths. */
  readonly url: string;
  readonly port: number;
  readonly cloud: Cloud;
  readonly faults: FaultBoard;
  /** Every call so far, oldest first. */
  readonly log: readonly LoggedCall[];
  /** The car with this id; throws when there is none. */
  car(id: string): Car;
  /** The same as `GET /__sim/state`. */
  state(): Record<string, unknown>;
  /** Lets tokens run out now; by default all access and control tokens. Answers how many. */
  expireTokens(filter?: RevocationFilter): number;
  /** Takes tokens back before their time; by default all access and control tokens. Answers how many. */
  revokeTokens(filter?: RevocationFilter): number;
  /** Hears every call at its arrival and at its end. Answers how to stop that. */
  onCall(listener: CallListener): () => void;
  /** The first call that fits, past (after number `since`) or to come. Rejects after `deadlineMs` of real time. */
  waitFor(predicate: (call: LoggedCall) => boolean, deadlineMs: number, since?: number): Promise<LoggedCall>;
  /** Like a broken line: no port listens and every connection is gone, but the cloud remembers everything. */
  goOffline(): Promise<void>;
  /** Back on the same port. */
  goOnline(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a cloud that speaks the European protocol of Hyundai and Kia, and that of Hyundai in the US, on one loopback URL,
 * with cars that charge, lock, heat and fall asleep. Rejects when the port is taken; throws when the accounts make no sense.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const sleeper = new Sleeper(options.timers ?? SYSTEM_TIMERS);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const cloud = new Cloud(options.accounts, {
    clock: options.clock ?? SYSTEM_CLOCK,
    sleeper,
    timings: { ...DEFAULT_TIMINGS, ...options.timings },
    lifetimes: { ...DEFAULT_LIFETIMES, ...options.lifetimes },
    limits,
  });
  if (options.log !== undefined) cloud.log.onCall(options.log);
  const service = new CloudService(cloud);
  const server = new LoopbackServer(async (request, send) => {
    if (isSimPath(request.path)) await send(serveSim(cloud, request));
    else await service.serve(request, send);
  }, limits.bodyBytes);
  await server.listen(options.port ?? 0);
  const { port } = server;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    cloud,
    faults: cloud.faults,
    get log() {
      return cloud.log.calls();
    },
    car: (id) => {
      const car = cloud.car(id);
      if (car === null) throw new Error(`There is no simulated car with the id "${id}".`);
      return car;
    },
    state: () => stateOf(cloud),
    expireTokens: (filter) => cloud.expire(filter),
    revokeTokens: (filter) => cloud.revoke(filter),
    onCall: (listener) => cloud.log.onCall(listener),
    waitFor: (predicate, deadlineMs, since) => cloud.log.waitFor(predicate, deadlineMs, since),
    goOffline: () => server.close(),
    goOnline: () => server.listen(port),
    close: async () => {
      sleeper.close();
      await server.close();
      cloud.log.close();
    },
  };
}
