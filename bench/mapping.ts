import { Publisher } from '../src/actors/bridge/publisher.ts';
import { createTopics } from '../src/actors/contract/topics.ts';
import type { BudgetReport, MessageBus, OutboundMessage } from '../src/actors/ports.ts';
import { ShapeReports } from '../src/io/bluelink/shape-reports.ts';
import { translateCarStatus } from '../src/io/bluelink/translate/ccs2.ts';
import { translateCachedStatus } from '../src/io/bluelink/translate/classic.ts';
import { DEFAULT_SPEC, DEFAULT_STATE } from '../src/io/simulator/car/car-state.ts';
import { ccs2Vehicle } from '../src/io/simulator/car/ccs2-payload.ts';
import { vehicleStatusInfo } from '../src/io/simulator/car/classic-payload.ts';
import { EUROPE } from '../src/io/simulator/locale.ts';
import { nowMs } from './support/clock.ts';
import { Report } from './support/report.ts';
import { quantile, rounded } from './support/statistics.ts';

/**
 * What one status costs: from the text of the answer to the state of the car, and from there to the messages of all its
 * topics, handed to a broker that takes them at once. The payloads are those of the simulated cars, which have the fields
 * of captured ones; the broken ones have a few fields of another kind, as after a change of the vendor's schema.
 */
const WARM_UP = 500;
const RUNS = 2_000;
const NOW = Date.UTC(2026, 10, 7, 10, 30);

const quiet = { child: () => quiet, write: () => {} };
const reports = new ShapeReports(quiet);

const classic = { vehicleStatusInfo: vehicleStatusInfo(DEFAULT_STATE, DEFAULT_SPEC, 'EV', NOW, EUROPE) };
const ccs2 = {
  lastUpdateTime: String(NOW),
  state: { Vehicle: ccs2Vehicle(DEFAULT_STATE, DEFAULT_SPEC, NOW, EUROPE) },
};
const PAYLOADS = [
  { name: 'classic', translate: translateCachedStatus, body: classic, isBroken: false },
  { name: 'ccs2', translate: translateCarStatus, body: ccs2, isBroken: false },
  { name: 'classic, broken', translate: translateCachedStatus, body: classic, isBroken: true },
  { name: 'ccs2, broken', translate: translateCarStatus, body: ccs2, isBroken: true },
] as const;

/** Every tenth value becomes a list. */
function broken(text: string): string {
  let values = 0;
  return JSON.stringify(
    JSON.parse(text, (_, value: unknown) => {
      if (typeof value === 'object') return value;
      values += 1;
      return values % 10 === 0 ? [value] : value;
    }),
  );
}

function measure(task: () => void): readonly number[] {
  for (let n = 0; n < WARM_UP; n += 1) task();
  return Array.from({ length: RUNS }, () => {
    const begun = nowMs();
    task();
    return nowMs() - begun;
  });
}

const figures = (times: readonly number[]) => ({
  p50Ms: rounded(quantile(times, 0.5)),
  p99Ms: rounded(quantile(times, 0.99)),
});

const report = new Report('mapping', { runs: RUNS });
for (const { name, translate, body, isBroken } of PAYLOADS) {
  const text = isBroken ? broken(JSON.stringify(body)) : JSON.stringify(body);
  const answer = () => reports.answer(name).at('resMsg');
  if (translate(JSON.parse(text), NOW, answer()) === null) throw new Error(`${name} is not read.`);
  const parsed: unknown = JSON.parse(text);
  const times = measure(() => translate(parsed, NOW, answer()));
  report.line('mapping', { payload: name, bytes: text.length, ...figures(times) });
  report.judge(`mapping of ${name} ≤ 1 ms (p50)`, quantile(times, 0.5) <= 1, figures(times));
}

const state = translateCarStatus(ccs2, NOW, reports.answer('publish'));
if (state === null) throw new Error('The status is not read.');
const reading = { state, source: 'cached', fetchedAt: NOW } as const;
const messages: OutboundMessage[] = [];
const bus: MessageBus = { start() {}, publish: (message) => void messages.push(message), close: async () => {} };
const nothingUsed: BudgetReport = {
  calls: 0,
  callsPerDay: null,
  forcedReads: {},
  forcedReadsPerDay: null,
  server: { limit: null, remaining: null, resetAt: null },
};
const listed = {
  car: { id: 'car-1', vin: '', name: 'car', model: 'EV', year: null, engine: 'ev', generation: 'ccs2' },
  account: 'main',
  topicName: 'car-1',
} as const;
for (const republishUnchanged of [true, false]) {
  const publisher = new Publisher(
    bus,
    { now: () => NOW, elapsed: () => 0 },
    {
      topics: createTopics('hyundai'),
      location: 'retained',
      republishUnchanged,
      retained: new Set(),
      simulated: false,
      version: '0.0.0',
      cloudUrl: null,
      budgetOf: () => nothingUsed,
      clockAheadMs: () => 0,
    },
  );
  publisher.reading(listed, reading, 'cached');
  messages.length = 0;
  publisher.reading(listed, reading, 'cached');
  const perRead = messages.length;
  const times = measure(() => {
    messages.length = 0;
    publisher.reading(listed, reading, 'cached');
  });
  const what = republishUnchanged ? 'all topics of a car' : 'a car of which nothing has changed';
  report.line('publish', { what, messages: perRead, ...figures(times) });
  report.judge(`publishing ${what} ≤ 10 ms (p50)`, quantile(times, 0.5) <= 10, figures(times));
}
report.finish();
