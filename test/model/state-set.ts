/**
 * A set of numbered states that is small enough for tens of millions: of each state only 96 bits of hash are kept. Two
 * states with equal hashes would be taken for one; for ten million states the odds of that are below 10⁻¹⁵.
 */
export class StateSet {
  private lanes = new Int32Array(3 << 16);
  /** Number + 1; 0 is a free slot. */
  private numbers = new Int32Array(1 << 16);
  size = 0;

  /** The number of this state, and whether it is new. */
  add({ a, b, c }: Hash): { readonly number: number; readonly isNew: boolean } {
    if (this.size * 2 > this.numbers.length) this.grow();
    const slot = this.slotOf(a, b, c);
    const known = this.numbers[slot] ?? 0;
    if (known !== 0) return { number: known - 1, isNew: false };
    this.write(slot, a, b, c);
    this.size += 1;
    this.numbers[slot] = this.size;
    return { number: this.size - 1, isNew: true };
  }

  private slotOf(a: number, b: number, c: number): number {
    const mask = this.numbers.length - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      if (this.numbers[slot] === 0) return slot;
      const at = slot * 3;
      if (this.lanes[at] === a && this.lanes[at + 1] === b && this.lanes[at + 2] === c) return slot;
    }
  }

  private grow(): void {
    const { lanes, numbers } = this;
    this.lanes = new Int32Array(lanes.length * 2);
    this.numbers = new Int32Array(numbers.length * 2);
    for (let old = 0; old < numbers.length; old += 1) {
      const number = numbers[old] ?? 0;
      if (number === 0) continue;
      const at = old * 3;
      const a = lanes[at] ?? 0;
      const b = lanes[at + 1] ?? 0;
      const c = lanes[at + 2] ?? 0;
      const slot = this.slotOf(a, b, c);
      this.write(slot, a, b, c);
      this.numbers[slot] = number;
    }
  }

  private write(slot: number, a: number, b: number, c: number): void {
    const at = slot * 3;
    this.lanes[at] = a;
    this.lanes[at + 1] = b;
    this.lanes[at + 2] = c;
  }
}

/** 96 bits. Parts are added up, so their order does not count; what belongs together is mixed first. */
export class Hash {
  a = 0;
  b = 0;
  c = 0;

  add(x: number, y: number, z = 0, w = 0): void {
    this.a = (this.a + mixed(x, y, z, w, 0x9e3779b1)) | 0;
    this.b = (this.b + mixed(x, y, z, w, 0x85ebca6b)) | 0;
    this.c = (this.c + mixed(x, y, z, w, 0xc2b2ae35)) | 0;
  }
}

function mixed(x: number, y: number, z: number, w: number, seed: number): number {
  let hash = seed;
  hash = Math.imul(hash ^ x, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15) ^ y, 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13) ^ z, 0x297a2d39);
  hash = Math.imul(hash ^ (hash >>> 16) ^ w, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
  return hash ^ (hash >>> 14);
}

/** A list of integers that grows. */
export class Integers {
  private items = new Int32Array(1 << 12);
  length = 0;

  push(item: number): void {
    if (this.length === this.items.length) {
      const items = new Int32Array(this.items.length * 2);
      items.set(this.items);
      this.items = items;
    }
    this.items[this.length] = item;
    this.length += 1;
  }

  at(index: number): number {
    return this.items[index] ?? 0;
  }
}
