import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.ts';
import { nowMs } from './clock.ts';

/** A broker in a process of its own. */
export interface Broker {
  readonly kind: 'mosquitto' | 'aedes';
  readonly port: number;
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 20_000;
/** A port that was free may be taken by somebody else before the broker has it. */
const MOST_TRIES = 3;
const RETRY_MS = 20;

/** Mosquitto if it is installed (and `BENCH_BROKER` is not `aedes`), else our embedded broker in a process of its own. */
export async function startBroker(): Promise<Broker> {
  const binary = process.env.BENCH_BROKER === 'aedes' ? null : mosquittoPath();
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const broker = binary === null ? startAedes(port) : startMosquitto(binary, port);
    try {
      await untilOpen(port);
      return broker;
    } catch (error) {
      await broker.stop();
      if (tries === MOST_TRIES) throw error;
    }
  }
}

/**
 * Two settings are not Mosquitto's own, for floor and daemon alike: the kernel may not hold small packets back (Nagle),
 * and what waits for a subscriber has no bound, because a thousand results come at once.
 */
function startMosquitto(binary: string, port: number): Broker {
  const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-bench-'));
  const config = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'log_dest none',
    'set_tcp_nodelay true',
    'max_queued_messages 0',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  writeFileSync(join(folder, 'mosquitto.conf'), `${config.join('\n')}\n`);
  const child = spawn(binary, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    kind: 'mosquitto',
    port,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startAedes(port: number): Broker {
  const file = fileURLToPath(new URL('./broker-process.ts', import.meta.url));
  const child = startChild({ file, args: [String(port)] });
  return { kind: 'aedes', port, stop: () => child.stop() };
}

async function untilOpen(port: number): Promise<void> {
  const deadline = nowMs() + START_DEADLINE_MS;
  while (!(await isOpen(port))) {
    if (nowMs() > deadline) throw new Error('The broker did not start.');
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A port of the loopback address that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port.');
  return address.port;
}

function mosquittoPath(): string | null {
  // Distributions put daemons where ordinary users' PATH does not look.
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
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
