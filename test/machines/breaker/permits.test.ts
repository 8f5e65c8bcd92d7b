import { describe, expect, test } from 'vitest';
import { ask, breaker, cancel, granted, holderGone, ignore, succeed } from './situations.ts';

describe('the permits of the breaker', () => {
  test('bounds the calls in flight per account', () => {
    const machine = breaker();
    for (const car of ['a', 'b', 'c', 'd']) expect(ask(machine, car)).toEqual(granted(car));
    expect(ask(machine, 'e')).toEqual([]);
    expect(succeed(machine, 'b')).toEqual(granted('e'));
  });

  test('bounds the calls in flight per car: one read besides its control', () => {
    const machine = breaker();
    expect(ask(machine, 'a.1', 'control')).toEqual(granted('a.1'));
    expect(ask(machine, 'a.2', 'read')).toEqual(granted('a.2'));
    expect(ask(machine, 'a.3', 'control')).toEqual([]);
    expect(ask(machine, 'a.4', 'read')).toEqual([]);
    expect(succeed(machine, 'a.2')).toEqual(granted('a.4'));
    expect(succeed(machine, 'a.1')).toEqual(granted('a.3'));
  });

  test('bounds calls that wait for a car by themselves, so that sleeping cars block nobody', () => {
    const machine = breaker();
    const cars = Array.from({ length: 8 }, (_, i) => `car${i}`);
    for (const car of cars) expect(ask(machine, car, 'carRead')).toEqual(granted(car));
    expect(ask(machine, 'car8', 'carRead')).toEqual([]);
    expect(ask(machine, 'car0.again', 'carRead')).toEqual([]);
    expect(ask(machine, 'car0.lock', 'control')).toEqual(granted('car0.lock'));
    expect(ask(machine, 'car0.read', 'read')).toEqual(granted('car0.read'));
    expect(ignore(machine, 'car1')).toEqual(granted('car8'));
    expect(ignore(machine, 'car0')).toEqual(granted('car0.again'));
  });

  test('lets a refresh through, however many calls are in flight', () => {
    const machine = breaker({ callsInFlight: 1 });
    ask(machine, 'a');
    expect(ask(machine, 'token', 'token', null)).toEqual(['token PERMIT_GRANTED r token#r']);
  });

  test('serves controls before reads, each in order', () => {
    const machine = breaker({ callsInFlight: 1 });
    ask(machine, 'a');
    ask(machine, 'read1', 'read');
    ask(machine, 'control1');
    ask(machine, 'read2', 'read');
    ask(machine, 'control2');
    const order = ['a', 'control1', 'control2', 'read1', 'read2'];
    for (const [i, holder] of order.entries()) {
      expect(succeed(machine, holder)).toEqual(granted(...order.slice(i + 1, i + 2)));
    }
  });

  test('serves what nobody waits for last', () => {
    const machine = breaker({ callsInFlight: 1 });
    ask(machine, 'a');
    ask(machine, 'own', 'read', 'own', true);
    ask(machine, 'asked', 'read');
    ask(machine, 'control');
    expect(succeed(machine, 'a')).toEqual(granted('control'));
    expect(succeed(machine, 'control')).toEqual(granted('asked'));
    expect(succeed(machine, 'asked')).toEqual(granted('own'));
  });

  test("passes over those whose own car's bound is full; they keep their place", () => {
    const machine = breaker();
    ask(machine, 'a.1');
    ask(machine, 'a.2');
    expect(ask(machine, 'b.1')).toEqual(granted('b.1'));
    ask(machine, 'a.3');
    expect(succeed(machine, 'a.1')).toEqual(granted('a.2'));
  });

  test('says so at the bound of the line', () => {
    const machine = breaker({ callsInFlight: 1, lineLimit: 1 });
    ask(machine, 'a');
    ask(machine, 'b');
    expect(ask(machine, 'c')).toEqual(['c PERMIT_DENIED r queueFull 30000']);
  });

  test('keeps an asker in line once, even if it asks twice', () => {
    const machine = breaker({ callsInFlight: 1 });
    ask(machine, 'a');
    ask(machine, 'b');
    ask(machine, 'b');
    expect(machine.context.line).toHaveLength(1);
  });

  test.each([
    ['by a report', (m: ReturnType<typeof breaker>) => succeed(m, 'a/1')],
    ['by a cancellation', (m: ReturnType<typeof breaker>) => cancel(m, 'a/1')],
    ['by the death of its holder', (m: ReturnType<typeof breaker>) => holderGone(m, 'a/1')],
    ['by the death of who is above its holder', (m: ReturnType<typeof breaker>) => holderGone(m, 'a')],
    ['by the time limit', (m: ReturnType<typeof breaker>) => m.advance(150_000)],
  ])('gets every permit back: %s', (_, giveBack) => {
    const machine = breaker({ callsInFlight: 1 });
    ask(machine, 'a/1');
    machine.advance(1);
    ask(machine, 'b');
    expect(giveBack(machine)).toEqual(granted('b'));
    expect(machine.context.out.map(({ permit }) => permit)).toEqual(['b#r']);
  });

  test('does not take the namesake of a dead holder for it', () => {
    const machine = breaker();
    ask(machine, 'car/12');
    holderGone(machine, 'car/1');
    expect(machine.context.out).toHaveLength(1);
  });

  test('drops a report that comes after the time limit', () => {
    const machine = breaker({ failureThreshold: 1 });
    ask(machine, 'a');
    machine.advance(150_000);
    machine.tell({ type: 'REPORT_FAILURE', permit: 'a#r', openForMs: null });
    expect(machine.state).toBe('closed');
  });

  test('leaves the line by a cancellation or a death, and is then not served', () => {
    const machine = breaker({ callsInFlight: 1 });
    ask(machine, 'a');
    ask(machine, 'b');
    ask(machine, 'c');
    ask(machine, 'd');
    cancel(machine, 'b');
    holderGone(machine, 'c');
    expect(succeed(machine, 'a')).toEqual(granted('d'));
  });
});
