import { beforeAll, describe, expect, test } from 'vitest';
import { listenToALife } from '../../scripts/diagrams/life.ts';
import { systemGraphOf } from '../../scripts/diagrams/system-graph.ts';
import { type Area, layOutSystem, type PlacedLine } from '../../scripts/diagrams/system-layout.ts';
import { systemMermaid, systemSvg } from '../../scripts/diagrams/system-picture.ts';
import { Ear, linesOf, receiverOf, recordedTraffic, senderOf, type Traffic } from '../../scripts/diagrams/traffic.ts';
import type { ProtocolEvent } from '../../src/machines/domain/events.ts';

/** A new event of the protocol does not compile before it stands here; then the picture must have it, too. */
const EVENTS: Readonly<Record<ProtocolEvent['type'], true>> = {
  REQUEST_TOKEN: true,
  REFRESH: true,
  TOKEN_REJECTED: true,
  TOKEN_WORKED: true,
  CANCEL_TOKEN: true,
  BREAKER_CLOSED: true,
  SESSION_CHANGED: true,
  TOKEN_READY: true,
  TOKEN_FAILED: true,
  TOKEN_CHANGED: true,
  REQUEST_PERMIT: true,
  CANCEL_PERMIT: true,
  HOLDER_GONE: true,
  REPORT_SUCCESS: true,
  REPORT_FAILURE: true,
  REPORT_IGNORED: true,
  PERMIT_GRANTED: true,
  PERMIT_DENIED: true,
  PROBE_WANTED: true,
  BREAKER_CHANGED: true,
  COMMAND: true,
  START: true,
  DROP: true,
  MESSAGE_EXPIRED: true,
  COMMAND_DISPATCHED: true,
  STATE_READ: true,
  CARS_READ: true,
  COMMAND_TAKEN: true,
  COMMAND_ENDED: true,
  COMMAND_SETTLED: true,
  COMMAND_UNDERWAY: true,
  ACTION_BEGUN: true,
  STATE_CHANGED: true,
  POLL_PLANNED: true,
  TOKEN_RESTARTED: true,
  BREAKER_RESTARTED: true,
  CARS_LISTED: true,
  VEHICLE_RESTARTED: true,
  ACCOUNT_CHANGED: true,
  SHUT_DOWN: true,
  DRAINED: true,
};

const recorded = recordedTraffic();
const graph = systemGraphOf(recorded);
const svg = systemSvg(graph);
const mermaid = systemMermaid(graph);

describe('what was recorded of the system', () => {
  const ear = new Ear();
  let lived: Traffic = { spawns: [], sends: {} };
  beforeAll(async () => {
    await listenToALife(ear);
    lived = ear.traffic();
  });

  test('has everything that the running actors say, start, ask of the world and are told by it', () => {
    const missing = linesOf(lived).filter((line) => !linesOf(recorded).includes(line));
    expect(missing, 'npm run diagrams -- --observe draws it').toEqual([]);
    expect(lived.spawns).toEqual(recorded.spawns);
  });

  test('has nothing of the world, or of the bridge, that does not happen any more', () => {
    const world = new Set(graph.boxes.filter(({ isWorld }) => isWorld).map(({ name }) => name));
    // What goes to the cloud is heard by the explorations, which know every call: test/model.
    const isOfTheWorld = (line: string) =>
      world.has(senderOf(line)) || senderOf(line) === 'bridge' || receiverOf(line) === 'journal';
    const gone = linesOf(recorded).filter((line) => isOfTheWorld(line) && !linesOf(lived).includes(line));
    expect(gone, 'npm run diagrams -- --observe removes it').toEqual([]);
  });

  test('has every event of the protocol', () => {
    const known = new Set(linesOf(recorded).map((line) => line.split(': ')[1]));
    expect(Object.keys(EVENTS).filter((event) => !known.has(event))).toEqual([]);
  });

  test('has nothing else between actors', () => {
    const world = new Set(graph.boxes.filter(({ isWorld }) => isWorld).map(({ name }) => name));
    const inner = linesOf(recorded).filter((line) => ![senderOf(line), receiverOf(line)].some((who) => world.has(who)));
    expect(inner.length).toBeGreaterThanOrEqual(Object.keys(EVENTS).length - 1);
    expect(inner.filter((line) => !Object.hasOwn(EVENTS, line.split(': ')[1] ?? ''))).toEqual([]);
  });
});

