import type { Local } from './local.ts';
import type { Slice } from './slice.ts';
import { Hash } from './state-set.ts';
import type { World } from './world.ts';

/**
 * What tells one global state from another, up to the names of cars that want the same: the cars are put in an order
 * that depends on what happens to them, and renamed after their places. (Of cars in equal states the order stays as it
 * is: then fewer states are found equal than are, never more.)
 */
export class Keys {
  private readonly numbers = new Map<string, number>();
  /** Of each renaming: what was renamed already. */
  private readonly renamings = new Map<string, Renaming>();
  private readonly groups: readonly (readonly string[])[];
  private readonly slice: Slice;

  constructor(slice: Slice) {
    this.slice = slice;
    const byWish = new Map<string, string[]>();
    for (const car of new Set(slice.orders.map((order) => order.car))) {
      const wish = JSON.stringify(
        slice.orders
          .filter((order) => order.car === car)
          .map(({ command, expiresInMs, resume }) => [command, expiresInMs, resume]),
      );
      byWish.set(wish, [...(byWish.get(wish) ?? []), car]);
    }
    this.groups = [...byWish.values()].filter((cars) => cars.length > 1);
  }

  of(world: World): Hash {
    const renaming = this.renamingFor(world);
    const hash = new Hash();
    for (const [address, local] of world.actors) hash.add(1, renaming.text(address), renaming.local(local));
    for (const [channel, messages] of world.channels) {
      const name = renaming.text(channel);
      messages.forEach(({ letter }, at) => {
        hash.add(2, name, renaming.letter(letter.id, letter.body), at);
      });
    }
    for (const { address, generation, goodAtStart, hangs } of world.flights) {
      hash.add(3, renaming.text(address), generation * 4 + (goodAtStart ? 2 : 0) + (hangs ? 1 : 0));
    }
    const { cloud } = world;
    hash.add(4, cloud.generation, cloud.good, renaming.ghost(JSON.stringify(cloud.done)));
    hash.add(5, this.number(world.budgetKey));
    this.slice.orders.forEach(({ car }, at) => {
      if (((world.issued >> at) & 1) === 1) hash.add(6, renaming.text(car), this.place(at));
    });
    world.ghosts.forEach((ghost, at) => {
      if (ghost !== '') hash.add(7, at, renaming.ghost(ghost));
    });
    return hash;
  }

  /** The how-manieth order of its car. */
  private place(at: number): number {
    const { orders } = this.slice;
    return orders.slice(0, at).filter(({ car }) => car === orders[at]?.car).length;
  }

  private number(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.numbers.size + 1);
    return this.numbers.size;
  }

  private renamingFor(world: World): Renaming {
    const names: [string, string][] = [];
    for (const cars of this.groups) {
      const states = cars.map((car) => ({ car, ...this.stateOf(world, car) }));
      states.sort((one, other) => one.a - other.a || one.b - other.b);
      states.forEach(({ car }, at) => {
        names.push([car, cars[at] ?? car]);
      });
    }
    const key = names.join();
    const known = this.renamings.get(key);
    if (known !== undefined) return known;
    const renaming = new Renaming(new Map(names), (text) => this.number(text));
    this.renamings.set(key, renaming);
    return renaming;
  }

  /** What happens to one car, whatever it is called. */
  private stateOf(world: World, car: string): { readonly a: number; readonly b: number } {
    const anonymous = this.anonymous(car);
    const hash = new Hash();
    for (const [address, local] of world.actors) {
      if (address.includes(car)) hash.add(1, anonymous.text(address), anonymous.local(local));
    }
    for (const [channel, messages] of world.channels) {
      if (!channel.includes(car)) continue;
      messages.forEach(({ letter }, at) => {
        hash.add(2, anonymous.text(channel), anonymous.letter(letter.id, letter.body), at);
      });
    }
    for (const { address, generation, hangs } of world.flights) {
      if (address.includes(car)) hash.add(3, anonymous.text(address), generation * 2 + (hangs ? 1 : 0));
    }
    return hash;
  }

  private anonymous(car: string): Renaming {
    const key = `any ${car}`;
    const known = this.renamings.get(key);
    if (known !== undefined) return known;
    const renaming = new Renaming(new Map([[car, 'anonymous']]), (text) => this.number(text));
    this.renamings.set(key, renaming);
    return renaming;
  }
}

/** Cars' names are found wherever they are in a text: that is why no other word may contain one. */
class Renaming {
  private readonly names: ReadonlyMap<string, string>;
  private readonly pattern: RegExp | null;
  private readonly number: (text: string) => number;
  private readonly texts = new Map<string, number>();
  private readonly ghosts = new Map<string, number>();
  private readonly locals = new Map<Local, number>();
  private readonly letters = new Map<number, number>();

  constructor(names: ReadonlyMap<string, string>, number: (text: string) => number) {
    this.names = names;
    this.number = number;
    const isIdentity = [...names].every(([from, to]) => from === to);
    this.pattern = isIdentity ? null : new RegExp([...names.keys()].join('|'), 'g');
  }

  text(text: string): number {
    return remembered(this.texts, text, () => this.number(this.renamed(text)));
  }

  local(local: Local): number {
    return remembered(this.locals, local, () => this.number(this.renamed(local.key)));
  }

  letter(id: number, body: object): number {
    return remembered(this.letters, id, () => this.number(this.renamed(JSON.stringify(body))));
  }

  /** What an invariant remembers: a text, or JSON that is sorted by names. */
  ghost(ghost: string): number {
    return remembered(this.ghosts, ghost, () => this.number(this.renamedGhost(ghost)));
  }

  private renamedGhost(ghost: string): string {
    const text = this.renamed(ghost);
    if (this.pattern === null || !/^[[{]/.test(text)) return text;
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return JSON.stringify([...value].sort());
    return JSON.stringify(Object.fromEntries(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1))));
  }

  private renamed(text: string): string {
    return this.pattern === null ? text : text.replace(this.pattern, (name) => this.names.get(name) ?? name);
  }
}

function remembered<K>(memo: Map<K, number>, key: K, make: () => number): number {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const made = make();
  memo.set(key, made);
  return made;
}
