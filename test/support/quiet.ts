/** What a test gives to an actor system that should not depend on the world. */
let serial = 0;
export const randomness = {
  random: () => 0.5,
  id: () => {
    serial += 1;
    return `own-${serial}`;
  },
};
export const clock = { now: () => Date.now(), elapsed: () => performance.now() };

/** What most tests want of an actor system that is not what they are about. */
export const usualSystem = {
  baseTopic: 'hyundai',
  discoveryPrefix: 'homeassistant',
  responsePrefixes: [],
  carNames: new Map<string, string>(),
  location: 'live',
  readAtStart: true,
  simulated: false,
  version: '0.0.0',
  cloudUrl: null,
  clock,
  randomness,
} as const;
