import { fileURLToPath } from 'node:url';
import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import { type Child, startChild } from './child.ts';
import type { CloudOrder } from './cloud-process.ts';
import { News } from './news.ts';

export interface Ticket {
  readonly token: string;
  readonly deviceId: string;
}

/** A control that has arrived at the cloud. */
export interface ControlArrival {
  readonly car: string;
  /** Of the monotonic clock, read by the cloud's own process when it had the whole request. */
  readonly at: number;
}

/** The simulated cloud in a process of its own. */
export class Cloud {
  readonly url: string;
  readonly controls = new News<ControlArrival>();
  readonly #child: Child;

  private constructor(child: Child, url: string) {
    this.#child = child;
    this.url = url;
    child.onTold((told) => {
      if (told.tell === 'control') this.controls.add(told as unknown as ControlArrival);
    });
  }

  static async start(order: CloudOrder): Promise<Cloud> {
    const file = fileURLToPath(new URL('./cloud-process.ts', import.meta.url));
    const child = startChild({ file, args: [JSON.stringify(order)] });
    const { url } = await child.ready();
    return new Cloud(child, String(url));
  }

  async ticket(): Promise<Ticket> {
    return (await this.#child.ask('ticket')) as Ticket;
  }

  /** For how long, all in all, at least one call was being worked on in the cloud. */
  async busyMs(): Promise<number> {
    return Number(await this.#child.ask('busyMs'));
  }

  /** Takes back every access and control token before its time. Answers how many. */
  async revokeTokens(): Promise<number> {
    const answer = await fetch(`${this.url}/__sim/revoke`, { method: 'POST', body: '{}' });
    return ((await answer.json()) as { ended: number }).ended;
  }

  /** Number of the last call so far. */
  async lastCall(): Promise<number> {
    const answer = await fetch(`${this.url}/__sim/log?since=${Number.MAX_SAFE_INTEGER}`);
    return ((await answer.json()) as { last: number }).last;
  }

  async callsSince(n: number): Promise<readonly LoggedCall[]> {
    const answer = await fetch(`${this.url}/__sim/log?since=${n}`);
    return ((await answer.json()) as { calls: readonly LoggedCall[] }).calls;
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
