import type { Exchange } from '../exchange.ts';
import { isHata } from '../guard.ts';
import { isKind } from './board.ts';
import type { Fault } from './schema.ts';

/** Kinds of calls that reach for the car. */
const TO_THE_CAR = ['control', 'status.forced', 'location.forced', 'ccs2.wake'];
const REFRESHES = ['token.refresh', 'cci.refresh'];

/** The calls that a type is about. */
const SUBJECTS: Readonly<Record<Fault['type'], readonly string[] | 'any' | 'vehicle' | 'withToken'>> = {
  latency: 'any',
  status: 'any',
  hang: 'any',
  cutBefore: 'any',
  cutAfter: 'any',
  html200: 'any',
  wrongShape: 'any',
  rateLimited: 'vehicle',
  retCodeF: 'vehicle',
  retiredAppId: 'any',
  stampWindow: 'any',
  deviceIdInvalid: 'vehicle',
  rejectFreshTokens: 'withToken',
  tokenErrorText: 'withToken',
  duplicate: TO_THE_CAR,
  carAsleep: TO_THE_CAR,
  refuseRefresh: REFRESHES,
  breakRefresh: REFRESHES,
  rotateRefresh: ['token.refresh'],
  recordsEmpty: ['records'],
  recordsNull: ['records'],
  recordFail: ['control'],
  recordNonResponse: ['control'],
  carIgnores: ['control'],
  forcedWithoutTime: ['status.forced'],
  wrongPinAlways: ['pin'],
  consent: ['idp.signin'],
  requiredAction: ['keycloak.submit'],
  abusing: ['idp.authorize', 'idp.signin'],
  pushType: ['device.register'],
  oldLoginGone: ['oauth.authorize', 'signin', 'silentsignin', 'integrationinfo', 'keycloak'],
};

/** Types that answer in a way that would fit any call: an explicit `match` may point them elsewhere. */
const WIDENABLE: ReadonlySet<Fault['type']> = new Set([
  'rateLimited',
  'retCodeF',
  'duplicate',
  'carAsleep',
  'breakRefresh',
  'abusing',
]);

export interface ConcernedFault {
  readonly fault: Fault;
  /** Counts one use; false when the fault lets this call through (`skip`, `times`). */
  take(): boolean;
}

/** The faults that a call meets, in the order they were added. */
export function concernedFaults(exchange: Exchange): readonly ConcernedFault[] {
  const { request, kind, car, account } = exchange;
  const target = {
    method: request.method,
    path: request.path,
    kind,
    car: car?.id ?? null,
    account: account?.index ?? null,
  };
  return exchange.cloud.faults
    .concerning(target)
    .filter(({ fault }) => isSubject(fault, exchange))
    .map(({ fault, take }) => ({
      fault,
      take: () => {
        const taken = take();
        if (taken) exchange.faults.push(fault.type);
        return taken;
      },
    }));
}

function isSubject(fault: Fault, { kind, match }: Exchange): boolean {
  const isPointed = fault.match?.kind !== undefined || fault.match?.path !== undefined;
  if (isPointed && WIDENABLE.has(fault.type)) return true;
  const subject = SUBJECTS[fault.type];
  const { admission } = match.route;
  // Where the PIN goes with the control itself.
  if (fault.type === 'wrongPinAlways' && admission === 'hataPin') return true;
  if (subject === 'any') return true;
  if (subject === 'vehicle') return admission === 'either' || admission === 'control' || isHata(admission);
  if (subject === 'withToken') return admission !== 'anybody' && admission !== 'registration';
  return subject.some((wanted) => isKind(kind, wanted));
}
