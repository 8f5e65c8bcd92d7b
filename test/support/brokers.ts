import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startEmbeddedBroker } from '../../src/io/mqtt/embedded-broker.ts';
import { quietLog } from './quiet-log.ts';

const TOLD_AGAIN_MS = 200;
const START_MS = 30_000;
/** A port of ours that somebody else took in between costs a try. */
const TRIES = 3;

export type BrokerKind = 'aedes' | 'mosquitto';

export interface TestBroker {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
  /** On the same port; what the broker knew (retained messages, sessions) is gone. */
  restart(): Promise<void>;
}

export interface TestBrokerOptions {
  readonly username?: string;
  readonly password?: string;
  /** Aedes only: MQTT 5 is answered as older brokers do (`0x01`), or as newer ones should (`0x84`). */
  readonly refuseMqtt5With?: 0x01 | 0x84;
  /** Default: a free one. */
  readonly port?: number;
}

/** Aedes always; Mosquitto when it is installed. What is left out is printed once per call. */
export function availableBrokers(): readonly BrokerKind[] {
  if (mosquittoPath() !== null) return ['aedes', 'mosquitto'];
  if (process.env.BLUELINKD_TEST_MOSQUITTO === '1' || process.env.BLUELINKD_TEST_BROKER === 'mosquitto')
    throw new Error('The tests are to run against Mosquitto, but there is no mosquitto.');
  process.stdout.write('Skipped: the tests against Mosquitto, which is not installed.\n');
  return ['aedes'];
}

export async function startBroker(kind: BrokerKind, options: TestBrokerOptions = {}): Promise<TestBroker> {
  const launch = kind === 'aedes' ? launchAedes : launchMosquitto;
  const { port, stop: stopFirst } = await launched(launch, options);
  let stop = stopFirst;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    stop: () => stop(),
    restart: async () => {
      await stop();
      stop = await launch(port, options);
    },
  };
}

type Stop = () => Promise<void>;
type Launch = (port: number, options: TestBrokerOptions) => Promise<Stop>;

async function launched(
  launch: Launch,
  options: TestBrokerOptions,
  tries = TRIES,
): Promise<{ readonly port: number; readonly stop: Stop }> {
  const port = options.port ?? (await freePort());
  try {
    return { port, stop: await launch(port, options) };
  } catch (error) {
    if (options.port !== undefined || tries === 1) throw error;
    return launched(launch, options, tries - 1);
  }
}

async function launchAedes(port: number, options: TestBrokerOptions): Promise<Stop> {
  const { username, password, refuseMqtt5With } = options;
  const credentials = username === undefined || password === undefined ? {} : { username, password };
  const isGuarded = refuseMqtt5With !== undefined;
  const broker = await startEmbeddedBroker({ port: isGuarded ? 0 : port, ...credentials, log: quietLog });
  let stopGuard: Stop | null = isGuarded ? await guardAgainstMqtt5(port, broker.port, refuseMqtt5With) : null;
  let stopped: Promise<void> | null = null;
  return () => {
    stopped ??= (async () => {
      await stopGuard?.();
      stopGuard = null;
      await broker.close();
    })();
    return stopped;
  };
}

/** A door in front of a broker that turns away who knocks with MQTT 5. */
async function guardAgainstMqtt5(port: number, brokerPort: number, code: 0x01 | 0x84): Promise<Stop> {
  const { connect } = await import('node:net');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', (first) => {
      // Fixed header, one byte of length for short packets (two for longer), then "MQTT" with its length, then the version.
      const name = first.indexOf('MQTT');
      if (first[name + 4] === 5) {
        socket.end(Buffer.from(code === 0x01 ? [0x20, 2, 0, 0x01] : [0x20, 3, 0, 0x84, 0]));
        return;
      }
      const inner = connect(brokerPort, '127.0.0.1');
      inner.on('error', () => socket.destroy());
      socket.once('close', () => inner.destroy());
      inner.write(first);
      socket.pipe(inner);
      inner.pipe(socket);
    });
  });
  await listen(server, port);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}

async function launchMosquitto(port: number, options: TestBrokerOptions): Promise<Stop> {
  const binary = mosquittoPath();
  if (binary === null) throw new Error('Mosquitto is not installed.');
  if (options.refuseMqtt5With !== undefined) throw new Error('Only aedes can be made to refuse MQTT 5.');
  const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-mosquitto-'));
  const config = [
    `listener ${port} 127.0.0.1`,
    'persistence false',
    'set_tcp_nodelay true',
    // By default it drops what is more than a thousand messages ahead of a reader, and a reader may be stopped for a while.
    'max_queued_messages 0',
    'log_dest stderr',
    'log_type all',
  ];
  if (process.getuid?.() === 0) config.push('user root');
  if (options.username === undefined || options.password === undefined) {
    config.push('allow_anonymous true');
  } else {
    const passwords = join(folder, 'passwords');
    const made = spawnSync('mosquitto_passwd', ['-c', '-b', passwords, options.username, options.password]);
    if (made.status !== 0) throw new Error('mosquitto_passwd failed.');
    config.push('allow_anonymous false', `password_file ${passwords}`);
  }
  writeFileSync(join(folder, 'mosquitto.conf'), `${config.join('\n')}\n`);
  const child = spawn(binary, ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await running(child);
  return async () => {
    // Mosquitto forgets a signal that comes between its word that it runs and its main loop: it is told again.
    child.kill('SIGTERM');
    const again = setInterval(() => child.kill('SIGTERM'), TOLD_AGAIN_MS);
    await exited;
    clearInterval(again);
    rmSync(folder, { recursive: true, force: true });
  };
}

function running(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`Mosquitto did not start in ${START_MS} ms: ${output}`)), START_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`Mosquitto ended: ${output}`));
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (output.length < 10_000) output += chunk.toString('utf8');
      if (!/ running\b/.test(output)) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

function mosquittoPath(): string | null {
  // Distributions put daemons where ordinary users' PATH does not look.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    const path = join(folder, 'mosquitto');
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}

/**
 * Below the ports that the system hands out by itself, to servers that take any and to clients: nobody gets one of ours
 * between the question and its use, nor while a broker is away that comes back on it. Each worker has a part for itself. (The
 * 10080 is among those that browsers do not speak to.)
 */
const PORTS = { first: 11_000, each: 2_000, workers: 10 };
let nextPort = Math.floor(Math.random() * PORTS.each);

/** A port that is free now, and closed: nothing answers there until somebody takes it. */
export async function freePort(): Promise<number> {
  const part = Number(process.env.VITEST_POOL_ID ?? process.pid) % PORTS.workers;
  for (let tries = 0; tries < PORTS.each; tries += 1) {
    nextPort = (nextPort + 1) % PORTS.each;
    const port = PORTS.first + part * PORTS.each + nextPort;
    if (await isFree(port)) return port;
  }
  throw new Error('No port is free.');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
  } catch {
    return false;
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return true;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}
