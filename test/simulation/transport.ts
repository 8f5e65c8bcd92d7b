import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type {
  HttpService,
  PendingResponse,
  RawResponse,
  ServiceOptions,
  Transport,
} from '../../src/io/bluelink/bluelinky-surface.ts';
import type { Cloud } from '../../src/io/simulator/cloud.ts';
import type { Answer, Reply } from '../../src/io/simulator/http/answer.ts';
import { parseTarget, toRequest } from '../../src/io/simulator/http/request.ts';
import type { Sent } from '../../src/io/simulator/http/server.ts';
import type { CloudService } from '../../src/io/simulator/serve.ts';
import type { Chance } from './chance.ts';
import type { Scope } from './scope.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a got 9 instance carries besides being callable. */
interface GotService extends HttpService {
  readonly defaults: {
    readonly options: {
      readonly baseUrl?: string;
      readonly headers: Readonly<Record<string, string | null | undefined>>;
    };
  };
}

export interface TransportParts {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly cloud: Cloud;
  readonly service: CloudService;
  /** Who calls: nothing comes back to the dead. */
  readonly caller: Scope;
  /** Whether the cloud can be reached at all. */
  readonly isOnline: () => boolean;
  readonly watch: CallWatch;
}

/** It was answered, the connection broke, or its sender waits no longer. */
export type CallEnd = 'answered' | 'broken' | 'abandoned';

/** Who follows every request on its way. Each may kill the caller. */
export interface CallWatch {
  /** It is about to be sent. Answers whose it is, for `arrives`. */
  leaves(method: string, path: string): string | null;
  /** The cloud is about to see it. `serve` answers the number under which the cloud knows it. */
  arrives(madeFor: string | null, isAbandoned: boolean, serve: () => number): number;
  /** Its answer is about to be read. */
  answered(): void;
  /** The caller is done with it. `n` is null if it never arrived. */
  over(n: number | null, how: CallEnd): void;
}

interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * The way to the simulated cloud without a network: takes the requests that bluelinky's HTTP service would send, headers
 * and body as got would make them, and answers what got would answer, some virtual milliseconds later.
 */
export function cloudTransport(parts: TransportParts): Transport {
  return (service) => {
    const call = (url: string, options: ServiceOptions) =>
      new Exchange(parts, outgoing(service as GotService, url, options));
    return Object.assign(call, { extend: () => service });
  };
}

/** One request, from its leaving to its answer: what got calls a cancelable promise. */
class Exchange implements PendingResponse {
  readonly #parts: TransportParts;
  readonly #promise: Promise<RawResponse>;
  #resolve: (response: RawResponse) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #isOver = false;
  #onGone: (() => void) | null = null;
  #n: number | null = null;
  readonly #forgetDeath: () => void;
  readonly #onRequest: ((request: ClientRequest) => void)[] = [];

  constructor(parts: TransportParts, request: Outgoing) {
    this.#parts = parts;
    this.#promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { time, caller, chance } = parts;
    // Connecting takes a while; until then nothing has been sent.
    time.after(chance.between(1, 5), caller, () => {
      if (this.#isOver) return;
      if (!parts.isOnline()) {
        this.#fail('ECONNREFUSED');
        return;
      }
      for (const listener of this.#onRequest) listener(connected);
      const madeFor = parts.watch.leaves(request.method, request.url.pathname);
      if (!caller.alive) return;
      time.after(chance.between(5, 60), time.world, () => {
        this.#n = parts.watch.arrives(madeFor, this.#isOver, () => this.#arrive(request));
      });
    });
    this.#forgetDeath = caller.onDeath(() => this.cancel());
  }

  // biome-ignore lint/suspicious/noThenProperty: got's answer is such a promise too.
  then: PendingResponse['then'] = (onValue, onError) => this.#promise.then(onValue, onError);

  on(event: string, listener: unknown): this {
    if (event === 'request') this.#onRequest.push(listener as (request: ClientRequest) => void);
    return this;
  }

  cancel(): void {
    if (this.#isOver) return;
    const { time } = this.#parts;
    this.#over('abandoned');
    time.after(1, time.world, () => this.#onGone?.());
  }

  #arrive(request: Outgoing): number {
    const target = parseTarget(`${request.url.pathname}${request.url.search}`);
    if (target === null) throw new Error('The daemon asked for a path that makes no sense.');
    const message = { method: request.method, headers: request.headers } as IncomingMessage;
    const { service, cloud } = this.#parts;
    void service.serve(toRequest(message, target, request.body), (answer) => this.#answer(answer));
    return cloud.log.count;
  }

  #answer(answer: Answer): Promise<Sent> {
    const { time, caller, chance } = this.#parts;
    const isGone = () => this.#isOver || !caller.alive;
    if (answer.type === 'hang') {
      if (isGone()) return Promise.resolve('gone');
      return new Promise((resolve) => {
        this.#onGone = () => resolve('gone');
      });
    }
    if (isGone()) return Promise.resolve('gone');
    time.after(chance.between(5, 60), caller, () => {
      if (!this.#isOver) this.#parts.watch.answered();
      if (!caller.alive) return;
      if (answer.type === 'cut') this.#fail('ECONNRESET');
      else this.#succeed(answer);
    });
    return Promise.resolve(answer.type === 'cut' ? 'cut' : 'answered');
  }

  #succeed(reply: Reply): void {
    if (this.#isOver) return;
    this.#over('answered');
    this.#resolve(responseOf(reply));
  }

  #over(how: CallEnd): void {
    this.#isOver = true;
    this.#forgetDeath();
    this.#parts.watch.over(this.#n, how);
  }

  #fail(code: string): void {
    if (this.#isOver) return;
    this.#over('broken');
    this.#reject(Object.assign(new Error(code), { name: 'RequestError', code }));
  }
}

/** All that is asked of a request: to say when it is connected. */
const connected = {
  once: (event: string, listener: (socket: object) => void) => {
    if (event === 'socket') listener({ connecting: false });
  },
} as unknown as ClientRequest;

function outgoing({ defaults }: GotService, url: string, options: ServiceOptions): Outgoing {
  const { baseUrl = '' } = defaults.options;
  const target = new URL(/^https?:/.test(url) ? url : `${baseUrl.replace(/\/$/, '')}/${url.replace(/^\//, '')}`);
  const body = Buffer.from(options.body ?? '');
  const headers: Record<string, string> = {};
  for (const given of [defaults.options.headers, options.headers ?? {}]) {
    for (const [name, value] of Object.entries(given)) {
      if (value === null || value === undefined) delete headers[name.toLowerCase()];
      else headers[name.toLowerCase()] = value;
    }
  }
  return { method: options.method ?? 'GET', url: target, headers: { ...headers, host: target.host }, body };
}

/** As it would be read from the socket: header names in lower case, the body as text. */
function responseOf({ status, headers, content }: Reply): RawResponse {
  const read: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    const values = typeof value === 'string' ? [value] : [...value];
    read[name.toLowerCase()] = name.toLowerCase() === 'set-cookie' ? values : values.join(', ');
  }
  const body =
    content.type === 'json' ? (JSON.stringify(content.value) ?? '') : content.type === 'text' ? content.text : '';
  return { statusCode: status, headers: read, body };
}
