import { z } from 'zod';

/** Everything that can go wrong on purpose. Each is one behaviour; several at once add up, in the order they were added. */

const match = z
  .strictObject({
    /** Part of the path, or a regular expression between slashes: `/status$/`. */
    path: z.string().min(1).max(500),
    method: z.string().transform((method) => method.toUpperCase()),
    /** A car's id. */
    car: z.string(),
    /** A kind of call or the beginning of one: `control` also means `control.door`. Several separated by commas. */
    kind: z.string().min(1),
    /** Index of the account, from 0. Only for calls whose token or path tells it. */
    account: z.int().min(0),
  })
  .partial();

const common = {
  /** Which calls it concerns; without it those that the type is about. */
  match: match.optional(),
  /** It ends after so many uses. */
  times: z.int().min(1).optional(),
  /** It ends after this time. */
  forMs: z.number().positive().optional(),
  /** So many fitting calls are let through first. */
  skip: z.int().min(1).optional(),
};

/** Whether the call takes effect (the car is told) before it goes wrong. */
const afterEffect = z.boolean().default(false);
const ms = z.number().min(0).max(3_600_000);

export const faultSchema = z.discriminatedUnion('type', [
  /** Answers take longer: `ms` before the call is looked at, or after it took effect. */
  z.strictObject({ type: z.literal('latency'), ...common, ms, afterEffect }),
  /** An answer of your own. A `body` that is not a string is sent as JSON; without one the answer is empty. */
  z.strictObject({
    type: z.literal('status'),
    ...common,
    code: z.int().min(200).max(999),
    body: z.unknown().optional(),
    contentType: z.string().optional(),
    headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().regex(/^[\x20-\x7e]*$/)).optional(),
    afterEffect,
  }),
  /** The daily budget is used up: HTTP 509 with 5091, or `http429` with Retry-After. */
  z.strictObject({
    type: z.literal('rateLimited'),
    ...common,
    variant: z.enum(['spa', 'http429']).default('spa'),
    resetS: z.int().min(0).default(3_600),
  }),
  /** 4004 "duplicate request", although nothing is pending. */
  z.strictObject({ type: z.literal('duplicate'), ...common }),
  /** Every token is refused, also one issued a moment ago, until it is lifted. */
  z.strictObject({
    type: z.literal('rejectFreshTokens'),
    ...common,
    kinds: z.array(z.enum(['access', 'control'])).optional(),
    text: z.string().optional(),
  }),
  /** Another text for expired tokens, such as `Key not authorized: token has expired`. */
  z.strictObject({ type: z.literal('tokenErrorText'), ...common, text: z.string() }),
  /** The grant behind the tokens is refused, as if it were revoked. */
  z.strictObject({ type: z.literal('refuseRefresh'), ...common }),
  /** The token endpoint is broken. */
  z.strictObject({ type: z.literal('breakRefresh'), ...common, code: z.int().min(500).max(599).default(500) }),
  /** Refresh tokens of the old endpoints change at every use, and the used one is dead. */
  z.strictObject({ type: z.literal('rotateRefresh'), ...common }),
  /** No answer, until the simulator closes. */
  z.strictObject({ type: z.literal('hang'), ...common, afterEffect }),
  /** The connection is torn down before the call took effect. */
  z.strictObject({ type: z.literal('cutBefore'), ...common }),
  /** The connection is torn down after the call took effect. */
  z.strictObject({ type: z.literal('cutAfter'), ...common }),
  /** The car cannot be reached: 5031, 4081, 4007, 9999, or no answer at all. */
  z.strictObject({
    type: z.literal('carAsleep'),
    ...common,
    variant: z.enum(['unavailable', 'timeout', 'lowBattery', 'responseTimeout', 'hang']).default('unavailable'),
  }),
  /** HTTP 200 whose body says that it failed. */
  z.strictObject({
    type: z.literal('retCodeF'),
    ...common,
    resCode: z.string().default('9999'),
    resMsg: z.string().default('Undefined Error - Undefined Error'),
  }),
  /** The action records are an empty list. */
  z.strictObject({ type: z.literal('recordsEmpty'), ...common }),
  /** The action records say nothing yet, whatever the car did. */
  z.strictObject({ type: z.literal('recordsNull'), ...common }),
  /** The car refuses the control: record `fail`. */
  z.strictObject({ type: z.literal('recordFail'), ...common }),
  /** The car does not answer: record `non-response`, after `afterMs`; with `carriedOut` it did it all the same. */
  z.strictObject({
    type: z.literal('recordNonResponse'),
    ...common,
    afterMs: ms.optional(),
    carriedOut: z.boolean().default(false),
  }),
  /** The control is accepted, nothing happens, and its record never says anything. */
  z.strictObject({ type: z.literal('carIgnores'), ...common }),
  /** HTTP 200 with a web page. */
  z.strictObject({ type: z.literal('html200'), ...common, afterEffect }),
  /** A value of the answer's JSON is replaced: `path` in dots (`resMsg.vehicles.0.vin`), empty for the whole. */
  z.strictObject({ type: z.literal('wrongShape'), ...common, path: z.string().default(''), value: z.unknown() }),
  /** Forced status answers leave out the car's time. */
  z.strictObject({ type: z.literal('forcedWithoutTime'), ...common }),
  /** Every PIN is wrong: HTTP 400, or the nastier HTTP 200 without a control token. */
  z.strictObject({ type: z.literal('wrongPinAlways'), ...common, variant: z.enum(['400', '200']).default('400') }),
  /** The device id of the call becomes invalid: now, or (`afterEffect`) once the call took effect. Registering anew cures it. */
  z.strictObject({ type: z.literal('deviceIdInvalid'), ...common, afterEffect }),
  /** The sign-in asks for the terms to be accepted in a browser. */
  z.strictObject({ type: z.literal('consent'), ...common }),
  /** The brand's login page asks for an acceptance that the client can give. */
  z.strictObject({ type: z.literal('requiredAction'), ...common }),
  /** The firewall takes us for an abuser. */
  z.strictObject({ type: z.literal('abusing'), ...common }),
  /** Strict: the Hyundai application id that was retired in 2022 is refused. */
  z.strictObject({ type: z.literal('retiredAppId'), ...common }),
  /** Strict: a Hyundai device must be registered with push type GCM. */
  z.strictObject({ type: z.literal('pushType'), ...common }),
  /** Strict: the logins of before August 2025 are gone. */
  z.strictObject({ type: z.literal('oldLoginGone'), ...common }),
  /** Strict: a stamp is good for `windowMs` around now. */
  z.strictObject({ type: z.literal('stampWindow'), ...common, windowMs: ms.default(300_000) }),
]);

/** A fault with its defaults filled in. */
export type Fault = z.output<typeof faultSchema>;
/** A fault as it is written down. */
export type FaultInput = z.input<typeof faultSchema>;
export type FaultOf<T extends Fault['type']> = Extract<Fault, { type: T }>;
