import { describe, expect, it } from 'vitest';
import type { OutboundMessage } from '../../../src/actors/ports.ts';
import { Outbox } from '../../../src/io/mqtt/outbox.ts';

const LIMITS = { awayLimit: 3, backlogLimit: 5, retainedLimit: 2 };

function retained(topic: string, payload: string): OutboundMessage {
  return { topic, payload, qos: 1, retain: true };
}

function result(payload: string, qos: 0 | 1 = 1): OutboundMessage {
  return { topic: 'result', payload, qos, retain: false };
}

function sendAll(outbox: Outbox, settle = true): string[] {
  const sent: string[] = [];
  for (let next = outbox.take(); next !== null; next = outbox.take()) {
    sent.push(`${next.message.topic}=${next.message.payload}`);
    if (settle) outbox.settle(next.ticket);
  }
  return sent;
}

describe('the outbox', () => {
  it('sends in the order of publishing while the broker is there', () => {
    const outbox = new Outbox(LIMITS);
    outbox.connectionBack();
    outbox.add(result('1'));
    outbox.add(retained('a', '2'));
    outbox.add(result('3', 0));
    expect(sendAll(outbox)).toEqual(['result=1', 'a=2', 'result=3']);
    expect(outbox.isEmpty).toBe(true);
  });

  it('sends only the last value of a retained topic that still waits, in the place of the last', () => {
    const outbox = new Outbox(LIMITS);
    outbox.connectionBack();
    outbox.add(retained('a', 'old'));
    outbox.add(result('between'));
    outbox.add(retained('a', 'new'));
    expect(sendAll(outbox)).toEqual(['result=between', 'a=new']);
  });

  it('repeats the retained topics on a new connection, then what was not acknowledged, then what waited', () => {
    const outbox = new Outbox(LIMITS);
    outbox.connectionBack();
    outbox.add(retained('a', '1'));
    outbox.add(result('unacknowledged'));
    expect(sendAll(outbox, false)).toHaveLength(2);
    outbox.add(result('waiting'));
    outbox.connectionLost();
    expect(outbox.inFlight).toBe(0);
    outbox.add(retained('b', '2'));
    outbox.connectionBack();
    expect(sendAll(outbox)).toEqual(['a=1', 'b=2', 'result=unacknowledged', 'result=waiting']);
  });

  it('ignores the acknowledgement of a message of an earlier connection', () => {
    const outbox = new Outbox(LIMITS);
    outbox.connectionBack();
    outbox.add(result('1'));
    const first = outbox.take();
    outbox.connectionLost();
    outbox.connectionBack();
    if (first !== null) outbox.settle(first.ticket);
    expect(sendAll(outbox)).toEqual(['result=1']);
  });

  it('keeps no QoS 0 message that is not retained while the broker is away', () => {
    const outbox = new Outbox(LIMITS);
    expect(outbox.add(result('1', 0))).toBe('notKept');
    outbox.connectionBack();
    outbox.add(result('2', 0));
    outbox.connectionLost();
    outbox.connectionBack();
    expect(sendAll(outbox)).toEqual([]);
  });

  it('drops the oldest beyond the bound, counts them, and never a retained topic for a result', () => {
    const outbox = new Outbox(LIMITS);
    outbox.add(retained('a', '0'));
    for (const payload of ['1', '2', '3']) expect(outbox.add(result(payload))).toBe('waiting');
    for (const payload of ['4', '5']) expect(outbox.add(result(payload))).toBe('droppedOldest');
    expect(outbox.takeDropped()).toBe(2);
    expect(outbox.takeDropped()).toBe(0);
    outbox.connectionBack();
    expect(sendAll(outbox)).toEqual(['a=0', 'result=3', 'result=4', 'result=5']);
  });

  it('has room for more while the broker is there, and cuts back to the smaller bound when it goes', () => {
    const outbox = new Outbox(LIMITS);
    outbox.connectionBack();
    for (let i = 1; i <= 6; i += 1) outbox.add(result(String(i)));
    expect(outbox.takeDropped()).toBe(1);
    outbox.connectionLost();
    expect(outbox.takeDropped()).toBe(2);
    outbox.connectionBack();
    expect(sendAll(outbox)).toEqual(['result=4', 'result=5', 'result=6']);
  });

  it('forgets a retained topic once its deletion has reached the broker', () => {
    const outbox = new Outbox(LIMITS);
    outbox.connectionBack();
    outbox.add(retained('a', 'x'));
    outbox.add(retained('a', ''));
    expect(sendAll(outbox, false)).toEqual(['a=']);
    outbox.connectionLost();
    outbox.connectionBack();
    expect(sendAll(outbox)).toEqual(['a=']);
    outbox.connectionLost();
    outbox.connectionBack();
    expect(sendAll(outbox)).toEqual([]);
  });

  it('sends a retained topic beyond the bound without repeating it', () => {
    const outbox = new Outbox(LIMITS);
    outbox.connectionBack();
    outbox.add(retained('a', '1'));
    outbox.add(retained('b', '2'));
    expect(outbox.add(retained('c', '3'))).toBe('notKept');
    expect(sendAll(outbox)).toEqual(['a=1', 'b=2', 'c=3']);
    outbox.connectionLost();
    outbox.connectionBack();
    expect(sendAll(outbox)).toEqual(['a=1', 'b=2']);
  });
});
