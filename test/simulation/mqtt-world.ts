import type { Duplex } from 'node:stream';
import { Aedes, type AedesPublishPacket } from 'aedes';
import { Line } from './pipe.ts';
import type { Scope } from './scope.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
}

export interface Told {
  readonly topic: string;
  readonly payload: string;
  readonly retain?: boolean;
  /** Seconds. */
  readonly messageExpiryS?: number;
  readonly correlationData?: string;
}

export interface BrokerListener {
  /** Whatever the daemon publishes. */
  published(message: Heard): void;
  /** The daemon has acknowledged a message with this text. */
  acknowledged(topic: string, payload: string): void;
}

/** The broker: aedes over connections in memory. A restart forgets everything, a cut connection nothing. */
export class MqttWorld {
  readonly #time: VirtualTime;
  readonly #listener: BrokerListener;
  readonly #clientId: string;
  #broker: Aedes | null = null;
  #lines = new Set<Line>();

  constructor(time: VirtualTime, clientId: string, listener: BrokerListener) {
    this.#time = time;
    this.#clientId = clientId;
    this.#listener = listener;
  }

  get isUp(): boolean {
    return this.#broker !== null;
  }

  async start(): Promise<void> {
    const broker = await Aedes.createBroker({ pendingSessionsLimit: 1_000, sessionExpiryIntervalLimit: 86_400 });
    const emitter: NodeJS.EventEmitter = broker;
    emitter.on('error', () => undefined);
    broker.on('connectionError', () => undefined);
    broker.on('publish', (packet, client) => {
      if (client?.id !== this.#clientId) return;
      this.#listener.published({
        topic: packet.topic,
        text: packet.payload.toString('utf8'),
        retain: packet.retain,
      });
    });
    broker.on('ack', (packet, client) => {
      const acknowledged = packet as Partial<AedesPublishPacket> | undefined;
      if (client?.id !== this.#clientId || acknowledged?.topic === undefined) return;
      this.#listener.acknowledged(acknowledged.topic, String(acknowledged.payload ?? ''));
    });
    this.#broker = broker;
  }

  stop(): void {
    const broker = this.#broker;
    this.#broker = null;
    this.cut();
    broker?.close();
  }

  /** A connection for somebody who belongs to `scope`. */
  connect(scope: Scope): Duplex {
    const line = new Line(this.#time, scope, this.#time.world);
    const broker = this.#broker;
    if (broker === null) {
      line.cut();
      return line.near;
    }
    this.#lines.add(line);
    line.far.once('close', () => this.#lines.delete(line));
    this.#time.after(1, this.#time.world, () => {
      if (this.#broker === broker) broker.handle(line.far);
      else line.cut();
    });
    return line.near;
  }

  cut(): void {
    for (const line of this.#lines) line.cut();
    this.#lines.clear();
  }

  /** The connections are there and carry nothing any more. */
  silence(): void {
    for (const line of this.#lines) line.isSilent = true;
  }

  /** The daemon that had them has died. */
  bury(): void {
    for (const line of this.#lines) line.bury();
    this.#lines.clear();
  }

  /** Somebody publishes, at QoS 1. False: there is no broker. */
  tell(message: Told): boolean {
    if (this.#broker === null) return false;
    const { topic, payload, retain = false, messageExpiryS, correlationData } = message;
    const properties = {
      ...(messageExpiryS === undefined ? {} : { messageExpiryInterval: messageExpiryS }),
      ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
    };
    this.#broker.publish(
      {
        cmd: 'publish',
        topic,
        payload: Buffer.from(payload),
        qos: 1,
        retain,
        dup: false,
        ...(Object.keys(properties).length === 0 ? {} : { properties }),
      },
      () => undefined,
    );
    return true;
  }
}
