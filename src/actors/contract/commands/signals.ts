import type { HazardLights, Horn } from '../../../machines/domain/command.ts';
import { actionCommand } from './action-command.ts';

/** To find a car, or to warn somebody: both end by themselves. */
export const hazardLights = actionCommand<HazardLights>('hazard_lights', { on: { name: 'hazard_lights' } });
export const horn = actionCommand<Horn>('horn', { on: { name: 'horn' } });
