import { z } from 'zod';

/** What is read of a cloud, whoever made it; all else that it says is left alone. */
const car = z.object({ id: z.string(), deliveryCount: z.number(), state: z.object({ locked: z.boolean() }) });
const call = z.object({
  kind: z.string(),
  outcome: z.string(),
  /** Absent: nobody can say which car it was for, or how it was answered. */
  car: z.string().nullish(),
  status: z.number().nullish(),
});
const truth = z.object({ cars: z.array(car).min(1) });
const log = z.object({ last: z.number(), calls: z.array(call) });

/** A car as its cloud knows it to be. */
export type CarTruth = z.infer<typeof car>;
/** A call, as far as a kill point looks at it. */
export type SeenCall = z.infer<typeof call>;

/** What a cloud offers besides the truth about its cars, without which nothing can be judged. */
export interface Abilities {
  /** Its calls, by `GET /__sim/log`. */
  readonly log: boolean;
  /** It can be made slow, or to hang. */
  readonly faults: boolean;
  /** Its tokens can be taken back. */
  readonly revoke: boolean;
}

const LOOK_EVERY_MS = 3;

/** A cloud, in whatever process: all that is known of it comes by its URL. */
export class RemoteCloud {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Rejects with a sentence when the cloud does not tell. */
  async cars(): Promise<readonly CarTruth[]> {
    return (await this.#get('state', truth)).cars;
  }

  /** Tries each, which lifts all faults and takes no token back. */
  async abilities(): Promise<Abilities> {
    const isThere = async (path: string, init: RequestInit): Promise<boolean> =>
      (await fetch(`${this.url}/__sim/${path}`, init)).ok;
    return {
      log: await this.lastCall().then(
        () => true,
        () => false,
      ),
      faults: await isThere('faults', { method: 'DELETE' }),
      revoke: await isThere('revoke', { method: 'POST', body: JSON.stringify({ kinds: [] }) }),
    };
  }

  async lastCall(): Promise<number> {
    return (await this.#get(`log?since=${Number.MAX_SAFE_INTEGER}`, log)).last;
  }

  async callsSince(n: number): Promise<readonly SeenCall[]> {
    return (await this.#get(`log?since=${n}`, log)).calls;
  }

  /** Resolves when a call after number `since` fits; false when none did in time. */
  async until(fits: (call: SeenCall) => boolean, since: number, deadlineMs: number): Promise<boolean> {
    const end = Date.now() + deadlineMs;
    while (Date.now() < end) {
      if ((await this.callsSince(since)).some(fits)) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return false;
  }

  /**
   * Whether a control for this car came after number `since` that was not refused for its token; null when the log does not
   * say so much.
   */
  async wasSent(id: string, since: number): Promise<boolean | null> {
    const controls = (await this.callsSince(since)).filter(({ kind }) => kind.startsWith('control.'));
    const mayBe = controls.filter((one) => one.car === undefined || one.car === id);
    if (mayBe.some((one) => one.car === id && one.status !== undefined && one.status !== 401)) return true;
    return mayBe.some((one) => one.car === undefined || one.status === undefined) ? null : false;
  }

  async addFault(fault: object): Promise<void> {
    await this.#checked(fetch(`${this.url}/__sim/faults`, { method: 'POST', body: JSON.stringify(fault) }));
  }

  async clearFaults(): Promise<void> {
    await this.#checked(fetch(`${this.url}/__sim/faults`, { method: 'DELETE' }));
  }

  /** Absent: tokens of all kinds. */
  async revokeTokens(kinds?: readonly string[]): Promise<void> {
    await this.#checked(fetch(`${this.url}/__sim/revoke`, { method: 'POST', body: JSON.stringify({ kinds }) }));
  }

  async #get<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    const response = await this.#checked(fetch(`${this.url}/__sim/${path}`));
    const parsed = shape.safeParse(await response.json());
    if (!parsed.success) throw new Error(`/__sim/${path} has another shape: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  }

  async #checked(answer: Promise<Response>): Promise<Response> {
    const response = await answer;
    if (!response.ok) throw new Error(`${new URL(response.url).pathname} answers ${response.status}.`);
    return response;
  }
}
