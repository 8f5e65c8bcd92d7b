import type { Valet } from '../../../machines/domain/command.ts';
import { actionCommand } from './action-command.ts';

const activate: Valet = { name: 'valet', action: 'activate' };
const deactivate: Valet = { name: 'valet', action: 'deactivate' };

export const valet = actionCommand<Valet>('valet', { activate, deactivate, on: activate, off: deactivate });
