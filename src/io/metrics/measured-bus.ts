import type { MessageBus } from '../../actors/ports.ts';
import type { CommandName } from '../../machines/domain/command.ts';
import { type Answer, watchedBus } from '../watch/watched-bus.ts';
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
  return watchedBus(bus, baseTopic, {
    connected: () => {
      mqttConnects.inc();
      isConnected(true);
    },
    lost: () => isConnected(false),
    arrived: () => arrived.inc(),
    published: (_, answer) => {
      published.inc();
      // A duplicate is told what was counted already.
      if (answer !== null && !answer.isDuplicate) countAnswer(answer, instruments);
    },
  });
}

function countAnswer(
  { command: name, status, reason, tookMs }: Answer,
  { commands, commandsAccepted, commandSeconds }: Instruments,
): void {
  // What a stranger calls a command must not make a series.
  const command = Object.hasOwn(COMMANDS, name) ? name : 'other';
  if (status === 'accepted') {
    commandsAccepted.inc({ command });
    return;
  }
  commands.inc({ command, status, reason: reason ?? 'none' });
  if (status !== 'rejected' && tookMs !== null) commandSeconds.observe({ command }, tookMs / 1000);
}
