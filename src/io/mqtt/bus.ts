import type { BusListener, InboundMessage, MessageBus, OutboundMessage } from '../../actors/ports.ts';
import { reconnectDelayMs } from './backoff.ts';
import { type BrokerAddress, brokerAddress, hostAndPort } from './broker-address.ts';
import { Connection } from './connection.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { type BusTiming, DEFAULT_BUS_TIMING, type MqttBusOptions } from './options.ts';
import { Outage } from './outage.ts';
import { Outbox } from './outbox.ts';
import { type BrokerLimits, isPublishable } from './packets.ts';

const DEFAULT_SESSION_EXPIRY_S = 60;
const GOODBYE_MS = 500;

/**
 * The broker, over mqtt.js: MQTT 5, or 3.1.1 if the broker knows no better.
 *
 * @throws Error with a sentence for a person when the broker's URL cannot be read.
 */
export function createMqttBus(options: MqttBusOptions): MessageBus {
  return new MqttBus(options);
}

class MqttBus implements MessageBus {
  readonly #options: MqttBusOptions;
  readonly #timing: BusTiming;
  readonly #address: BrokerAddress;
  readonly #outbox: Outbox;
  readonly #outage: Outage;
  #listener: BusListener | null = null;
  #subscriptions: readonly string[] = [];
  #protocolVersion: 4 | 5 = 5;
  #connection: Connection | null = null;
  #limits: BrokerLimits | null = null;
  #readySince = 0;
  #failures = 0;
  #retryTimer: NodeJS.Timeout | null = null;
  #closing: Promise<void> | null = null;
  #whenDrained: (() => void) | null = null;
  #saidQueueFull = false;

  constructor(options: MqttBusOptions) {
    this.#options = options;
    this.#timing = { ...DEFAULT_BUS_TIMING, ...options.timing };
    this.#address = brokerAddress(options.broker);
    this.#outbox = new Outbox(this.#timing);
    this.#outage = new Outage(options.clock, this.#timing);
  }

  start(listener: BusListener, subscriptions: readonly string[]): void {
    if (this.#listener !== null) throw new Error('The bus has been started already.');
    this.#listener = listener;
    this.#subscriptions = subscriptions;
    this.#connect();
  }

  publish(message: OutboundMessage): void {
    if (this.#closing !== null) return;
    if (!isPublishable(message.topic)) {
      this.#options.log.write('error', 'A message was not published: its topic is not valid.', {
        topic: message.topic,
      });
      return;
    }
    if (this.#outbox.add(message) === 'droppedOldest') this.#queueIsFull();
    this.#pump();
  }

  close(last: OutboundMessage | null): Promise<void> {
    this.#closing ??= this.#close(last);
    return this.#closing;
  }

  #connect(): void {
    const options = this.#options;
    const connection = new Connection(
      {
        address: this.#address,
        protocolVersion: this.#protocolVersion,
        username: options.username ?? this.#address.username,
        password: options.password ?? this.#address.password,
        clientId: options.clientId,
        will: options.will,
        ca: options.ca ?? null,
        rejectUnauthorized: options.rejectUnauthorized ?? true,
        qosCeiling: options.qosCeiling ?? 1,
        sessionExpiryS: options.sessionExpiryS ?? DEFAULT_SESSION_EXPIRY_S,
        connectTimeoutMs: this.#timing.connectTimeoutMs,
        ackTimeoutMs: this.#timing.ackTimeoutMs,
        keepaliveS: this.#timing.keepaliveS,
        keptTimeoutMs: this.#timing.keptTimeoutMs,
        subscriptions: this.#subscriptions,
        now: () => options.clock.now(),
        openStream: options.openStream ?? null,
      },
      {
        ready: (limits, refused) => this.#ready(limits, refused),
        message: (message) => this.#received(message),
        unacknowledged: () => this.#leftUnacknowledged(),
        ended: (end) => this.#ended(end),
      },
    );
    this.#connection = connection;
  }

  #ready(limits: BrokerLimits, refused: string | null): void {
    const { log, clock } = this.#options;
    this.#limits = limits;
    this.#readySince = clock.elapsed();
    this.#outage.over();
    log.write('info', 'Connected to the broker.', {
      broker: hostAndPort(this.#address),
      protocolVersion: this.#protocolVersion,
    });
    if (refused !== null) log.write('error', refused);
    const dropped = this.#outbox.takeDropped();
    if (dropped > 0) log.write('warn', 'Messages were dropped while the broker was away.', { dropped });
    this.#saidQueueFull = false;
    this.#outbox.connectionBack();
    this.#tell((listener) => listener.connected({ protocolVersion: this.#protocolVersion }));
    this.#pump();
  }

