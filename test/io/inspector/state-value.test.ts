import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode, StateValue as XStateValue } from 'xstate';
import { MACHINES } from '../../../scripts/diagrams/machines.ts';
import { entryOf as readByPage } from '../../../src/io/inspector/page/read-entry.ts';
import { readRecording } from '../../../src/io/inspector/page/recording.ts';
import { readStateValue, type StateValue, statesIn, stateValueOf } from '../../../src/io/inspector/state-value.ts';
import { entryOf } from '../../../src/io/inspector/wire-schema.ts';
import { final, ready } from '../../support/actor-system.ts';
import { observedSystems } from './observed.ts';
import type { Told } from './stream.ts';

const observed = observedSystems();

const below = (node: AnyStateNode): readonly AnyStateNode[] => [node, ...Object.values(node.states).flatMap(below)];
const inside = (path: readonly string[]): XStateValue =>
  path.reduceRight<XStateValue>((value, state) => ({ [state]: value }), {});

/** What XState makes of every state of a machine, that of the other regions added: the innermost names, and the value. */
function everyState(machine: AnyStateMachine) {
  return below(machine.root).map(({ path }) => {
    const { value, _nodes } = machine.resolveState({ value: inside(path), context: {} });
    const names = _nodes.filter(({ type }) => type === 'atomic' || type === 'final').map((node) => node.path.join('.'));
    return { value, names: names.sort() };
  });
}

interface Snapshot {
  readonly value: StateValue;
}
const TEXTS = ['sessionId', 'rootId', 'createdAt', 'id', '_version'];
const STATUSES = ['active', 'done', 'error', 'stopped'];

/** What of an entry is not as @statelyai/inspect has it: other fields may be there, too. */
function strayIn(one: Told): readonly string[] {
  const { type, parentId, sourceId, event, snapshot, name } = one as unknown as Record<string, unknown>;
  if (typeof type !== 'string' || !type.startsWith('@xstate.')) return [];
  const isType = (value: unknown) => typeof (value as { readonly type?: unknown } | undefined)?.type === 'string';
  const status = (snapshot as { readonly status?: string } | undefined)?.status ?? '';
  return [
    ...TEXTS.filter((key) => typeof one[key] !== 'string'),
    ...(['string', 'undefined'].includes(typeof parentId) ? [] : ['parentId']),
    ...(['string', 'undefined'].includes(typeof sourceId) ? [] : ['sourceId']),
    ...(type === '@xstate.actor' || isType(event) ? [] : ['event']),
    ...(type === '@xstate.event' || STATUSES.includes(status) ? [] : ['snapshot']),
    ...(type !== '@xstate.actor' || typeof name === 'string' ? [] : ['name']),
  ];
}

const snapshots = (told: readonly Told[]) => told.filter(({ type }) => type === '@xstate.snapshot');
const valueIn = ({ snapshot }: Told) => (snapshot as Snapshot).value;

