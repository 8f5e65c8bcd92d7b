import { z } from 'zod';
import type { Car } from './car/car.ts';
import type { Cloud } from './cloud.ts';
import { faultSchema } from './faults/schema.ts';
import type { Answer } from './http/answer.ts';
import { empty, json } from './http/answer.ts';
import type { SimRequest } from './http/request.ts';

/** `/__sim/*`: the way in for tests and demos in other processes. It speaks of tokens by number only. */

const PREFIX = '/__sim';

export function isSimPath(path: string): boolean {
  return path === PREFIX || path.startsWith(`${PREFIX}/`);
}

const revocation = z.strictObject({
  kinds: z.array(z.enum(['access', 'control', 'cci', 'refresh'])).optional(),
  account: z.int().min(0).optional(),
});

const bools = corners(z.boolean());
const percent = z.number().min(0).max(100);
const carChange = z.strictObject({
  state: z
    .strictObject({
      locked: z.boolean(),
      doorsOpen: bools,
      trunkOpen: z.boolean(),
      hoodOpen: z.boolean(),
      windows: corners(z.union([z.literal(0), z.literal(1), z.literal(2)])),
      engineOn: z.boolean(),
      climateOn: z.boolean(),
      targetTemperatureC: z.number().min(14).max(30),
      stateOfChargePercent: percent,
      plug: z.enum(['none', 'fast', 'portable', 'station']),
      charging: z.boolean(),
      limitAcPercent: percent,
      limitDcPercent: percent,
      chargePortOpen: z.boolean(),
      battery12vPercent: percent,
      fuelLevelPercent: percent,
      odometerKm: z.number().min(0),
      tyreWarning: bools,
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
    })
    .partial()
    .optional(),
  reachability: z.enum(['ok', 'unavailable', 'timeout', 'lowBattery', 'responseTimeout', 'silent']).optional(),
  /** A status served as it stands, instead of the car's own; null for the car's own again. */
  rawStatus: z.unknown().optional(),
  /** Whether the car tells the cloud at once. */
  report: z.boolean().default(false),
});

function corners<T extends z.ZodType>(value: T) {
  return z.strictObject({ frontLeft: value, frontRight: value, backLeft: value, backRight: value });
}

/** Answers a call to `/__sim`. A web page of another origin is refused. */
export function serveSim(cloud: Cloud, request: SimRequest): Answer {
  const origin = request.header('origin');
  if (origin !== null && origin !== request.base) return json(403, { error: 'Only for callers on this machine.' });
  const [area = '', id, ...more] = request.path.slice(PREFIX.length + 1).split('/');
  if (more.length > 0) return unknownPath();
  const call = `${request.method} ${area}${id === undefined ? '' : '/:id'}`;
  switch (call) {
    case 'GET log':
      return log(cloud, request.query);
    case 'DELETE log':
      cloud.log.clear();
      return empty(204);
    case 'GET state':
      return json(200, stateOf(cloud));
    case 'GET faults':
      return json(200, { faults: cloud.faults.list() });
    case 'POST faults':
      return addFault(cloud, request);
    case 'DELETE faults':
      cloud.faults.clear();
      return empty(204);
    case 'DELETE faults/:id':
      return cloud.faults.lift(Number(id)) ? empty(204) : json(404, { error: 'There is no such fault.' });
    case 'POST expire':
      return withBody(revocation, request, (filter) => json(200, { ended: cloud.expire(defined(filter)) }));
    case 'POST revoke':
      return withBody(revocation, request, (filter) => json(200, { ended: cloud.revoke(defined(filter)) }));
    case 'POST devices/:id':
      return id === 'invalidate' ? json(200, { ended: cloud.invalidateDevices() }) : unknownPath();
    case 'POST cars/:id':
      return changeCar(cloud, request, id ?? '');
    default:
      return unknownPath();
  }
}

/** The truth about the cars, to compare with what was reported. Dates are epoch ms. */
export function stateOf(cloud: Cloud): Record<string, unknown> {
  return {
    now: cloud.clock.now(),
    tokens: { access: cloud.tokens.count('access'), control: cloud.tokens.count('control') },
    cars: cloud.accounts.flatMap((account) => account.cars.map((car) => ({ account: account.index, ...carOf(car) }))),
  };
}

function carOf(car: Car): Record<string, unknown> {
  const { state, at } = car.report;
  return {
    id: car.id,
    name: car.config.name,
    ccs2: car.config.ccs2,
    state: car.actual,
    reported: { at, state },
    asleep: car.asleep,
    reachability: car.reachability,
    wakes: car.wakes,
    deliveryCount: car.deliveryCount,
    deliveries: car.deliveries,
    pending: car.pending?.id ?? null,
  };
}

function log(cloud: Cloud, query: URLSearchParams): Answer {
  const since = Number(query.get('since') ?? 0);
  if (!Number.isFinite(since)) return json(400, { error: '"since" must be the number of a call.' });
  const [kind, car] = [query.get('kind'), query.get('car')];
  const calls = cloud.log
    .calls(since)
    .filter((call) => (kind === null || call.kind === kind) && (car === null || call.car === car));
  return json(200, { last: cloud.log.count, calls });
}

function addFault(cloud: Cloud, request: SimRequest): Answer {
  return withBody(faultSchema, request, (fault) => {
    try {
      return json(201, { id: cloud.faults.add(fault).id, fault });
    } catch (error) {
      return json(400, { error: error instanceof Error ? error.message : 'That fault cannot be switched on.' });
    }
  });
}

function changeCar(cloud: Cloud, request: SimRequest, id: string): Answer {
  const car = cloud.car(id);
  if (car === null) return json(404, { error: 'There is no such car.' });
  return withBody(carChange, request, ({ state, reachability, rawStatus, report }) => {
    if (state !== undefined) car.change(defined(state));
    if (reachability !== undefined) car.reachability = reachability;
    if (rawStatus !== undefined) car.rawStatus = rawStatus;
    if (report) car.reportNow();
    return json(200, carOf(car));
  });
}

/** An empty body stands for an empty object. */
function withBody<T>(schema: z.ZodType<T>, request: SimRequest, use: (body: T) => Answer): Answer {
  const parsed = schema.safeParse(request.body.length === 0 ? {} : request.json());
  return parsed.success ? use(parsed.data) : json(400, { error: z.prettifyError(parsed.error) });
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the keys that are present and undefined. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Defined<T>;
}

function unknownPath(): Answer {
  return json(404, {
    error:
      'Try GET /__sim/log, GET /__sim/state, GET/POST/DELETE /__sim/faults, POST /__sim/expire, POST /__sim/revoke, POST /__sim/devices/invalidate, POST /__sim/cars/{id}.',
  });
}