  #received(message: InboundMessage): Promise<unknown> | undefined {
    let kept: Promise<unknown> | undefined;
    this.#tell((listener) => {
      kept = listener.message(message);
    });
    return kept;
  }

  #leftUnacknowledged(): void {
    const message =
      'A message was not acknowledged in time. Unless it is kept later, the broker will deliver it again.';
    this.#options.log.write('error', message);
  }

  #ended(end: ConnectionEnd): void {
    this.#connection = null;
    const wasReady = this.#limits !== null;
    if (wasReady) {
      this.#limits = null;
      if (this.#options.clock.elapsed() - this.#readySince >= this.#timing.stableAfterMs) this.#failures = 0;
      this.#outbox.connectionLost();
    }
    this.#drained();
    if (this.#closing !== null) return;
    if (end.kind === 'unsupportedProtocol' && this.#protocolVersion === 5) {
      this.#options.log.write('info', 'The broker does not speak MQTT 5; going on with MQTT 3.1.1.', {
        cause: end.cause,
      });
      this.#protocolVersion = 4;
      this.#connect();
      return;
    }
    this.#failures += 1;
    const retryInMs = this.#pauseMs(end);
    this.#report(end, wasReady, retryInMs);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      this.#connect();
    }, retryInMs);
  }

  #pauseMs(end: ConnectionEnd): number {
    const { reconnectMinMs, reconnectMaxMs, refusedRetryMs } = this.#timing;
    if (end.kind === 'refused') return refusedRetryMs;
    const bounds = { minMs: reconnectMinMs, maxMs: reconnectMaxMs };
    return reconnectDelayMs(this.#failures, bounds, this.#options.random ?? Math.random);
  }

  /** The same reason again and again is said now and then. */
  #report(end: ConnectionEnd, wasReady: boolean, retryInMs: number): void {
    const { isNews, isReminder, tries, since } = this.#outage.failed(end.reason, wasReady);
    const level = !isNews && !isReminder ? 'debug' : end.kind === 'refused' ? 'error' : 'warn';
    const message = isReminder ? `${end.reason} Not connected since ${since}, ${tries} tries so far.` : end.reason;
    this.#options.log.write(level, message, { cause: end.cause, retryInMs });
    if (isNews) this.#tell((listener) => listener.lost(end.reason));
  }

  #pump(): void {
    const { log } = this.#options;
    for (;;) {
      const connection = this.#connection;
      const limits = this.#limits;
      if (connection === null || limits === null) return;
      if (this.#outbox.inFlight >= Math.min(this.#timing.inFlightLimit, limits.receiveMaximum)) return;
      const next = this.#outbox.take();
      if (next === null) break;
      connection.send(next.message, (error) => {
        this.#outbox.settle(next.ticket);
        if (error !== null) {
          const code = error instanceof Error && 'code' in error ? error.code : undefined;
          log.write('warn', 'The broker did not take a message.', { topic: next.message.topic, code });
        } else next.message.delivered?.();
        this.#pump();
      });
    }
    if (this.#outbox.isEmpty) this.#drained();
  }

  #queueIsFull(): void {
    if (this.#saidQueueFull) return;
    this.#saidQueueFull = true;
    const waiting = this.#limits === null ? this.#timing.awayLimit : this.#timing.backlogLimit;
    this.#options.log.write('warn', 'The broker takes no messages: the oldest that wait are dropped now.', { waiting });
  }

  #drained(): void {
    this.#whenDrained?.();
    this.#whenDrained = null;
  }

  async #close(last: OutboundMessage | null): Promise<void> {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    const connection = this.#connection;
    if (connection === null) return;
    if (this.#limits === null) {
      connection.drop();
      return;
    }
    if (last !== null && isPublishable(last.topic)) this.#outbox.add(last);
    const isDelivered = await this.#drain();
    // Without a goodbye the broker publishes the will, which is the next best thing to our last message.
    if (isDelivered) await connection.close(GOODBYE_MS);
    else connection.drop();
    this.#connection = null;
    this.#limits = null;
  }

  async #drain(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#whenDrained = resolve;
      timer = setTimeout(resolve, this.#timing.closeMs);
      this.#pump();
    });
    clearTimeout(timer);
    this.#whenDrained = null;
    return this.#outbox.isEmpty;
  }

  /** A listener that throws must not take the connection, or the process, with it. */
  #tell(tell: (listener: BusListener) => void): void {
    if (this.#listener === null) return;
    try {
      tell(this.#listener);
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      this.#options.log.write('error', 'The listener of the broker failed.', { error: name });
    }
  }
}
