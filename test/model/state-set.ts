/**
 * A set of numbered states that is small enough for tens of millions: of each state only 96 bits of hash are kept. Two
 * states with equal hashes would be taken for one; for ten million states the odds of that are below 10⁻¹⁵.
 */
export class StateSet {
  private lanes = new Int32Array(3 << 16);
  /** Number + 1; 0 is a free slot. */
  private numbers = new Int32Array(1 << 16);
  size = 0;
  /** Whether the last one that was added was new. */
  wasNew = false;

  /** The number of the state with the three lanes that begin there. */
  add(lanes: Int32Array, at: number): number {
    if (this.size * 2 > this.numbers.length) this.grow();
    const [a, b, c] = [lanes[at] as number, lanes[at + 1] as number, lanes[at + 2] as number];
    const slot = this.slotOf(a, b, c);
    const known = this.numbers[slot] ?? 0;
    this.wasNew = known === 0;
    if (known !== 0) return known - 1;
    this.write(slot, a, b, c);
    this.size += 1;
    this.numbers[slot] = this.size;
    return this.size - 1;
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

/** A list of integers that grows. */
export class Integers {
  items = new Int32Array(1 << 8);
  length = 0;

  push(item: number): void {
    if (this.length === this.items.length) this.grow();
    this.items[this.length] = item;
    this.length += 1;
  }

  append(others: Int32Array): void {
    if (this.length + others.length > this.items.length) this.grow();
    this.items.set(others, this.length);
    this.length += others.length;
  }

  private grow(): void {
    const items = new Int32Array(this.items.length * 2);
    items.set(this.items);
    this.items = items;
  }

  at(index: number): number {
    return this.items[index] ?? 0;
  }
}
