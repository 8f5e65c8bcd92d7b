import { afterEach, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../../../src/io/mqtt/embedded-broker.ts';
import { freePort } from '../../support/brokers.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { connectPeer } from './client.ts';

const open: EmbeddedBroker[] = [];
afterEach(async () => {
  for (const broker of open.splice(0)) await broker.close();
});

async function started(options: Partial<Parameters<typeof startEmbeddedBroker>[0]> = {}): Promise<EmbeddedBroker> {
  const broker = await startEmbeddedBroker({ port: 0, log: quietLog, ...options });
  open.push(broker);
  return broker;
}

describe('the embedded broker', () => {
  it('says where it listens, on the loopback', async () => {
    const broker = await started();
    expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
    expect(broker.port).toBeGreaterThan(0);
  });

  it.each([4, 5] as const)('speaks MQTT version %i', async (protocolVersion) => {
    const broker = await started();
    const peer = await connectPeer(broker.port, { protocolVersion });
    await peer.subscribe('a');
    await peer.publish('a', 'x');
    expect(String((await peer.received.next('the message')).payload)).toBe('x');
    await peer.end();
  });

  it('lets in who knows user name and password, and nobody else', async () => {
    const broker = await started({ username: 'driver', password: 'right' });
    const good = await connectPeer(broker.port, { username: 'driver', password: 'right' });
    await good.end();
    await expect(connectPeer(broker.port, { username: 'driver', password: 'wrong' })).rejects.toThrow();
    await expect(connectPeer(broker.port, {})).rejects.toThrow();
  });

  it('says so in a sentence when the port is taken', async () => {
    const broker = await started();
    await expect(started({ port: broker.port })).rejects.toThrow(
      `The embedded broker cannot listen at 127.0.0.1:${broker.port}: the port is in use.`,
    );
  });

  it('closes although clients and idle sockets are connected', async () => {
    const net = await import('node:net');
    // Nobody else takes it when it is closed.
    const broker = await startEmbeddedBroker({ port: await freePort(), log: quietLog });
    const peer = await connectPeer(broker.port);
    const idle = net.connect(broker.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const idleClosed = new Promise((resolve) => idle.once('close', resolve));
    idle.on('error', () => undefined);
    await broker.close();
    await idleClosed;
    await peer.end();
    await expect(connectPeer(broker.port)).rejects.toThrow();
  });
});
