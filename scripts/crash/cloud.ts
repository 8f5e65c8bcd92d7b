import type { LoggedCall } from '../../src/io/simulator/call-log.ts';

/** A car as the simulated cloud knows it to be. */
export interface CarTruth {
  readonly id: string;
  readonly deliveryCount: number;
  readonly state: { readonly locked: boolean };
}

const LOOK_EVERY_MS = 3;

/** A simulated cloud, in whatever process: all that is known of it comes by its URL. */
export class RemoteCloud {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async cars(): Promise<readonly CarTruth[]> {
    return ((await this.#get('state')) as { cars: readonly CarTruth[] }).cars;
  }

  async lastCall(): Promise<number> {
    return ((await this.#get(`log?since=${Number.MAX_SAFE_INTEGER}`)) as { last: number }).last;
  }

  async callsSince(n: number): Promise<readonly LoggedCall[]> {
    return ((await this.#get(`log?since=${n}`)) as { calls: readonly LoggedCall[] }).calls;
  }

  /** Resolves when a call after number `since` fits; false when none did in time. */
  async until(fits: (call: LoggedCall) => boolean, since: number, deadlineMs: number): Promise<boolean> {
    const end = Date.now() + deadlineMs;
    while (Date.now() < end) {
      if ((await this.callsSince(since)).some(fits)) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return false;
  }

  /** Whether it can be made to fail. Lifts all faults. */
  async takesFaults(): Promise<boolean> {
    return (await fetch(`${this.url}/__sim/faults`, { method: 'DELETE' })).ok;
  }

  async addFault(fault: object): Promise<void> {
    await this.#post('faults', fault);
  }

  async clearFaults(): Promise<void> {
    await this.#checked(fetch(`${this.url}/__sim/faults`, { method: 'DELETE' }));
  }

  /** Absent: tokens of all kinds. */
  async revokeTokens(kinds?: readonly string[]): Promise<void> {
    await this.#post('revoke', { kinds });
  }

  async #get(path: string): Promise<unknown> {
    return (await this.#checked(fetch(`${this.url}/__sim/${path}`))).json();
  }

  async #post(path: string, body: object): Promise<void> {
    await this.#checked(fetch(`${this.url}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) }));
  }

  async #checked(answer: Promise<Response>): Promise<Response> {
    const response = await answer;
    if (!response.ok) throw new Error(`The cloud's own log answers ${response.status}: it is no simulated cloud.`);
    return response;
  }
}
