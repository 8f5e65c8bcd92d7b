import type { Slice } from './slice.ts';
import type { Share } from './world.ts';

/**
 * Cars that want the same are interchangeable: global states that differ in their names only are one. So the hash of a
 * state is made for every renaming of such cars, and the least of them stands for all. A hash is the sum of the shares of
 * the state's parts: a step changes few parts, so it changes the sums and nothing is hashed anew. 96 bits are kept.
 */
export class Renamings {
  /** Of the sums of one state: three lanes for each renaming. */
  readonly width: number;
  private readonly all: readonly Renaming[];

  constructor(slice: Slice) {
    this.all = renamingsOf(slice).map((names) => new Renaming(names));
    this.width = LANES * this.all.length;
  }

  /** The share of a part of this kind, of which `texts` tell all that matters. */
  share(kind: number, texts: readonly [string, string], more = 0): Share {
    const share = new Int32Array(this.width);
    this.all.forEach((renaming, at) => {
      const [x, y] = [hashOf(renaming.renamed(texts[0])), hashOf(renaming.renamed(texts[1]))];
      for (let lane = 0; lane < LANES; lane += 1) {
        share[at * LANES + lane] = mixed(kind, x[lane] ?? 0, y[lane] ?? 0, more, SEEDS[lane] ?? 0);
      }
    });
    return share;
  }

  /** The same for JSON whose lists and tables are sorted by names. */
  sortedShare(kind: number, json: string, more: number): Share {
    const share = new Int32Array(this.width);
    this.all.forEach((renaming, at) => {
      const x = hashOf(renaming.sorted(json));
      for (let lane = 0; lane < LANES; lane += 1) {
        share[at * LANES + lane] = mixed(kind, x[lane] ?? 0, 0, more, SEEDS[lane] ?? 0);
      }
    });
    return share;
  }
}

const LANES = 3;
const SEEDS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35];
function mixed(x: number, y: number, z: number, w: number, seed: number): number {
  let hash = seed;
  hash = Math.imul(hash ^ x, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15) ^ y, 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13) ^ z, 0x297a2d39);
  hash = Math.imul(hash ^ (hash >>> 16) ^ w, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
  return hash ^ (hash >>> 14);
}

/** Of a text: lanes that have nothing to do with each other. */
function hashOf(text: string): readonly [number, number, number] {
  let [a, b, c] = [0x6a09e667, 0x3c6ef372, 0x510e527f];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ code, 0x5bd1e995);
    b ^= b >>> 13;
    c = Math.imul(c ^ code, 0x2c1b3c6d);
    c ^= c >>> 16;
  }
  return [a, b, c];
}

/** Where in `sums` the least of the hashes begins. */
export function leastOf(sums: Int32Array, width: number, from = 0): number {
  let least = from;
  for (let at = from + LANES; at < from + width; at += LANES) {
    const a = (sums[at] as number) - (sums[least] as number);
    const b = (sums[at + 1] as number) - (sums[least + 1] as number);
    if (a < 0 || (a === 0 && (b < 0 || (b === 0 && (sums[at + 2] as number) < (sums[least + 2] as number)))))
      least = at;
  }
  return least;
}

/** Every way in which cars that want the same can change their names. */
function renamingsOf({ orders }: Slice): readonly ReadonlyMap<string, string>[] {
  const byWish = new Map<string, string[]>();
  for (const car of new Set(orders.map((order) => order.car))) {
    const wish = JSON.stringify(
      orders
        .filter((order) => order.car === car)
        .map(({ command, expiresInMs, resume }) => [command, expiresInMs, resume]),
    );
    byWish.set(wish, [...(byWish.get(wish) ?? []), car]);
  }
  return [...byWish.values()].reduce<ReadonlyMap<string, string>[]>(
    (all, cars) =>
      all.flatMap((names) =>
        permutationsOf(cars).map(
          (order) => new Map([...names, ...order.map((car, at) => [cars[at] ?? car, car] as const)]),
        ),
      ),
    [new Map()],
  );
}

function permutationsOf(cars: readonly string[]): readonly (readonly string[])[] {
  if (cars.length < 2) return [cars];
  return cars.flatMap((car) => permutationsOf(cars.filter((other) => other !== car)).map((rest) => [car, ...rest]));
}

/** Cars' names are found wherever they are in a text: that is why no other word may contain one. */
class Renaming {
  private readonly names: ReadonlyMap<string, string>;
  private readonly pattern: RegExp | null;

  constructor(names: ReadonlyMap<string, string>) {
    this.names = names;
    const isIdentity = [...names].every(([from, to]) => from === to);
    this.pattern = isIdentity ? null : new RegExp([...names.keys()].join('|'), 'g');
  }

  renamed(text: string): string {
    return this.pattern === null ? text : text.replace(this.pattern, (name) => this.names.get(name) ?? name);
  }

  sorted(json: string): string {
    const text = this.renamed(json);
    return /^[[{]/.test(text) ? JSON.stringify(sorted(JSON.parse(text))) : text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, sorted(inner)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
