import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import type { CommandResult } from '../support/observer.ts';
import type { Stage } from '../support/stage.ts';
import { explainFailure, it, openStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ cars: 2 });
}, 90_000);
afterAll(() => stage.close());
beforeEach(() => explainFailure(stage));

/** Sends something bad and waits for its one answer; nothing of it may reach the cloud. */
async function answerTo(command: string, payload: string | Buffer, car = 'c0'): Promise<CommandResult> {
  await stage.mqtt.caughtUp();
  const [since, calls] = [stage.mqtt.seen.all.length, stage.mark];
  await stage.mqtt.publish(stage.mqtt.commandTopic(car, command), payload);
  const result = await stage.mqtt.nextResult(car, command, since);
  await stage.mqtt.caughtUp();
  const topic = `${stage.mqtt.commandTopic(car, command)}/result`;
  expect(stage.mqtt.seen.all.slice(since).filter((message) => message.topic === topic)).toHaveLength(1);
  expect(stage.cloud.log.filter(({ n }) => n > calls)).toEqual([]);
  expect(result.message).toMatch(/^[A-Z].*\.$/);
  expect(result.attempts).toBe(0);
  return result;
}

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('a message that makes no sense', () => {
  const bad: readonly (readonly [string, string, string | Buffer, string])[] = [
    ['JSON that breaks off', 'lock', '{"action": "lock"', 'malformed'],
    ['an empty message', 'lock', '', 'malformed'],
    ['an empty object', 'lock', '{}', 'malformed'],
    ['a list', 'lock', '["lock"]', 'malformed'],
    ['null', 'lock', 'null', 'malformed'],
    ['a number', 'lock', '1', 'malformed'],
    ['another word', 'lock', 'open sesame', 'malformed'],
    ['another action', 'lock', '{"action": "explode"}', 'invalidOption'],
    ['an action that is a number', 'lock', '{"action": 1}', 'invalidOption'],
    ['an action that is an object', 'lock', '{"action": {"lock": true}}', 'invalidOption'],
    ['an id that is a number', 'lock', '{"action": "lock", "id": 7}', 'malformed'],
    ['an id that is too long', 'lock', JSON.stringify({ action: 'lock', id: 'x'.repeat(129) }), 'malformed'],
    ['an id with a line end', 'lock', JSON.stringify({ action: 'lock', id: 'a\nb' }), 'malformed'],
    ['an end of validity that is no time', 'lock', '{"action": "lock", "expires_at": "soon"}', 'malformed'],
    ['refresh smart without a number', 'refresh', 'smart:', 'malformed'],
    ['refresh smart of no seconds', 'refresh', 'smart:0', 'invalidOption'],
    ['refresh smart of too many seconds', 'refresh', 'smart:604801', 'invalidOption'],
    ['refresh smart of half a second', 'refresh', 'smart:0.5', 'invalidOption'],
    ['refresh smart of a negative number', 'refresh', 'smart:-1', 'invalidOption'],
    ['binary data', 'lock', Buffer.from([0x80, 0xff, 0x00, 0xfe, 0xc3, 0x28]), 'malformed'],
    ['a null byte after the word', 'lock', Buffer.from('lock\0'), 'malformed'],
    ['JSON nested nine deep', 'lock', nested(9), 'malformed'],
    ['JSON nested thirteen hundred deep', 'lock', nested(1_300), 'malformed'],
    ['brackets without end', 'lock', '['.repeat(8_000), 'malformed'],
    ['more than 8 KiB', 'lock', JSON.stringify({ action: 'lock', note: 'x'.repeat(8_192) }), 'tooLarge'],
    ['a megabyte', 'lock', Buffer.alloc(1_048_576, 'x'), 'tooLarge'],
    ['a command that does not exist', 'fly', '{"action": "lock"}', 'unknownCommand'],
    ['a command with the name of a property', '__proto__', '{}', 'unknownCommand'],
    ['a command that is called constructor', 'constructor', 'on', 'unknownCommand'],
  ];
  it.each(bad)('%s is answered with the reason, and nothing goes to the cloud', async (_, command, payload, reason) => {
    expect(await answerTo(command, payload)).toMatchObject({ status: 'rejected', reason, command });
  });

  it('that deletes a retained one is answered as empty, and the last command of the car stays', async () => {
    const { id } = await stage.lockAndSettle('c0');
    await stage.mqtt.caughtUp();
    const since = stage.mqtt.seen.all.length;
    await stage.mqtt.publish(stage.mqtt.commandTopic('c0', 'lock'), '', { retain: true });
    expect(await stage.mqtt.nextResult('c0', 'lock', since)).toMatchObject({
      status: 'rejected',
      reason: 'malformed',
      message: expect.stringMatching(/delete a retained message/),
      hint: expect.stringMatching(/^Send lock or unlock/),
    });
    await stage.mqtt.caughtUp();
    expect(stage.mqtt.last('c0/command')?.json).toMatchObject({ id });
    expect(stage.mqtt.seen.all.slice(since).filter(({ topic }) => /c0\/(command|status\/error)$/.test(topic))).toEqual(
      [],
    );
  });

  it('for an unknown car is answered, nothing is retained, and at most ten times a minute', async () => {
    expect(await answerTo('lock', 'lock', 'nobody')).toMatchObject({ status: 'rejected', reason: 'unknownCar' });
    const since = stage.mark;
    for (let n = 0; n < 30; n += 1) await stage.mqtt.send(`stranger${n}`, 'lock', 'unlock');
    await stage.lockAndSettle('c0');
    const toStrangers = stage.mqtt.below().filter(({ path: [car = ''] }) => /^(stranger|nobody)/.test(car));
    const ours = toStrangers.filter(({ path }) => path.at(-1) !== 'lock');
    expect(ours.length).toBeLessThanOrEqual(10);
    expect(ours.map(({ path }) => path.at(-1))).toEqual(ours.map(() => 'result'));
    expect(ours.map(({ message }) => message.retain)).toEqual(ours.map(() => false));
    expect(stage.calls('control', since).map(({ car }) => car)).toEqual(['c0']);
  });

  it('with keys that nobody knows is executed, and the result names them', async () => {
    // The read after it is over, so that the next test finds silence.
    const result = await stage.commandAndSettle('c1', 'lock', { action: 'lock', colour: 'red', 'x\n"y': 1 });
    expect(result).toMatchObject({ status: 'succeeded' });
    expect(result.ignored).toContain('colour');
  });

  it('too old when it comes is expired, and nothing goes to the cloud', async () => {
    const payload = JSON.stringify({ action: 'unlock', expires_at: '2020-01-01T00:00:00Z' });
    expect(await answerTo('lock', payload)).toMatchObject({ status: 'expired', reason: 'expired' });
  });

  it('after all of this the daemon lives and serves', async () => {
    expect(await stage.mqtt.lock('c0', 'unlock')).toMatchObject({ status: 'succeeded' });
    expect(stage.daemon.log.all.filter(({ level }) => level === 'error')).toEqual([]);
    expect(stage.daemon.stderr).toBe('');
    // What strangers sent is in no line of the log as it came: a line is a line.
    for (const line of stage.daemon.stdout.split('\n')) if (line !== '') expect(() => JSON.parse(line)).not.toThrow();
  });
});

