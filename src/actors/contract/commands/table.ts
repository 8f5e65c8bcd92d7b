import type { Command, CommandName } from '../../../machines/domain/command.ts';
import { charge } from './charge.ts';
import { chargeLimits } from './charge-limits.ts';
import { chargePort } from './charge-port.ts';
import { chargingCurrent } from './charging-current.ts';
import { climate } from './climate.ts';
import type { CommandDefinition } from './definition.ts';
import { lock } from './lock.ts';
import { navigation } from './navigation.ts';
import { refresh } from './refresh.ts';
import { hazardLights, horn } from './signals.ts';
import { valet } from './valet.ts';
import { windows } from './windows.ts';

type Definitions = { readonly [N in CommandName]: CommandDefinition<Extract<Command, { name: N }>> };

/** Every command, by the last level of its topic. */
export const COMMANDS: Definitions = {
  lock,
  climate,
  windows,
  charge_port: chargePort,
  charge,
  charge_limits: chargeLimits,
  charging_current: chargingCurrent,
  hazard_lights: hazardLights,
  horn,
  valet,
  navigation,
  refresh,
};

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
