import { type Disturbance, isSessionCall } from '../cloud.ts';
import { fail, type Invariant } from './kit.ts';

export const singleFlight: Invariant = {
  name: 'singleFlight',
  promise: 'At most one refresh or login is in flight.',
  onState: ({ flights }) => {
    const running = flights.filter(({ call }) => isSessionCall(call)).length;
    return running > 1 ? `${running} refreshes or logins are in flight at once.` : null;
  },
};

/** Failed refreshes bring no generation, so it is enough to count those that do. */
export const oneRefreshPerExpiry: Invariant = {
  name: 'oneRefreshPerExpiry',
  promise:
    'The token is replaced no oftener than there were reasons, and a fresh one never without a look whether it is bad.',
  onEvent: ({ address, before, after }, ghost) => {
    if (before?.value === 'cooldown.proving' && after.value.startsWith('refreshing')) {
      fail('oneRefreshPerExpiry', address, 'replaces a fresh token that nobody has verified');
    }
    return ghost;
  },
  onState: ({ cloud, budgets }, slice) => {
    const spent = (name: Disturbance) => (slice.budgets[name] ?? 0) - budgets[name];
    const reasons =
      spent('expiry') +
      spent('poison') +
      spent('renewal') +
      spent('spuriousRefusal') +
      spent('doubt') +
      spent('restart') +
      spent('login') +
      (slice.fromStart ? 1 : 0);
    const refreshes = cloud.generation - 1;
    return refreshes > reasons ? `The token was replaced ${refreshes} times, for ${reasons} reasons.` : null;
  },
};
