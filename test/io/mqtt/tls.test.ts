import net from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { MessageBus } from '../../../src/actors/ports.ts';
import { createMqttBus } from '../../../src/io/mqtt/bus.ts';
import type { MqttBusOptions } from '../../../src/io/mqtt/options.ts';
import { startBroker } from '../../support/brokers.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { hasOpenssl, type Identity, selfSigned } from '../../support/self-signed.ts';
import { recordingListener } from './mailbox.ts';

if (!hasOpenssl) process.stdout.write('Skipped: the tests of TLS to the broker, which need openssl.\n');

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aTlsBroker(identity: Identity): Promise<number> {
  const broker = await startBroker('aedes');
  cleanUps.push(() => broker.stop());
  const server = tls.createServer(identity, (socket) => {
    const inner = net.connect(broker.port, '127.0.0.1');
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function aBus(broker: MqttBusOptions['broker'], options: Partial<MqttBusOptions> = {}): MessageBus {
  const bus = createMqttBus({
    broker,
    username: null,
    password: null,
    clientId: 'bluelinkd-test',
    will: null,
    log: quietLog,
    clock: { now: () => Date.now(), elapsed: () => performance.now() },
    ...options,
  });
  cleanUps.push(() => bus.close(null));
  return bus;
}

describe.skipIf(!hasOpenssl)('the bus over TLS', () => {
  it('trusts the authority that it is given', async () => {
    const identity = selfSigned('localhost');
    const port = await aTlsBroker(identity);
    const bus = aBus({ url: `mqtts://localhost:${port}` }, { ca: identity.cert });
    const heard = recordingListener();
    bus.start(heard.listener, ['base/#']);
    expect(await heard.connections.next('a connection')).toBe(5);
  });

  it('says at a plain port that it may be the wrong one, or TLS the mistake', async () => {
    const broker = await startBroker('aedes');
    cleanUps.push(() => broker.stop());
    const heard = recordingListener();
    aBus({ host: '127.0.0.1', port: broker.port, tls: true }).start(heard.listener, ['base/#']);
    expect(await heard.losses.next('a loss')).toBe(
      `The broker at 127.0.0.1:${broker.port} cut the connection before it said anything; check the port and mqtt.tls.`,
    );
  });

  it('does not trust a stranger, and says so', async () => {
    const port = await aTlsBroker(selfSigned('localhost'));
    // By its address: on a slow machine the other address of a name would be tried, and not being there be what is told.
    const bus = aBus({ host: '127.0.0.1', port, tls: true });
    const heard = recordingListener();
    bus.start(heard.listener, []);
    expect(await heard.losses.next('the refusal')).toMatch(
      /certificate of the broker at 127\.0\.0\.1:\d+ cannot be trusted/,
    );
  });

  it('connects to a stranger when it is told not to look', async () => {
    const port = await aTlsBroker(selfSigned('localhost'));
    const bus = aBus({ host: '127.0.0.1', port, tls: true }, { rejectUnauthorized: false });
    const heard = recordingListener();
    bus.start(heard.listener, []);
    expect(await heard.connections.next('a connection')).toBe(5);
  });

  it('says when the other side does not speak TLS', async () => {
    const broker = await startBroker('aedes');
    cleanUps.push(() => broker.stop());
    const bus = aBus({ host: '127.0.0.1', port: broker.port, tls: true });
    const heard = recordingListener();
    bus.start(heard.listener, []);
    expect(await heard.losses.next('the loss')).toMatch(/TLS|cut|closed/);
  });
});
