import { breakerMachine } from '../../../src/machines/breaker.machine.ts';
import type { CallClass } from '../../../src/machines/domain/failure.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/machines/domain/settings.ts';
import { drive, type Machine } from '../../support/machine-harness.ts';

export type Breaker = Machine<typeof breakerMachine>;

/** A closed breaker; its reports of state to the account are not among what the steps return. */
export function breaker(settings: Partial<Settings> = {}): Breaker {
  return drive(breakerMachine, { settings: { ...DEFAULT_SETTINGS, ...settings } }, ['BREAKER_CHANGED']);
}

/** A holder asks once; its permit, if it gets one, is `<holder>#r`. Its car is its name up to a dot. */
export const ask = (
  machine: Breaker,
  holder: string,
  callClass: CallClass = 'control',
  car: string | null = carOf(holder),
  patient = false,
) => machine.tell({ type: 'REQUEST_PERMIT', request: 'r', callClass, car, patient, from: holder });
const carOf = (holder: string) => holder.split('.')[0] ?? holder;
export const granted = (...holders: readonly string[]) =>
  holders.map((holder) => `${holder} PERMIT_GRANTED r ${holder}#r`);
export const denied = (retryAfterMs: number, ...holders: readonly string[]) =>
  holders.map((holder) => `${holder} PERMIT_DENIED r cloudUnavailable ${retryAfterMs}`);
export const PROBE_WANTED = 'account PROBE_WANTED';

export const succeed = (machine: Breaker, holder: string) =>
  machine.tell({ type: 'REPORT_SUCCESS', permit: `${holder}#r`, from: holder });
export const fail = (machine: Breaker, holder: string, openForMs: number | null = null) =>
  machine.tell({ type: 'REPORT_FAILURE', permit: `${holder}#r`, openForMs, from: holder });
export const ignore = (machine: Breaker, holder: string, alive = false) =>
  machine.tell({ type: 'REPORT_IGNORED', permit: `${holder}#r`, alive, from: holder });
export const cancel = (machine: Breaker, holder: string) =>
  machine.tell({ type: 'CANCEL_PERMIT', request: 'r', from: holder });
export const holderGone = (machine: Breaker, holder: string) => machine.tell({ type: 'HOLDER_GONE', holder });

/** So many calls of one class fail, one after another. */
export function failTimes(machine: Breaker, times: number, callClass: CallClass = 'control'): readonly string[] {
  let said: readonly string[] = [];
  for (let i = 0; i < times; i += 1) {
    ask(machine, `fail${i}`, callClass);
    said = fail(machine, `fail${i}`);
  }
  return said;
}

/** Open, with the call of `past` still under way from before. */
export function open(settings: Partial<Settings> = {}): Breaker {
  const machine = breaker(settings);
  ask(machine, 'past');
  failTimes(machine, machine.context.settings.failureThreshold);
  return machine;
}
export function halfOpen(settings: Partial<Settings> = {}): Breaker {
  const machine = open(settings);
  machine.advance(machine.context.settings.openMs);
  return machine;
}
/** Half-open, and the call of `probe` is the probe. */
export function probing(settings: Partial<Settings> = {}): Breaker {
  const machine = halfOpen(settings);
  ask(machine, 'probe', 'read');
  return machine;
}
