import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTestModel } from 'xstate/graph';
import { actorSystems, type Final, finals, ready } from '../support/actor-system.ts';
import type { FakeBus } from '../support/fake-bus.ts';
import type { FakeCloud } from '../support/fake-cloud.ts';
import { HeldCloud } from './conformance/held-cloud.ts';
import { abstractMachine, type Model, type ModelEvent } from './conformance/model.ts';

/**
 * Every transition of the abstract model, executed on the real actors (`xstate/graph` is the home of @xstate/test): the
 * shortest way to each state, and from there each event, compared after every step.
 */
const start = actorSystems();
const held: HeldCloud[] = [];
afterEach(() => {
  for (const cloud of held.splice(0)) cloud.answerAll();
});

const nameOf = (n: number) => `c${n}`;

interface Run {
  readonly bus: FakeBus;
  readonly cloud: FakeCloud;
  readonly holding: HeldCloud;
}

async function begin(cars: number): Promise<Run> {
  const { bus, cloud } = start(
    Array.from({ length: cars }, (_, n) => nameOf(n)),
    { shutdownMs: 500 },
  );
  for (let n = 0; n < cars; n += 1) await ready(bus, nameOf(n));
  const holding = new HeldCloud(cloud);
  held.push(holding);
  return { bus, cloud, holding };
}

const executors: Record<ModelEvent['type'], (run: Run, event: ModelEvent) => void> = {
  LOCK: ({ bus }, event) => {
    if (event.type === 'LOCK') bus.send(`hyundai/${nameOf(event.car)}/commands/lock`, { action: 'lock' });
  },
  ANSWER: ({ holding }, event) => {
    if (event.type === 'ANSWER') holding.calls.get(nameOf(event.car))?.answer();
  },
  EXPIRE: ({ cloud }) => cloud.revoke(),
  RENEW: ({ holding }) => holding.refresh?.(),
};

/** What one can see from outside of a car that locks. */
function seen({ bus, holding }: Run, car: number): string {
  const [end] = finals(bus, nameOf(car)) as readonly Final[];
  if (end !== undefined) return `${end.status} after ${end.attempts}`;
  const call = holding.calls.get(nameOf(car));
  return call === undefined ? 'waits' : `calls, attempt ${call.attempt}`;
}

function expected(model: Model, car: number, wasRefused: ReadonlySet<number>): string {
  const state = model.cars[car]?.state;
  switch (state) {
    case 'calling':
      return 'calls, attempt 1';
    case 'retrying':
      return 'calls, attempt 2';
    case 'locked':
      return `succeeded after ${wasRefused.has(car) ? 2 : 1}`;
    default:
      return 'waits';
  }
}

/** Waits until the actors show what the model says, then looks at the counts that must never be more. */
async function compare(run: Run, model: Model, wasRefused: ReadonlySet<number>): Promise<void> {
  const wanted = model.cars.map((_, car) => expected(model, car, wasRefused));
  await vi.waitFor(
    () => {
      expect(model.cars.map((_, car) => seen(run, car))).toEqual(wanted);
      expect(run.holding.refresh !== null).toBe(model.isRefreshing);
    },
    { timeout: 15_000, interval: 1 },
  );
  expect(run.cloud.refreshes).toBe(model.refreshes);
  expect(run.cloud.logins).toBeLessThanOrEqual(1);
}

describe('the actors and the abstract model', () => {
  it.each([1, 2])(
    'agree in every transition, with %d cars',
    async (cars) => {
      const events: readonly ModelEvent[] = [
        ...Array.from({ length: cars }, (_, car): ModelEvent[] => [
          { type: 'LOCK', car },
          { type: 'ANSWER', car },
        ]).flat(),
        { type: 'EXPIRE' },
        { type: 'RENEW' },
      ];
      const model = createTestModel(abstractMachine(cars), { events: [...events] });
      const edges = model.getShortestPaths({ allowDuplicatePaths: true }).flatMap(({ state, steps }) => {
        const way = steps.map(({ event }) => event).filter(({ type }) => type in executors);
        const able = events.filter((event) => state.can(event));
        return able.map((event) => [...way, event] as ModelEvent[]);
      });
      for (const way of edges) {
        const run = await begin(cars);
        const wasRefused = new Set<number>();
        const executed: string[] = [];
        for (const path of model.getPathsFromEvents(way)) {
          // A path skips in silence what has no executor.
          for (const { event } of path.steps)
            expect(Object.keys(executors).concat('xstate.init')).toContain(event.type);
          const execute = (type: ModelEvent['type']) => (step: { readonly event: { readonly type: string } }) => {
            executed.push(type);
            executors[type](run, step.event as ModelEvent);
          };
          await path.test({
            events: {
              LOCK: execute('LOCK'),
              ANSWER: execute('ANSWER'),
              EXPIRE: execute('EXPIRE'),
              RENEW: execute('RENEW'),
            },
            states: {
              '*': async ({ context }) => {
                context.cars.forEach(({ state }, car) => {
                  if (state === 'refused' || state === 'retrying') wasRefused.add(car);
                });
                await compare(run, context, wasRefused);
              },
            },
          });
        }
        expect(executed).toHaveLength(way.length);
        run.holding.answerAll();
      }
      expect(edges.length).toBeGreaterThan(cars === 1 ? 8 : 60);
      process.stdout.write(`${edges.length} transitions of the abstract model executed with ${cars} cars\n`);
    },
    300_000,
  );
});
