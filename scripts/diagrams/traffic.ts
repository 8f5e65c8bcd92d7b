import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf, resolve } from '../../src/actors/addresses.ts';
import type { Address, Envelope } from '../../src/machines/domain/events.ts';

/**
 * Who starts whom and who says what to whom, by kinds of actors. Nobody writes that down: it is heard while the machines
 * are explored and while a whole system runs, and kept in `diagrams/system.json`.
 */
export interface Traffic {
  /** `account → token` */
  readonly spawns: readonly string[];
  /** `command → token`, and the types of the events; for the world outside topics, calls and methods. */
  readonly sends: Readonly<Record<string, readonly string[]>>;
}

export const TRAFFIC_FILE = join(import.meta.dirname, '..', '..', 'diagrams', 'system.json');

/** Throws if nothing has been recorded yet. */
export function recordedTraffic(): Traffic {
  return JSON.parse(readFileSync(TRAFFIC_FILE, 'utf8')) as Traffic;
}

/** One line for everything that is said: `command → token: REFRESH`. In order. */
export function linesOf({ sends }: Traffic): readonly string[] {
  return Object.entries(sends)
    .flatMap(([route, events]) => events.map((event) => `${route}: ${event}`))
    .sort();
}
export const senderOf = (line: string): string => line.split(' → ')[0] ?? '';
export const receiverOf = (line: string): string => line.split(/ → |: /)[1] ?? '';

/** A reading of the vehicle list is a command like the others, of the account. */
const kind = (address: Address): string => (kindOf(address) === 'list' ? 'command' : kindOf(address));

interface Call {
  readonly src: string;
  readonly input: unknown;
}

/** Hears. */
export class Ear {
  readonly #spawns = new Set<string>();
  readonly #sends = new Map<string, Set<string>>();
  readonly #known = new WeakSet<object>();

  spawned(parent: Address, child: Address): void {
    this.#spawns.add(`${kind(parent)} → ${kind(child)}`);
  }

  /** Between actors. The same object is listened to once. */
  sent(said: { readonly from: Address; readonly to: Address; readonly event: { readonly type: string } }): void {
    if (this.#known.has(said)) return;
    this.#known.add(said);
    this.heard(kind(said.from), kind(said.to), said.event.type);
  }

  /** What a machine asks to be sent. */
  told(from: Address, { to, event }: Envelope): void {
    const address = resolve(from, to);
    if (address !== null) this.heard(kind(from), kind(address), event.type);
  }

  /** What a machine invokes: all of it goes to the cloud. */
  called(from: Address, call: Call): void {
    if (this.#known.has(call)) return;
    this.#known.add(call);
    const { input } = call as { readonly input?: { readonly call?: { readonly type?: string } } | undefined };
    const what = input?.call?.type;
    this.heard(kind(from), 'cloud', what === undefined ? call.src : `${call.src} ${what}`);
  }

  /** `from` and `to` are kinds, or parts of the world. */
  heard(from: string, to: string, what: string): void {
    const route = `${from} → ${to}`;
    const known = this.#sends.get(route) ?? new Set();
    this.#sends.set(route, known.add(what));
  }

  traffic(): Traffic {
    const routes = [...this.#sends].sort(([one], [other]) => (one < other ? -1 : 1));
    return {
      spawns: [...this.#spawns].sort(),
      sends: Object.fromEntries(routes.map(([route, events]) => [route, [...events].sort()])),
    };
  }
}
