import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { Happenings } from './happenings.ts';

const CHANNEL = 'net.server.socket';

export interface ServerSide {
  /** Resolves when no server holds a connection from these ports any more. */
  gone(ports: readonly number[]): Promise<void>;
}

/**
 * The connections of all servers in this process, from now on to the end of the test. A server learns a moment after its
 * client that a connection is over; what counts its connections must not be asked before.
 */
export function serverSide(): ServerSide {
  const open = new Set<number>();
  const closed = new Happenings<number>();
  const take = (message: unknown) => {
    const { socket } = message as { readonly socket: Socket };
    const port = socket.remotePort ?? 0;
    open.add(port);
    socket.once('close', () => {
      open.delete(port);
      closed.add(port);
    });
  };
  subscribe(CHANNEL, take);
  onTestFinished(() => void unsubscribe(CHANNEL, take));
  return {
    gone: async (ports) => {
      await closed.until(
        'the server to be rid of its clients',
        () => !ports.some((port) => open.has(port)) || undefined,
      );
    },
  };
}
