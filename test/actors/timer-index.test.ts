import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActor, raise, sendTo, setup } from 'xstate';
import { indexTimers } from '../../src/actors/timer-index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Says when its timers fire: one of a state, two with a name. */
function childOf(told: string[]) {
  const says =
    (what: string) =>
    ({ context }: { readonly context: { readonly id: string } }) =>
      void told.push(`${context.id} ${what}`);
  return setup({
    types: { context: {} as { readonly id: string }, input: {} as { readonly id: string } },
  }).createMachine({
    context: ({ input }) => ({ id: input.id }),
    entry: [
      raise({ type: 'RAISED' }, { id: 'raised', delay: 200 }),
      sendTo(({ self }) => self, { type: 'SENT' }, { id: 'sent', delay: 300 }),
    ],
    initial: 'waiting',
    states: { waiting: { after: { 100: { actions: says('AFTER') } } } },
    on: { RAISED: { actions: says('RAISED') }, SENT: { actions: says('SENT') } },
  });
}

const nameless = setup({}).createMachine({ entry: raise({ type: 'NAMELESS' }, { delay: 100 }), on: { NAMELESS: {} } });

function start() {
  const told: string[] = [];
  const root = createActor(setup({}).createMachine({}));
  indexTimers(root);
  root.start();
  const child = childOf(told);
  const spawn = (id: string) => {
    const actor = createActor(child, { parent: root as never, input: { id } });
    actor.start();
    return actor;
  };
  return { told, root, spawn };
}

const pending = ({ system }: { readonly system: { getSnapshot(): { readonly _scheduledEvents: object } } }) =>
  Object.keys(system.getSnapshot()._scheduledEvents).length;

describe('the index of timers', () => {
  it('lets every timer fire in its time', () => {
    const { told, spawn } = start();
    spawn('a');
    vi.advanceTimersByTime(100);
    expect(told).toEqual(['a AFTER']);
    vi.advanceTimersByTime(200);
    expect(told).toEqual(['a AFTER', 'a RAISED', 'a SENT']);
  });

  it('ends the timers of an actor that ends, and no other', () => {
    const { told, root, spawn } = start();
    const first = spawn('a');
    spawn('b');
    expect(pending(root)).toBe(6);
    (first as unknown as { _stop(): void })._stop();
    expect(pending(root)).toBe(3);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(['b AFTER', 'b RAISED', 'b SENT']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends timers without a name, too', () => {
    const { root } = start();
    const actor = createActor(nameless, { parent: root as never });
    actor.start();
    expect(pending(root)).toBe(1);
    (actor as unknown as { _stop(): void })._stop();
    expect(pending(root)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cancels by name', () => {
    const { told, root, spawn } = start();
    const actor = spawn('a');
    root.system.scheduler.cancel(actor, 'raised');
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(['a AFTER', 'a SENT']);
  });
});
