import { kindOf } from '../addresses.ts';
import { isReport, type Seeded, withGuard, withSettings } from './seeding.ts';
import { expiries, hanging, late, narrow, queue, read } from './slices.ts';

/** Bugs that cost a permit or deceive the breaker. */
export const BREAKER_BUGS: readonly Seeded[] = [
  {
    bug: 'counts a car that hangs as a failure of the cloud',
    slice: hanging,
    breaks: 'honestBreaker',
    tamper: (sent) =>
      isReport(sent, 'REPORT_IGNORED') && kindOf(sent.from) === 'command' && sent.event.alive === false
        ? [{ ...sent, event: { type: 'REPORT_FAILURE', permit: sent.event.permit, openForMs: null } }]
        : [sent],
  },
  {
    bug: 'lets a car that hangs keep all others waiting',
    slice: { ...hanging, name: 'two reads, one of which hangs', orders: [read('kona'), read('niro')] },
    breaks: 'isolation',
    machines: withSettings('breaker', { callsInFlight: 1 }),
  },
  {
    bug: 'keeps the permit of a call whose token was refused',
    slice: expiries,
    breaks: 'noDeadlock',
    tamper: (sent) => (isReport(sent, 'REPORT_IGNORED') && sent.event.alive === true ? [] : [sent]),
  },
  {
    bug: 'keeps the permit of a call that it ends itself',
    slice: hanging,
    breaks: 'noDeadlock',
    tamper: (sent) => (isReport(sent, 'REPORT_IGNORED') && kindOf(sent.from) === 'command' ? [] : [sent]),
  },
  {
    bug: 'counts an expired token as a failure of the cloud',
    slice: expiries,
    breaks: 'honestBreaker',
    tamper: (sent) =>
      isReport(sent, 'REPORT_IGNORED') && sent.event.alive === true
        ? [{ ...sent, event: { type: 'REPORT_FAILURE', permit: sent.event.permit, openForMs: null } }]
        : [sent],
  },
  {
    bug: "takes a late report for the probe's",
    slice: late,
    breaks: 'openMeansSilent',
    machines: withGuard('breaker', 'isProbe', () => true),
  },
  {
    bug: 'grants a second permit while the probe is out',
    slice: narrow,
    breaks: 'openMeansSilent',
    machines: withGuard('breaker', 'canProbe', () => true),
  },
  {
    bug: 'forgets to tell the breaker who died',
    slice: queue,
    breaks: 'noDeadlock',
    tamper: (sent) => (sent.event.type === 'HOLDER_GONE' ? [] : [sent]),
  },
];