describe('the picture of the system', () => {
  test('shows every actor and every part of the world once', () => {
    const names = [...svg.matchAll(/data-actor="([^"]*)"/g)].map(([, name]) => name);
    expect(names).toEqual(graph.boxes.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['fleet', 'bridge', 'account', 'vehicle', 'command', 'token']));
    for (const name of names) expect(mermaid).toMatch(new RegExp(`^    ${name}[\\[(]`, 'm'));
  });

  test('shows everything that was recorded, at its line, and nothing else', () => {
    const shown = graph.lines.flatMap(({ one, other }) => {
      const group = svg.split(`data-route="${one} → ${other}"`)[1]?.split('</g>')[0] ?? '';
      let route = '';
      return [...group.matchAll(/<text class="(route|event)"[^>]*>([^<]*)</g)].flatMap(([, style, text = '']) => {
        if (style === 'event')
          return text
            .split(/, ?/)
            .filter(Boolean)
            .map((event) => `${route}: ${event}`);
        route = text;
        return [];
      });
    });
    expect(shown.sort()).toEqual(linesOf(recorded));
    for (const route of recorded.spawns) expect(svg).toContain(`>${route.replace(' → ', ' starts ')}<`);
    for (const events of Object.values(recorded.sends)) for (const event of events) expect(mermaid).toContain(event);
  });

  test('has no crossing, no words on each other, no line through a box or through words of another', () => {
    const { boxes, lines, width, height } = layOutSystem(graph);
    expect(width).toBeLessThanOrEqual(1_020);
    const solid = [...boxes.map((box) => ({ name: box.box.name, area: box as Area })), ...lines.map(labelled)];
    for (const [i, one] of solid.entries()) {
      for (const other of solid.slice(i + 1))
        expect([one.name, other.name, overlap(one.area, other.area)]).toEqual([one.name, other.name, false]);
      const { x, y } = one.area;
      expect(x >= 0 && y >= 0 && x + one.area.width <= width && y + one.area.height <= height, one.name).toBe(true);
    }
    for (const line of lines) {
      for (const part of partsOf(line)) {
        for (const { name, area } of solid) {
          if (name !== nameOf(line))
            expect([nameOf(line), name, overlap(part, area)]).toEqual([nameOf(line), name, false]);
        }
        for (const other of lines) {
          if (other === line) continue;
          for (const its of partsOf(other))
            expect([nameOf(line), nameOf(other), overlap(part, its)]).toEqual([nameOf(line), nameOf(other), false]);
        }
      }
    }
  });

  test('refuses to be drawn without somebody who is new, or without a way for two who talk now', () => {
    const withMore = (route: string): Traffic => ({ ...recorded, sends: { ...recorded.sends, [route]: ['NEWS'] } });
    expect(() => systemGraphOf(withMore('ghost → token'))).toThrow(/ghost is new/);
    expect(() => layOutSystem(systemGraphOf(withMore('signal → cloud')))).toThrow(/signal and cloud talk now/);
  });
});

const nameOf = ({ line }: PlacedLine) => `${line.one} → ${line.other}`;
const labelled = (line: PlacedLine) => ({ name: nameOf(line), area: line.label });
/** As thin areas, shortened by the px at which a line touches its box. */
const partsOf = ({ points }: PlacedLine): readonly Area[] =>
  points.slice(1).map((end, i) => {
    const start = points[i] ?? end;
    const [x, y] = [Math.min(start.x, end.x), Math.min(start.y, end.y)];
    const [width, height] = [Math.abs(end.x - start.x), Math.abs(end.y - start.y)];
    return {
      x: x + (width > 0 ? 0.5 : 0),
      y: y + (height > 0 ? 0.5 : 0),
      width: Math.max(0, width - 1),
      height: Math.max(0, height - 1),
    };
  });
const overlap = (a: Area, b: Area) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
