import net from 'node:net';
import { type IClientOptions, type IClientPublishOptions, type IPublishPacket, MqttClient } from 'mqtt';
import { Happenings } from './happenings.ts';

/** For what must come: no promise, and long, because the machine may be busy. */
const DEADLINE_MS = 30_000;

/** A message as somebody at the broker sees it. */
export interface Seen {
  readonly topic: string;
  readonly text: string;
  /** The text as JSON, undefined if it is none. */
  readonly json: unknown;
  readonly bytes: Buffer;
  readonly qos: number;
  /** Its sender marked it retained. */
  readonly retain: boolean;
  readonly properties: IPublishPacket['properties'];
  /** Epoch ms of arrival. */
  readonly at: number;
}

/** The last word of the daemon on one message. */
export interface CommandResult {
  readonly id: string;
  readonly command: string;
  readonly status: string;
  readonly reason?: string;
  readonly message: string;
  readonly hint: string | null;
  readonly attempts: number;
  readonly received_at: string;
  readonly finished_at: string | null;
  readonly joined?: string;
  readonly duplicate?: boolean;
  readonly simulated?: boolean;
  readonly ignored?: readonly string[];
}

export interface AccountView {
  readonly token: string;
  readonly generation: number;
  readonly breaker: string;
  readonly cars: number | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly retry_at: string | null;
}

/** A person at the broker who sees everything and sends commands. Comes back by itself when the broker was away. */
export class Observer {
  readonly seen = new Happenings<Seen>(DEADLINE_MS);
  readonly base: string;
  readonly #client: MqttClient;
  #count = 0;

  private constructor(client: MqttClient, base: string) {
    this.#client = client;
    this.base = base;
    client.on('message', (topic, payload, packet) => this.#sees(topic, payload, packet));
    client.on('error', () => undefined);
  }

  /** Rejects when the broker has not let us in after `deadlineMs`. */
  static async connect(
    port: number,
    base: string,
    { deadlineMs = DEADLINE_MS, ...options }: IClientOptions & { readonly deadlineMs?: number } = {},
  ): Promise<Observer> {
    const client = new MqttClient(() => net.connect({ port, host: '127.0.0.1', noDelay: true }), {
      protocolVersion: 5,
      reconnectPeriod: 50,
      connectTimeout: DEADLINE_MS,
      ...options,
    });
    const observer = new Observer(client, base);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        client.end(true);
        reject(new Error(`The observer could not connect to the broker in ${deadlineMs} ms.`));
      }, deadlineMs);
      client.once('connect', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    await client.subscribeAsync('#', options.protocolVersion === 4 ? { qos: 1 } : { qos: 1, rap: true });
    return observer;
  }

  /** Resolves when the broker has it. `topic` as it is. */
  async publish(topic: string, payload: string | Buffer, options: IClientPublishOptions = {}): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1, ...options });
  }

  /** Sends a command as JSON (under an id of its own, unless it has one), or as the bare text. Answers its id. */
  async send(
    car: string,
    command: string,
    body: object | string,
    options: IClientPublishOptions = {},
  ): Promise<string> {
    this.#count += 1;
    const named = typeof body === 'string' ? {} : { id: `t-${this.#count}`, ...body };
    const payload = typeof body === 'string' ? body : JSON.stringify(named);
    await this.publish(this.commandTopic(car, command), payload, options);
    return 'id' in named ? String(named.id) : '';
  }

  /** Sends a command and waits for its end. */
  async command(car: string, command: string, body: object, deadlineMs = DEADLINE_MS): Promise<CommandResult> {
    const id = await this.send(car, command, body);
    return this.result(id, deadlineMs);
  }

  async lock(car: string, action: 'lock' | 'unlock' = 'lock', deadlineMs = DEADLINE_MS): Promise<CommandResult> {
    return this.command(car, 'lock', { action }, deadlineMs);
  }

  /** The final record under this id. */
  result(id: string, deadlineMs = DEADLINE_MS): Promise<CommandResult> {
    return this.seen.until(
      `the result of ${id}`,
      () => this.results().find((record) => record.id === id && record.status !== 'accepted'),
      deadlineMs,
    );
  }

  /** The first record under this id: the word that it was accepted, or its end. */
  answered(id: string): Promise<CommandResult> {
    return this.seen.until(`an answer to ${id}`, () => this.results().find((record) => record.id === id), DEADLINE_MS);
  }

  /** All records so far on result topics, of one car and command or of all. */
  results(car = '+', command = '+'): readonly CommandResult[] {
    const levels = [car, 'commands', command, 'result'];
    return this.below()
      .filter(({ path }) => path.length === 4 && levels.every((level, at) => level === '+' || level === path[at]))
      .map(({ message }) => message.json as CommandResult);
  }

  /** The next final record of a car's command after `since` messages: for messages that carry no id. */
  nextResult(car: string, command: string, since: number, deadlineMs = DEADLINE_MS): Promise<CommandResult> {
    const topic = `${this.commandTopic(car, command)}/result`;
    return this.seen.until(
      `a result on ${topic}`,
      () =>
        this.seen.all
          .slice(since)
          .filter((message) => message.topic === topic)
          .map(({ json }) => json as CommandResult)
          .find(({ status }) => status !== 'accepted'),
      deadlineMs,
    );
  }

  /** The latest message on a topic below the base. */
  last(path: string): Seen | undefined {
    return this.seen.all.findLast(({ topic }) => topic === `${this.base}/${path}`);
  }

  /** The first message below the base, past or to come, that fits. */
  on(
    path: string,
    fits: (json: never, message: Seen) => boolean = () => true,
    deadlineMs = DEADLINE_MS,
    since = 0,
  ): Promise<Seen> {
    const topic = `${this.base}/${path}`;
    const matches = (message: Seen) => message.topic === topic && fits(message.json as never, message);
    return this.seen.next(`a message on ${topic}`, matches, since, deadlineMs);
  }

  /** Resolves when the latest word on the account fits. */
  account(fits: (view: AccountView) => boolean, name = 'main', deadlineMs = DEADLINE_MS): Promise<AccountView> {
    return this.seen.until(
      `the account ${name} to be as wanted`,
      () => {
        const view = this.last(`bridge/account/${name}`)?.json as AccountView | undefined;
        return view !== undefined && fits(view) ? view : undefined;
      },
      deadlineMs,
    );
  }

  accountViews(name = 'main'): readonly AccountView[] {
    const topic = `${this.base}/bridge/account/${name}`;
    return this.seen.all.filter((message) => message.topic === topic).map(({ json }) => json as AccountView);
  }

  commandTopic(car: string, command: string): string {
    return `${this.base}/${car}/commands/${command}`;
  }

  /** Resolves when a message published now has come back: whatever the broker had before it has been seen. */
  async caughtUp(deadlineMs = DEADLINE_MS): Promise<void> {
    this.#count += 1;
    const topic = `test/echo/${this.#count}`;
    await this.publish(topic, 'echo');
    await this.seen.next('our own message', (message) => message.topic === topic, 0, deadlineMs);
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }

  below(): readonly { readonly path: readonly string[]; readonly message: Seen }[] {
    return this.seen.all
      .filter(({ topic }) => topic.startsWith(`${this.base}/`))
      .map((message) => ({ path: message.topic.slice(this.base.length + 1).split('/'), message }));
  }

  #sees(topic: string, bytes: Buffer, packet: IPublishPacket): void {
    const text = bytes.toString('utf8');
    this.seen.add({
      topic,
      text,
      json: parsed(text),
      bytes,
      qos: packet.qos,
      retain: packet.retain,
      properties: packet.properties,
      at: Date.now(),
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