describe('the value of a snapshot', () => {
  it.each(MACHINES.map((machine) => [machine.id, machine] as const))(
    'is XState’s, for every state of %s',
    (_, machine) => {
      const states = everyState(machine);
      expect(states.length).toBeGreaterThan(2);
      for (const { value, names } of states) {
        const ours: XStateValue = stateValueOf(names);
        expect(ours).toEqual(value);
        expect(statesIn(ours as StateValue)).toEqual(names);
        expect(machine.resolveState({ value: ours, context: {} }).value).toEqual(value);
      }
    },
  );

  it('is on the wire what the machine takes, of every actor', async () => {
    const { bus, cloud, listen, json } = await observed(['c1']);
    await ready(bus, 'c1');
    const stream = await listen('?since=0');
    cloud.revoke();
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    await final(bus, 'c1', 'one');
    await stream.told.next('its end', (one) => one.commandId === 'one' && JSON.stringify(one).includes('"done"'));
    const kinds = new Map(
      stream.all.filter(({ type }) => type === '@xstate.actor').map(({ sessionId, kind }) => [sessionId, String(kind)]),
    );
    const { actors } = (await json('/api/snapshot')) as { readonly actors: readonly Told[] };
    const seen = new Set<string>();
    for (const one of snapshots([...stream.all, ...actors])) {
      const kind = kinds.get(one.sessionId) ?? '';
      const machine = MACHINES.find(({ id }) => id === (kind === 'list' ? 'command' : kind));
      const value = valueIn(one);
      expect(machine?.resolveState({ value, context: {} }).value, JSON.stringify(one)).toEqual(value);
      seen.add(kind);
    }
    expect([...seen].sort()).toEqual(['account', 'breaker', 'bridge', 'command', 'fleet', 'list', 'token', 'vehicle']);
    expect(snapshots(stream.all).map(valueIn)).toContainEqual({ refreshing: { calling: 'renewing' } });
    for (const one of stream.all) expect(strayIn(one), JSON.stringify(one)).toEqual([]);
    // Who has no parent, and what has no source, says nothing of it.
    const [fleet] = stream.all.filter(({ sessionId, type }) => type === '@xstate.actor' && sessionId === 'fleet');
    expect(fleet).not.toHaveProperty('parentId');
    const outside = stream.all.filter((one) => one.type === '@xstate.event' && !('sourceId' in one));
    expect(outside.length).toBeGreaterThan(0);
    expect(stream.text).not.toMatch(/"(?:parentId|sourceId)":null/);
  });

  it('is not what it was in recordings of version 1, which are read all the same', async () => {
    const text = readFileSync(new URL('../../../docs/recordings/expiry.jsonl', import.meta.url), 'utf8');
    expect(text).toContain('"version":1,');
    const lines = text.trimEnd().split('\n').slice(1);
    const old = lines.map(
      (line) => JSON.parse(line) as { readonly type: string; readonly snapshot?: { value?: unknown } },
    );
    const arrays = old.filter(({ type }) => type === '@xstate.snapshot').map(({ snapshot }) => snapshot?.value);
    expect(arrays).toContainEqual(['refreshing.calling.renewing']);
    const read = [lines.map(entryOf), lines.map((line) => readByPage(JSON.parse(line)))];
    for (const entries of read) {
      const values = entries.flatMap((entry) => (entry?.type === '@xstate.snapshot' ? [entry.snapshot.value] : []));
      expect(values.map(statesIn)).toEqual(arrays);
      expect(entries.some((entry) => entry?.type === '@xstate.actor' && entry.parentId === undefined)).toBe(true);
    }
    expect(await readRecording('expiry', text)).toMatchObject({ name: 'expiry', skipped: 0 });
    const header = (version: number) => text.replace('"version":1', `"version":${version}`);
    expect(await readRecording('expiry', header(2))).toMatchObject({ name: 'expiry' });
    expect(await readRecording('expiry', header(3))).toBe('expiry is of version 3; this page reads version 1 and 2.');
  });

  it('is nothing, or a part of it, where somebody else has written it', () => {
    expect(readStateValue(undefined)).toEqual({});
    expect(readStateValue(7)).toEqual({});
    expect(readStateValue({ a: 7, b: { c: 'd', e: null } })).toEqual({ b: { c: 'd' } });
    expect(readStateValue(['a.b', 3, 'c'])).toEqual({ a: 'b', c: {} });
    expect(Object.getPrototypeOf(readStateValue(JSON.parse('{"__proto__": "a"}')))).toBe(Object.prototype);
    const deep = JSON.parse(`${'{"a":'.repeat(5_000)}"b"${'}'.repeat(5_000)}`);
    expect(statesIn(readStateValue(deep))).toEqual([Array.from({ length: 15 }, () => 'a').join('.')]);
    expect(statesIn(readStateValue(['a.'.repeat(50_000)]))).toEqual(['a.'.repeat(50_000)]);
  });
});
