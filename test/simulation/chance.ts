import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** A stream of numbers that follows from a seed: sfc32. */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param purpose streams of one seed for different purposes do not follow from each other. */
  constructor(seed: number, purpose: string) {
    const digest = crypto.createHash('sha256').update(`${seed}/${purpose}`).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
  }

  /** 32 bits, unsigned. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 ≤ x < 1 */
  fraction(): number {
    return (this.bits() * 0x200000 + (this.bits() >>> 11)) / 2 ** 53;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  isTrue(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.between(0, choices.length - 1)];
    if (chosen === undefined) throw new Error('There is nothing to choose from.');
    return chosen;
  }

  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return (entries.at(-1) as [K, number])[0];
  }

  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.bits() & 0xff;
  }

  uuid(): string {
    const bytes = Buffer.alloc(16);
    this.fill(bytes);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}

/** Makes every random number, key and id of this process follow from `chance`, for good. Must come before other imports. */
export function replaceRandomness(chance: Chance): void {
  const fill = <T extends ArrayBufferView>(view: T): T => {
    chance.fill(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return view;
  };
  const bytes = (size: number, done?: (error: null, made: Buffer) => void) => {
    const made = fill(Buffer.alloc(size));
    if (done === undefined) return made;
    process.nextTick(done, null, made);
    return undefined;
  };
  const integer = (first: number, second?: number | ((error: null, made: number) => void)) =>
    typeof second === 'number' ? chance.between(first, second - 1) : chance.between(0, first - 1);
  // One key for all: making it takes a tenth of a second, and nothing that is seen follows from it.
  const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const keyPair = (_type: string, _options: object, done: (error: null, pair: object) => void) =>
    process.nextTick(done, null, pair);
  Object.assign(crypto, {
    randomUUID: () => chance.uuid(),
    randomBytes: bytes,
    randomInt: integer,
    randomFillSync: fill,
    generateKeyPair: keyPair,
  });
  syncBuiltinESMExports();
  for (const [name, value] of Object.entries({ randomUUID: () => chance.uuid(), getRandomValues: fill })) {
    Object.defineProperty(globalThis.crypto, name, { value, configurable: true });
  }
  Object.defineProperty(Math, 'random', { value: () => chance.fraction(), configurable: true, writable: true });
}