describe('the same command twice', () => {
  it('under one id is one execution, and both senders get the same end', async () => {
    const since = stage.mark;
    const id = await stage.mqtt.send('c1', 'lock', { action: 'unlock', id: 'same' });
    await stage.mqtt.send('c1', 'lock', { action: 'unlock', id: 'same' });
    const finals = () => stage.mqtt.results('c1').filter((record) => record.id === id && record.status !== 'accepted');
    await stage.mqtt.seen.until('two answers', () => (finals().length === 2 ? true : undefined));
    await stage.mqtt.send('c1', 'lock', { id: 'same', action: 'unlock' });
    await stage.mqtt.seen.until('three answers', () => (finals().length === 3 ? true : undefined));
    expect(finals().map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(finals().map(({ duplicate }) => duplicate)).toEqual([undefined, true, true]);
    expect(stage.calls('control', since)).toHaveLength(1);
  });

  it('under one id but with another payload, command or car is refused', async () => {
    expect(await stage.mqtt.command('c1', 'lock', { action: 'lock', id: 'once' })).toMatchObject({
      status: 'succeeded',
    });
    const since = stage.mark;
    for (const [car, command, action] of [
      ['c1', 'lock', 'unlock'],
      ['c1', 'refresh', 'cached'],
      ['c0', 'lock', 'lock'],
    ] as const) {
      await stage.mqtt.send(car, command, { action, id: 'once' });
      const isRefusal = (record: CommandResult) => record.id === 'once' && record.reason === 'idReused';
      await stage.mqtt.seen.until(`the refusal of ${action}`, () => stage.mqtt.results(car, command).find(isRefusal));
    }
    expect(stage.calls('control', since)).toEqual([]);
    expect(stage.cloud.car('c1').actual.locked).toBe(true);
  });
});

describe('a command that the broker kept', () => {
  it('from before the start is not executed, and that is said', async ({ aStage }) => {
    const own = await aStage({ start: false });
    own.cloud.car('c0').change({ locked: true });
    const topic = own.mqtt.commandTopic('c0', 'lock');
    await own.mqtt.publish(topic, JSON.stringify({ action: 'unlock', id: 'yesterday' }), { retain: true });
    await own.mqtt.publish(own.mqtt.commandTopic('c0', 'refresh'), 'force', { retain: true });
    own.start();
    await own.ready();
    expect(await own.mqtt.result('yesterday')).toMatchObject({
      status: 'rejected',
      reason: 'retained',
      hint: expect.stringMatching(/retain/),
    });
    expect(await own.mqtt.nextResult('c0', 'refresh', 0)).toMatchObject({ status: 'rejected', reason: 'retained' });
    expect(own.calls('control')).toEqual([]);
    expect(own.calls('status.forced')).toEqual([]);
    expect(own.cloud.car('c0').actual.locked).toBe(true);
    // A live one is executed all the same.
    expect(await own.mqtt.lock('c0', 'unlock')).toMatchObject({ status: 'succeeded' });
  });
});
