import type { Clock } from '../actors/ports.ts';

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };
