import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { type IClientOptions, type IPublishPacket, MqttClient } from 'mqtt';
import type { InboundMessage, OutboundMessage } from '../../actors/ports.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { type BrokerAddress, hostAndPort } from './broker-address.ts';
import { type ConnectionEnd, endByClose, endByError, endByGoodbye, endBySilence } from './connection-end.ts';
import { type BrokerLimits, brokerLimits, inboundMessage, publishOptions } from './packets.ts';

export interface ConnectionOptions {
  readonly address: BrokerAddress;
  readonly protocolVersion: 4 | 5;
  readonly username: string | null;
  readonly password: string | null;
  readonly clientId: string;
  readonly will: OutboundMessage | null;
  readonly ca: string | null;
  readonly rejectUnauthorized: boolean;
  readonly qosCeiling: 0 | 1;
  readonly sessionExpiryS: number;
  readonly connectTimeoutMs: number;
  readonly ackTimeoutMs: number;
  readonly keepaliveS: number;
  /** The longest that a message waits to be acknowledged. */
  readonly keptTimeoutMs: number;
  readonly subscriptions: readonly string[];
  readonly now: () => number;
  /** Null: TCP or TLS, as the address says. */
  readonly openStream: (() => Duplex) | null;
}

export interface ConnectionListener {
  /** Connected and subscribed. `refused`: why the broker did not grant the subscriptions, null if it did. */
  ready(limits: BrokerLimits, refused: string | null): void;
  /** The message is acknowledged when what this answers resolves, or at once if that is nothing. */
  message(message: InboundMessage): Promise<unknown> | undefined;
  /** A message was not acknowledged, because nobody could say in time that it is kept. */
  unacknowledged(): void;
  /** Exactly once, unless `close` or `drop` was called before. */
  ended(end: ConnectionEnd): void;
}

/**
 * One connection to the broker, from opening the socket to its end; it never comes back. Reconnecting, repeating and
 * ordering are the bus's business, so everything of mqtt.js that does these things is switched off.
 */
export class Connection {
  readonly #client: MqttClient;
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #at: string;
  readonly #acknowledgements: Acknowledgements;
  #limits: BrokerLimits = brokerLimits(undefined);
  #hadConnection = false;
  #isOver = false;
  #firstError: ConnectionEnd | null = null;
  #owed = 0;
  #ackTimer: NodeJS.Timeout | null = null;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#at = hostAndPort(options.address);
    this.#client = new MqttClient(() => options.openStream?.() ?? socketTo(options), clientOptions(options));
    this.#client.on('connect', (connack) => this.#connected(brokerLimits(connack.properties)));
    this.#acknowledgements = new Acknowledgements(options.keptTimeoutMs, () => listener.unacknowledged());
    this.#client.handleMessage = (packet, proceed) => this.#received(packet, proceed);
    this.#client.on('disconnect', (packet) => this.#end(endByGoodbye(packet.reasonCode ?? 0, this.#at)));
    // This listener stays for good: an error without a listener would end the process.
    this.#client.on('error', (error) => this.#failed(error));
    this.#client.on('close', () => this.#end(this.#firstError ?? endByClose(this.#at, this.#hadConnection)));
  }

  /** `done` is called once the broker has the message (QoS 1) or it is written (QoS 0); never after the end. */
  send(message: OutboundMessage, done: (error: unknown) => void): void {
    if (this.#isOver) return;
    this.#oweOne();
    this.#client.publish(
      message.topic,
      message.payload,
      publishOptions(message, this.#options, this.#limits),
      (error) => {
        if (this.#isOver) return;
        this.#settleOne();
        done(error ?? null);
      },
    );
  }

  /** Says goodbye, so that the broker does not publish the will; `ended` is not called. */
  async close(deadlineMs: number): Promise<void> {
    if (this.#isOver) return;
    this.#over();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#client.end(true);
        resolve();
      }, deadlineMs);
      this.#client.end(false, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Cuts the connection without a word: the broker publishes the will. `ended` is not called. */
  drop(): void {
    if (this.#isOver) return;
    this.#over();
    this.#client.end(true);
  }

  /**
   * mqtt.js sends the acknowledgement, and reads on, when `proceed` is called; with an error it only reads on. A message
   * that has to be kept first must not hold up what comes after it, above all the broker's answers to our pings.
   */
  #received(packet: IPublishPacket, proceed: (error?: Error) => void): void {
    if (this.#isOver) {
      proceed(new Error('The connection is over.'));
      return;
    }
    const kept = this.#listener.message(inboundMessage(packet, this.#options.now()));
    const isDone = packet.qos === 0 || this.#acknowledgements.add(kept, () => this.#isOver || proceed());
    proceed(isDone ? undefined : new Error('Not yet.'));
  }

  #connected(limits: BrokerLimits): void {
    if (this.#isOver) return;
    this.#hadConnection = true;
    this.#limits = limits;
    const { subscriptions, protocolVersion } = this.#options;
    if (subscriptions.length === 0) {
      this.#listener.ready(limits, null);
      return;
    }
    const retainRules = protocolVersion === 5 ? { rap: false, rh: 1, nl: false } : {};
    this.#oweOne();
    this.#client.subscribe([...subscriptions], { qos: 1, ...retainRules }, (error) => {
      if (this.#isOver) return;
      this.#settleOne();
      this.#listener.ready(limits, error === null ? null : subscriptionRefusal(error));
    });
  }

  #failed(error: unknown): void {
    if (this.#isOver) return;
    const isConnackTimeout = error instanceof Error && error.message === 'connack timeout';
    this.#firstError ??= isConnackTimeout
      ? endBySilence(this.#at, 'CONNACK', false)
      : endByError(error, this.#at, this.#hadConnection);
    this.#end(this.#firstError);
  }

  #end(end: ConnectionEnd): void {
    if (this.#isOver) return;
    this.#over();
    this.#client.end(true);
    this.#listener.ended(end);
  }

  #over(): void {
    this.#isOver = true;
    this.#acknowledgements.clear();
    this.#clearAckTimer();
  }

  #oweOne(): void {
    this.#owed += 1;
    if (this.#ackTimer === null) this.#armAckTimer();
  }

  #settleOne(): void {
    this.#owed -= 1;
    this.#clearAckTimer();
    if (this.#owed > 0) this.#armAckTimer();
  }

  #armAckTimer(): void {
    this.#ackTimer = setTimeout(
      () => this.#end(endBySilence(this.#at, 'acknowledgement', true)),
      this.#options.ackTimeoutMs,
    );
  }

  #clearAckTimer(): void {
    if (this.#ackTimer !== null) clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
  }
}

function subscriptionRefusal(error: Error): string {
  const code = 'code' in error && typeof error.code === 'number' ? ` (0x${error.code.toString(16)})` : '';
  return `The broker does not grant all subscriptions${code}: commands may not arrive.`;
}

function socketTo({ address, ca, rejectUnauthorized }: ConnectionOptions): net.Socket {
  const { host, port } = address;
  if (!address.tls) return net.connect({ host, port, noDelay: true });
  const socket = tls.connect({
    host,
    port,
    rejectUnauthorized,
    ...(ca === null ? {} : { ca }),
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
  });
  socket.setNoDelay(true);
  return socket;
}

function clientOptions(options: ConnectionOptions): IClientOptions {
  const { protocolVersion, username, password, will } = options;
  return {
    protocolVersion,
    clientId: options.clientId,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(will === null
      ? {}
      : {
          will: {
            topic: will.topic,
            payload: Buffer.from(will.payload),
            qos: Math.min(will.qos, options.qosCeiling) === 1 ? 1 : 0,
            retain: will.retain,
          },
        }),
    clean: protocolVersion !== 5,
    ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: options.sessionExpiryS } } : {}),
    keepalive: options.keepaliveS,
    connectTimeout: options.connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // Its cache of all packet ids costs megabytes.
    writeCache: false,
    timerVariant: 'native',
    // Its debug output would print the password.
    log: () => undefined,
  };
}
