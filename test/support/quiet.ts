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
