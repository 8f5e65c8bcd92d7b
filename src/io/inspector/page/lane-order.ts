/** From the sender to the car's cloud: who stands nearer to the world stands farther out. */
const USUAL = [
  'sender',
  'broker',
  'bridge',
  'journal',
  'fleet',
  'account',
  'vehicle',
  'command',
  'token',
  'breaker',
  'cloud',
];

/** The place of a lane among others, by its kind; of kinds that are not known behind all others. */
export function rankOf(lane: string): number {
  const rank = USUAL.indexOf(lane.split(/[ /]/)[0] ?? '');
  return rank === -1 ? USUAL.length : rank;
}
