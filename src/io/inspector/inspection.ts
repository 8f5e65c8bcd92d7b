import type { Observation, Observer } from '../../actors/observe/observation.ts';
import type { Clock, CloudPort, Log, LogLevel, MessageBus } from '../../actors/ports.ts';
import type { Secrets } from '../log/secrets.ts';
import { tappedLog } from '../log/tapped-log.ts';
import { watchedBus } from '../watch/watched-bus.ts';
import { type CallEnd, type CallWatcher, watchedCloud } from '../watch/watched-cloud.ts';
import { ActorsSeen } from './actors-seen.ts';
import { type Clean, createCleaner } from './cleaner.ts';
import { Feed } from './feed.ts';
import { Health } from './health.ts';
import type { RingLimits } from './ring.ts';
import type { CallOver } from './seen.ts';

export interface InspectionOptions {
  /** Names of all accounts, as in the configuration. */
  readonly accounts: readonly string[];
  readonly baseTopic: string;
  /** The name in topics by the cloud's id of a car, where one is configured. */
  readonly carNames: ReadonlyMap<string, string>;
  /** What must not be read by anybody, personal data included. */
  readonly secrets: Secrets;
  readonly logLevel: LogLevel;
  readonly clock: Clock;
  readonly limits?: RingLimits;
}

/** Endings that somebody will want to look into. */
const FAILURES: ReadonlySet<unknown> = new Set(['failed', 'timedOut', 'unknown']);

/** Looks at one daemon from outside, at its ports and its actors, and keeps the last while. */
export class Inspection {
  readonly feed: Feed;
  readonly actors: ActorsSeen;
  readonly health: Health;
  readonly clean: Clean;
  readonly #options: InspectionOptions;
  readonly #onFailure = new Set<(status: string) => void>();
  #calls = 0;

  constructor(options: InspectionOptions) {
    const { secrets, accounts, carNames, limits } = options;
    this.#options = options;
    this.clean = createCleaner(secrets.strict);
    this.feed = new Feed({ clean: this.clean, ...(limits === undefined ? {} : { limits }) });
    this.actors = new ActorsSeen(this.feed, (car) => carNames.get(car) ?? car);
    this.health = new Health(accounts);
  }

  /** For `createSystem`. */
  readonly observer: Observer = (observation) => {
    this.health.observe(observation);
    this.actors.observe(observation);
    if (observation.type === 'delivered') this.#notice(observation);
  };

  /** Hears of every command that ends badly. */
  onFailure(listener: (status: string) => void): void {
    this.#onFailure.add(listener);
  }

  cloud(account: string, cloud: CloudPort): CloudPort {
    this.health.hasCloud(account, cloud);
    return watchedCloud(cloud, this.#callWatcher(account, cloud));
  }

  bus(bus: MessageBus): MessageBus {
    const { baseTopic, clock } = this.#options;
    return watchedBus(bus, baseTopic, {
      connected: () => {
        this.health.brokerConnected = true;
      },
      lost: () => {
        this.health.brokerConnected = false;
      },
      arrived: ({ topic, qos, retain, payload }) => {
        const bytes = payload.byteLength;
        const nothing = { commandId: null, status: null, reason: null };
        this.feed.add(
          { type: 'message', direction: 'in', topic, qos, retain, bytes, ...nothing },
          clock.now(),
          topic.length,
        );
      },
      published: ({ topic, qos, retain, payload }, answer) => {
        const { commandId = null, status = null, reason = null } = answer ?? {};
        const told = { commandId, status, reason };
        // Near enough, without looking at every character.
        const bytes = payload.length;
        this.feed.add(
          { type: 'message', direction: 'out', topic, qos, retain, bytes, ...told },
          clock.now(),
          topic.length,
        );
      },
    });
  }

  /** The same log, whose lines are told here, too. */
  log(log: Log): Log {
    const { logLevel, secrets, clock } = this.#options;
    return tappedLog(log, { level: logLevel, secrets: secrets.strict }, (level, message, fields) => {
      const bytes = JSON.stringify(fields).length + message.length;
      if (bytes > LONGEST_LINE)
        this.feed.add({ type: 'log', level, message: message.slice(0, 1_000), fields: {} }, clock.now());
      else this.feed.add({ type: 'log', level, message, fields }, clock.now(), bytes);
    });
  }

  /** Tells how everything is. @param clients who listen. */
  tellHealth(clients: number): void {
    const now = this.#options.clock.now();
    this.feed.add({ type: 'health', ...this.health.told(now, clients) }, now);
  }

  #notice({ event }: Extract<Observation, { type: 'delivered' }>): void {
    if (event.type !== 'COMMAND_SETTLED' || !FAILURES.has(event.status)) return;
    for (const listener of this.#onFailure) listener(String(event.status));
  }

  #callWatcher(account: string, cloud: CloudPort): CallWatcher {
    const { clock } = this.#options;
    return (call) => {
      this.#calls += 1;
      const n = this.#calls;
      const generation = cloud.generation();
      const begunAt = clock.elapsed();
      this.health.callsChanged(account, 1);
      this.feed.add({ type: 'call', n, account, call, generation, over: null }, clock.now());
      return (end) => {
        this.health.callsChanged(account, -1);
        const over = { end: end === null ? null : withoutReading(end), durationMs: clock.elapsed() - begunAt };
        this.feed.add({ type: 'call', n, account, call, generation, over }, clock.now());
      };
    };
  }
}

const LONGEST_LINE = 8_192;

/** What the car said, and which cars there are, must not even be kept. */
function withoutReading({ value, ...end }: CallEnd): CallOver {
  if (value === null || value.type === 'accepted' || value.type === 'record') return { ...end, value };
  return { ...end, value: { type: value.type } };
}
