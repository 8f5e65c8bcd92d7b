import { z } from 'zod';
import type { InboundMessage, MessageBus, OutboundMessage } from '../../actors/ports.ts';
import { type CommandStatus, REASONS } from '../../machines/domain/command.ts';

const STATUSES = [
  'accepted',
  'succeeded',
  'failed',
  'timedOut',
  'unknown',
  'rejected',
  'expired',
] as const satisfies readonly CommandStatus[];

/** What is seen of the record that a command's sender gets. */
const record = z.object({
  id: z.string(),
  status: z.enum(STATUSES),
  reason: z.enum(REASONS).optional(),
  received_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  duplicate: z.boolean().optional(),
});

export interface Answer {
  readonly commandId: string;
  /** The command's level in the topic: what a sender called it. */
  readonly command: string;
  readonly status: CommandStatus;
  readonly reason: string | null;
  /** ms from its arrival to its end; null if it has not ended. */
  readonly tookMs: number | null;
  readonly isDuplicate: boolean;
}

/** Hears what passes. Must not throw. */
export interface BusWatcher {
  connected(): void;
  /** Also when it was closed. */
  lost(): void;
  arrived(message: InboundMessage): void;
  /** `answer`: what the message says of a command, if it is the answer to one. */
  published(message: OutboundMessage, answer: Answer | null): void;
}

/** The same bus, with somebody who hears what passes. @param baseTopic the first levels of every topic. */
export function watchedBus(bus: MessageBus, baseTopic: string, watcher: BusWatcher): MessageBus {
  return {
    start: (listener, subscriptions) =>
      bus.start(
        {
          connected: (info) => {
            watcher.connected();
            listener.connected(info);
          },
          lost: (reason) => {
            watcher.lost();
            listener.lost(reason);
          },
          message: (message) => {
            watcher.arrived(message);
            return listener.message(message);
          },
        },
        subscriptions,
      ),
    publish: (message) => {
      const command = commandIn(message.topic, baseTopic);
      watcher.published(message, command === null ? null : answerIn(message.payload, command));
      bus.publish(message);
    },
    close: (last) => bus.close(last).finally(() => watcher.lost()),
  };
}

/** `hyundai/ev6/commands/lock/result` → `lock`; null for other topics. */
function commandIn(topic: string, base: string): string | null {
  if (!topic.endsWith('/result') || !topic.startsWith(`${base}/`)) return null;
  const [, marker, name, , ...more] = topic.slice(base.length + 1).split('/');
  return marker === 'commands' && name !== undefined && more.length === 0 ? name : null;
}

function answerIn(payload: string, command: string): Answer | null {
  const parsed = record.safeParse(jsonOf(payload));
  if (!parsed.success) return null;
  const { id, status, reason, received_at, finished_at, duplicate } = parsed.data;
  return {
    commandId: id,
    command,
    status,
    reason: reason ?? null,
    tookMs: finished_at === null ? null : Date.parse(finished_at) - Date.parse(received_at),
    isDuplicate: duplicate === true,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
