import { afterEach } from 'vitest';
import type { MessageBus } from '../../../src/actors/ports.ts';
import { createMqttBus } from '../../../src/io/mqtt/bus.ts';
import type { MqttBusOptions } from '../../../src/io/mqtt/options.ts';
import { type BrokerKind, startBroker, type TestBroker, type TestBrokerOptions } from '../../support/brokers.ts';
import { clock } from '../../support/quiet.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { connectPeer, type Peer } from './client.ts';
import { recordingListener } from './mailbox.ts';

export const QUICK = { reconnectMinMs: 20, reconnectMaxMs: 100, refusedRetryMs: 200 };
export const COMMANDS = ['base/+/commands/+'];

export interface BusFixture {
  /** Run after the test, last first. */
  readonly cleanUps: (() => Promise<void>)[];
  aBroker(kind: BrokerKind, options?: TestBrokerOptions): Promise<TestBroker>;
  aPeer(broker: TestBroker, options?: Parameters<typeof connectPeer>[1]): Promise<Peer>;
  aBus(port: number, options?: Partial<MqttBusOptions>): MessageBus;
  /** One that listens to `COMMANDS` and has its first connection. */
  aConnectedBus(
    broker: TestBroker,
    options?: Partial<MqttBusOptions>,
  ): Promise<{ readonly bus: MessageBus; readonly heard: ReturnType<typeof recordingListener> }>;
}

/** Brokers, buses and peers that are closed when the test is over. */
export function busFixture(): BusFixture {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  const aBus: BusFixture['aBus'] = (port, options = {}) => {
    const bus = createMqttBus({
      broker: { url: `mqtt://127.0.0.1:${port}` },
      username: null,
      password: null,
      clientId: 'bluelinkd-test',
      will: { topic: 'base/bridge/state', payload: 'offline', qos: 1, retain: true },
      timing: QUICK,
      log: quietLog,
      clock,
      ...options,
    });
    cleanUps.push(() => bus.close(null));
    return bus;
  };
  return {
    cleanUps,
    aBroker: async (kind, options = {}) => {
      const broker = await startBroker(kind, options);
      cleanUps.push(() => broker.stop());
      return broker;
    },
    aPeer: async (broker, options = {}) => {
      const peer = await connectPeer(broker.port, options);
      cleanUps.push(() => peer.end());
      return peer;
    },
    aBus,
    aConnectedBus: async (broker, options = {}) => {
      const bus = aBus(broker.port, options);
      const heard = recordingListener();
      bus.start(heard.listener, COMMANDS);
      await heard.connections.next('a connection');
      return { bus, heard };
    },
  };
}
