import net from 'node:net';
import { MqttClient } from 'mqtt';
import { nowMs } from './clock.ts';
import { News } from './news.ts';

export interface Message {
  readonly topic: string;
  readonly payload: string;
  /** Of the monotonic clock. */
  readonly at: number;
}

/** The bench as one more client of the broker. */
export interface BrokerClient {
  /** Resolves when the broker has the message. */
  publish(topic: string, payload: string): Promise<void>;
  subscribe(filter: string, listener: (message: Message) => void): Promise<void>;
  close(): Promise<void>;
}

/** Connects as the daemon does: MQTT 5, no Nagle delay, none of the client's costly conveniences. */
export async function connectToBroker(port: number): Promise<BrokerClient> {
  const client = new MqttClient(() => net.connect({ port, host: '127.0.0.1', noDelay: true }), {
    protocolVersion: 5,
    reconnectPeriod: 0,
    writeCache: false,
    log: () => undefined,
  });
  const listeners: { readonly pattern: RegExp; readonly listener: (message: Message) => void }[] = [];
  client.on('message', (topic, bytes) => {
    const message = { topic, payload: bytes.toString('utf8'), at: nowMs() };
    for (const { pattern, listener } of listeners) if (pattern.test(topic)) listener(message);
  });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
  });
  client.on('error', () => undefined);
  return {
    publish: async (topic, payload) => {
      await client.publishAsync(topic, payload, { qos: 1 });
    },
    subscribe: async (filter, listener) => {
      listeners.push({ pattern: patternOf(filter), listener });
      await client.subscribeAsync(filter, { qos: 1 });
    },
    close: () => client.endAsync(true),
  };
}

function patternOf(filter: string): RegExp {
  const levels = filter.split('/').map((level) => (level === '+' ? '[^/]*' : level === '#' ? '.*' : level));
  return new RegExp(`^${levels.join('/')}$`);
}

/** A command's last word, as far as the benches look at it. */
export interface Result {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly attempts: number;
  readonly joined?: string;
}

/** The final records of every command under a base topic. */
export async function listenForResults(client: BrokerClient, base: string): Promise<News<Result>> {
  const results = new News<Result>();
  await client.subscribe(`${base}/+/commands/+/result`, ({ payload }) => {
    const record = JSON.parse(payload) as Result;
    if (record.status !== 'accepted') results.add(record);
  });
  return results;
}
