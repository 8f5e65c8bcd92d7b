import type { BusListener, InboundMessage } from '../../../src/actors/ports.ts';
import { Happenings } from '../../support/happenings.ts';

/** A listener that remembers everything. */
export function recordingListener(): {
  readonly listener: BusListener;
  readonly connections: Happenings<4 | 5>;
  readonly losses: Happenings<string>;
  readonly messages: Happenings<InboundMessage>;
} {
  const connections = new Happenings<4 | 5>();
  const losses = new Happenings<string>();
  const messages = new Happenings<InboundMessage>();
  return {
    connections,
    losses,
    messages,
    listener: {
      connected: ({ protocolVersion }) => connections.add(protocolVersion),
      lost: (reason) => losses.add(reason),
      message: (message) => {
        messages.add(message);
        return undefined;
      },
    },
  };
}

export function text(message: InboundMessage): string {
  return Buffer.from(message.payload).toString('utf8');
}
