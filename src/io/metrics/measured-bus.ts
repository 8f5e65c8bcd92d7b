import { z } from 'zod';
import type { BusListener, MessageBus, OutboundMessage } from '../../actors/ports.ts';
import { type CommandName, type CommandStatus, REASONS } from '../../machines/domain/command.ts';
import type { Instruments } from './instruments.ts';
import type { Readiness } from './readiness.ts';

const COMMANDS: Readonly<Record<CommandName, true>> = {
  lock: true,
  climate: true,
  windows: true,
  charge_port: true,
  charge: true,
  charge_limits: true,
  charging_current: true,
  hazard_lights: true,
  horn: true,
  valet: true,
  navigation: true,
  refresh: true,
};
const STATUSES = [
  'accepted',
  'succeeded',
  'failed',
  'timedOut',
  'unknown',
  'rejected',
  'expired',
] as const satisfies readonly CommandStatus[];

/** What is counted of the record that a command's sender gets. */
const record = z.object({
  status: z.enum(STATUSES),
  reason: z.enum(REASONS).optional(),
  received_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  duplicate: z.boolean().optional(),
});

/** The same bus, with its connection, its messages and the ends of commands counted. */
export function measuredBus(
  bus: MessageBus,
  baseTopic: string,
  instruments: Instruments,
  readiness: Readiness,
): MessageBus {
  const { mqttConnected, mqttConnects, mqttMessages } = instruments;
  mqttConnected.set(0);
  const [arrived, published] = [mqttMessages.labels('in'), mqttMessages.labels('out')];
  const isConnected = (is: boolean): void => {
    mqttConnected.set(is ? 1 : 0);
    readiness.brokerIs(is);
  };
  return {
    start: (listener: BusListener, subscriptions) =>
      bus.start(
        {
          connected: (info) => {
            mqttConnects.inc();
            isConnected(true);
            listener.connected(info);
          },
          lost: (reason) => {
            isConnected(false);
            listener.lost(reason);
          },
          message: (message) => {
            arrived.inc();
            return listener.message(message);
          },
        },
        subscriptions,
      ),
    publish: (message) => {
      published.inc();
      const command = commandOf(message.topic, baseTopic);
      if (command !== null) countRecord(command, message, instruments);
      bus.publish(message);
    },
    close: (last) => bus.close(last).finally(() => isConnected(false)),
  };
}

/** `hyundai/ev6/commands/lock/result` → `lock`; null for other topics. */
function commandOf(topic: string, base: string): CommandName | 'other' | null {
  if (!topic.endsWith('/result') || !topic.startsWith(`${base}/`)) return null;
  const [, marker, name, , ...more] = topic.slice(base.length + 1).split('/');
  if (marker !== 'commands' || name === undefined || more.length > 0) return null;
  // What a stranger calls a command must not make a series.
  return Object.hasOwn(COMMANDS, name) ? (name as CommandName) : 'other';
}

function countRecord(
  command: CommandName | 'other',
  { payload }: OutboundMessage,
  { commands, commandsAccepted, commandSeconds }: Instruments,
): void {
  const parsed = record.safeParse(jsonOf(payload));
  // A duplicate is told what was counted already.
  if (!parsed.success || parsed.data.duplicate === true) return;
  const { status, reason, received_at, finished_at } = parsed.data;
  if (status === 'accepted') {
    commandsAccepted.inc({ command });
    return;
  }
  commands.inc({ command, status, reason: reason ?? 'none' });
  if (status !== 'rejected' && finished_at !== null) {
    commandSeconds.observe({ command }, (Date.parse(finished_at) - Date.parse(received_at)) / 1000);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
