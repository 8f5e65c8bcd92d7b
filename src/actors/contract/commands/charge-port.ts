import type { ChargePort } from '../../../machines/domain/command.ts';
import { actionCommand } from './action-command.ts';

export const chargePort = actionCommand<ChargePort>('charge_port', {
  open: { name: 'charge_port', action: 'open' },
  close: { name: 'charge_port', action: 'close' },
});
