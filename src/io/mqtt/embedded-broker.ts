import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Aedes, AedesOptions } from 'aedes';
import type { Log } from '../../actors/ports.ts';
import { hostAndPort } from './broker-address.ts';

export interface EmbeddedBrokerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 1883; 0 takes a free one. */
  readonly port?: number;
  /** Together with `password`; without them everybody who reaches the port may connect. */
  readonly username?: string;
  readonly password?: string;
  readonly log: Log;
}

export interface EmbeddedBroker {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Sessions and delayed wills kept for clients that are away: a bound, not a wish. */
const PENDING_SESSIONS = 1_000;
const SESSION_EXPIRY_LIMIT_S = 86_400;

/**
 * An MQTT broker in this process, for the demo and for people without one. Nothing of it is loaded before this is
 * called. What it holds (retained messages, sessions) lives in memory.
 *
 * @throws Error with a sentence for a person when the port cannot be had.
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { Aedes } = await import('aedes');
  const broker = await Aedes.createBroker(brokerOptions(options));
  broker.on('connectionError', (_client, error) => {
    options.log.write('debug', 'The embedded broker turned a client away.', { error: error.name });
  });
  listenForErrors(broker, options.log);
  const host = options.host ?? '127.0.0.1';
  const server = createServer({ noDelay: true });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  try {
    await listen(server, host, options.port ?? 1883);
  } catch (error) {
    await closed((done) => broker.close(done));
    throw error;
  }
  server.on('error', (error) =>
    options.log.write('error', 'The embedded broker failed to accept a client.', { error: error.name }),
  );
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `mqtt://${hostAndPort({ host, port, tls: false, username: null, password: null })}`,
    port,
    close: async () => {
      const serverClosed = closed((done) => server.close(() => done()));
      await closed((done) => broker.close(done));
      for (const socket of sockets) socket.destroy();
      await serverClosed;
    },
  };
}

function brokerOptions({ username, password }: EmbeddedBrokerOptions): AedesOptions {
  const limits: AedesOptions = {
    pendingSessionsLimit: PENDING_SESSIONS,
    sessionExpiryIntervalLimit: SESSION_EXPIRY_LIMIT_S,
  };
  if (username === undefined || password === undefined) return limits;
  const wanted = digest(username, password);
  return {
    ...limits,
    authenticate: (_client, givenUsername, givenPassword, done) => {
      const given = digest(givenUsername ?? '', givenPassword?.toString('utf8') ?? '');
      done(null, timingSafeEqual(wanted, given));
    },
  };
}

/** Of equal length whatever was given, so that comparing takes the same time. */
function digest(username: string, password: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([username, password]))
    .digest();
}

/** Its housekeeping emits `error`, which its types do not know and which would end the process. */
function listenForErrors(broker: Aedes, log: Log): void {
  const emitter: NodeJS.EventEmitter = broker;
  emitter.on('error', (error: unknown) => {
    log.write('error', 'The embedded broker failed at its housekeeping.', {
      error: error instanceof Error ? error.name : typeof error,
    });
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : (error.code ?? error.name);
      reject(new Error(`The embedded broker cannot listen at ${host}:${port}: ${why}.`));
    };
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

function closed(close: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => close(resolve));
}
