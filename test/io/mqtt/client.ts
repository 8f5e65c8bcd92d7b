import net from 'node:net';
import { type IClientOptions, type IClientPublishOptions, type IPublishPacket, MqttClient } from 'mqtt';
import { Happenings } from '../../support/happenings.ts';

/** Somebody else at the broker, with every knob of the protocol in reach. */
export interface Peer {
  readonly received: Happenings<IPublishPacket>;
  publish(topic: string, payload: string | Buffer, options?: IClientPublishOptions): Promise<void>;
  subscribe(filter: string): Promise<void>;
  end(): Promise<void>;
}

export async function connectPeer(port: number, options: IClientOptions = {}): Promise<Peer> {
  const received = new Happenings<IPublishPacket>();
  const client = new MqttClient(() => net.connect({ port, host: '127.0.0.1', noDelay: true }), {
    protocolVersion: 5,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('message', (_topic, _payload, packet) => received.add(packet));
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('The broker closed the connection.')));
  });
  client.on('error', () => undefined);
  return {
    received,
    publish: async (topic, payload, publishOptions = { qos: 1 }) => {
      await client.publishAsync(topic, payload, publishOptions);
    },
    subscribe: async (filter) => {
      await client.subscribeAsync(filter, { qos: 1, rap: true });
    },
    end: () => client.endAsync(true),
  };
}
