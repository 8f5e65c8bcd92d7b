import type { Traffic } from './traffic.ts';

/** The system as it is drawn: a box for every kind of actor and part of the world, a line for any two that talk. */
export interface SystemGraph {
  readonly boxes: readonly SystemBox[];
  readonly lines: readonly SystemLine[];
}
export interface SystemBox {
  readonly name: string;
  readonly isWorld: boolean;
  /** A sentence on it. */
  readonly what: string;
}
export interface SystemLine {
  readonly one: string;
  readonly other: string;
  /** Whether `one` starts `other`. */
  readonly spawns: boolean;
  /** What `one` says to `other`, and what it is told. */
  readonly there: readonly string[];
  readonly back: readonly string[];
}

/** From the world down to the cloud: in this order the boxes stand, as far as their lines allow. */
const ACTORS: Readonly<Record<string, string>> = {
  fleet: 'starts and stops everybody',
  bridge: 'the MQTT side',
  account: 'one cloud account',
  vehicle: 'one car: its queue, its state',
  command: 'one command or read',
  token: 'owns the session',
  breaker: 'guards the cloud',
};
const WORLD: Readonly<Record<string, string>> = {
  signal: 'of the operating system',
  broker: 'MQTT',
  journal: 'what survives a crash',
  cloud: 'through its gateway',
};
const ORDER = [
  'signal',
  'broker',
  'fleet',
  'bridge',
  'journal',
  'account',
  'vehicle',
  'command',
  'token',
  'breaker',
  'cloud',
];

/** Throws if somebody talks of whom nothing is known here. */
export function systemGraphOf({ spawns, sends }: Traffic): SystemGraph {
  const names = new Set([...spawns, ...Object.keys(sends)].flatMap((route) => route.split(' → ')));
  const rankOf = (name: string): number => {
    if (!ORDER.includes(name)) throw new Error(`${name} is new: give it a place in scripts/diagrams/system-graph.ts.`);
    return ORDER.indexOf(name);
  };
  const ordered = [...names].sort((one, other) => rankOf(one) - rankOf(other));
  const boxes = ordered.map((name) => ({ name, isWorld: name in WORLD, what: ACTORS[name] ?? WORLD[name] ?? '' }));
  const lines = ordered.flatMap((one, i) =>
    ordered.slice(i + 1).flatMap((other): readonly SystemLine[] => {
      const there = sends[`${one} → ${other}`] ?? [];
      const back = sends[`${other} → ${one}`] ?? [];
      const isSpawn = spawns.includes(`${one} → ${other}`);
      return there.length + back.length === 0 && !isSpawn ? [] : [{ one, other, spawns: isSpawn, there, back }];
    }),
  );
  return { boxes, lines };
}
