import type { Charge } from '../../../machines/domain/command.ts';
import { actionCommand } from './action-command.ts';

const start: Charge = { name: 'charge', action: 'start' };
const stop: Charge = { name: 'charge', action: 'stop' };

export const charge = actionCommand<Charge>('charge', { start, stop, on: start, off: stop, true: start, false: stop });
