import { createRequire } from 'node:module';
import net from 'node:net';
import { MqttClient } from 'mqtt';
import { FLOOR_CAR } from './cars.ts';
import type { Ticket } from './cloud.ts';

/** What `floor-process.ts` is told on its command line, as JSON. */
export interface FloorOrder {
  readonly brokerPort: number;
  readonly cloudUrl: string;
  readonly ticket: Ticket;
}

interface Got {
  (path: string, options: object): Promise<{ readonly statusCode: number }>;
  extend(options: object): Got;
}

/**
 * The least that a program can do that takes a command from MQTT and makes one call to the cloud of it: no actors, no
 * queue, no checks, no confirmation. The same MQTT client and the same HTTP client (bluelinky's own got 9) as the daemon,
 * both with the same options; above all a connection of its own for every control.
 */
const order = JSON.parse(process.argv[2] ?? '') as FloorOrder;
const got = createRequire(createRequire(import.meta.url).resolve('bluelinky'))('got') as Got;
const { token, deviceId } = order.ticket;
const service = got.extend({
  baseUrl: order.cloudUrl,
  headers: {
    authorization: `Bearer ${token}`,
    'ccsp-device-id': deviceId,
    stamp: 'floor',
    'user-agent': 'okhttp/3.12.0',
  },
});

const client = new MqttClient(() => net.connect({ port: order.brokerPort, host: '127.0.0.1', noDelay: true }), {
  protocolVersion: 5,
  reconnectPeriod: 0,
  writeCache: false,
  timerVariant: 'native',
  log: () => undefined,
});
client.on('message', (_topic, payload) => void lock(JSON.parse(payload.toString()) as { id: string; action: string }));
client.on('connect', () => {
  client.subscribe('floor/+/commands/+', { qos: 1 }, () => process.send?.({ tell: 'ready' }));
});

async function lock({ id, action }: { readonly id: string; readonly action: string }): Promise<void> {
  const { statusCode } = await service(`/api/v1/spa/vehicles/${FLOOR_CAR}/control/door`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ action: action === 'lock' ? 'close' : 'open', deviceId }),
    json: false,
    retry: 0,
    followRedirect: false,
    throwHttpErrors: false,
    agent: false,
  });
  const status = statusCode === 200 ? 'succeeded' : 'failed';
  client.publish(`floor/${FLOOR_CAR}/commands/lock/result`, JSON.stringify({ id, status, attempts: 1 }), { qos: 1 });
}
