import { BREAKER, shortName } from '../addresses.ts';
import { fail, type Invariant, outcomeOf } from './kit.ts';

/** The ghost is the probe that is out. */
export const openMeansSilent: Invariant = {
  name: 'openMeansSilent',
  promise: 'No permit while the breaker is open, one while it is half-open, and only the report of that one decides.',
  onEvent: ({ address, before, after, event, sends }, ghost) => {
    if (after.kind !== 'breaker') return ghost;
    const granted = sends
      .filter((sent) => sent.event.type === 'PERMIT_GRANTED')
      .map((sent) => String(sent.event.permit));
    if (after.value === 'open' && granted.length > 0)
      fail('openMeansSilent', address, 'grants a permit while it is open');
    if (before?.value === 'open' && event.type === 'REQUEST_PERMIT' && granted.length > 0) {
      fail('openMeansSilent', address, 'grants a permit while it is open');
    }
    if (before?.value === 'halfOpen' && after.value !== 'halfOpen' && event.permit !== ghost) {
      fail(
        'openMeansSilent',
        address,
        `takes the report of ${shortName(String(event.permit))} for the verdict of the probe (${shortName(ghost) || 'none is out'})`,
      );
    }
    if (after.value !== 'halfOpen') return '';
    const back = event.permit === ghost || `${event.from}#${event.request}` === ghost || isGone(event.holder, ghost);
    const out = back ? '' : ghost;
    if (granted.length + (out === '' ? 0 : 1) > 1) fail('openMeansSilent', address, 'has two probes out');
    return granted[0] ?? out;
  },
};
const isGone = (holder: unknown, permit: string): boolean =>
  typeof holder === 'string' && (permit.startsWith(`${holder}#`) || permit.startsWith(`${holder}/`));

export const honestBreaker: Invariant = {
  name: 'honestBreaker',
  promise: 'Neither an expired token nor a car that hangs counts as a failure of the cloud.',
  onEvent: (happening, ghost) => {
    const { address, sends, event } = happening;
    const reports = sends.filter(({ to, event: sent }) => to === BREAKER && sent.type.startsWith('REPORT_'));
    if (reports.length > 1) fail('honestBreaker', address, 'reports one call twice');
    if (!reports.some(({ event: sent }) => sent.type === 'REPORT_FAILURE')) return ghost;
    const outcome = outcomeOf(happening);
    const kind = outcome === null ? null : outcome.ok ? 'success' : outcome.failure.kind;
    if (kind === 'success' || kind === 'tokenRefused' || kind === 'grantRefused' || kind === 'carBusy') {
      fail('honestBreaker', address, `reports ${kind} as a failure of the cloud`);
    }
    if (event.type.includes('callDeadline'))
      fail('honestBreaker', address, 'reports a car that hangs as a failure of the cloud');
    return ghost;
  },
};
