import type { BrokerClient } from './broker-client.ts';
import { carId } from './cars.ts';
import { nowMs } from './clock.ts';
import type { Sent } from './verdicts.ts';

/** What households do. The cars are taken in turn, so that none gets the next before it is done with the last. */
const KINDS: readonly (readonly [string, Sent['payload']])[] = [
  ['lock', { action: 'lock' }],
  ['refresh', { action: 'cached' }],
  ['climate', { action: 'start_climate', set_temp: 21, duration: 10 }],
  ['charge_limits', { ac: 80, dc: 90 }],
  ['lock', { action: 'unlock' }],
  ['refresh', { action: 'force' }],
  ['charge', { action: 'stop' }],
  ['horn', { action: 'on' }],
];
const TICK_MS = 10;
/** Prime to the number of cars: neighbours are in different accounts. */
const STRIDE = 389;

/** Commands at a steady rate. */
export class Traffic {
  readonly #client: BrokerClient;
  readonly #base: string;
  readonly #cars: number;
  readonly sent: Sent[] = [];

  constructor(client: BrokerClient, base: string, cars: number) {
    this.#client = client;
    this.#base = base;
    this.#cars = cars;
  }

  /** Sends so many a second for so long; `alongside` is called every second meanwhile. */
  async flow(perSecond: number, forMs: number, alongside: (second: number) => Promise<void>): Promise<void> {
    const begunAt = nowMs();
    const before = this.sent.length;
    let second = 0;
    for (let passedMs = 0; passedMs < forMs; passedMs = nowMs() - begunAt) {
      const due = before + Math.floor((passedMs / 1000) * perSecond);
      const published: Promise<void>[] = [];
      while (this.sent.length < due) published.push(this.#next());
      await Promise.all(published);
      if (passedMs >= second * 1000) {
        await alongside(second);
        second += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  #next(): Promise<void> {
    const n = this.sent.length;
    const [name, payload] = KINDS[Math.floor(n / this.#cars + n) % KINDS.length] ?? ['lock', { action: 'lock' }];
    const car = carId((n * STRIDE) % this.#cars);
    const id = `t-${n}`;
    this.sent.push({ id, car, name, payload });
    return this.#client.publish(`${this.#base}/${car}/commands/${name}`, JSON.stringify({ id, ...payload }));
  }
}
