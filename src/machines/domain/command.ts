import type { Corners, Reading } from './vehicle-state.ts';

export interface Lock {
  readonly name: 'lock';
  readonly action: 'lock' | 'unlock';
}

/**
 * What is `null` was not asked for, or the car has no such switch: it is off. `fitToCar` leaves only what the car's
 * generation can do.
 */
export interface ClimateStart {
  readonly name: 'climate';
  readonly action: 'start';
  /** °C, 14.0 to 29.5 in steps of 0.5. */
  readonly setTempC: number;
  /** Minutes, 1 to 30. */
  readonly durationMin: number;
  readonly defrost: boolean;
  /** 0 off, 1 on (low), 2 high. */
  readonly steeringWheel: 0 | 1 | 2 | null;
  readonly rearWindow: boolean | null;
  readonly sideMirrors: boolean | null;
  /** The cloud's seat codes: 0, 2 off, 1 on, 3-5 cool low to high, 6-8 heat low to high. */
  readonly seats: Corners<number | null>;
}

export interface ClimateStop {
  readonly name: 'climate';
  readonly action: 'stop';
}

/** 0 closed, 1 open, 2 vented. */
export type WindowPosition = 0 | 1 | 2;

export interface Windows {
  readonly name: 'windows';
  /** `null` is a window that the sender did not name; `completeWindows` leaves none. */
  readonly positions: Corners<WindowPosition | null>;
}

export interface ChargePort {
  readonly name: 'charge_port';
  readonly action: 'open' | 'close';
}

export interface Charge {
  readonly name: 'charge';
  readonly action: 'start' | 'stop';
}

/** %, 50 to 100 in steps of 10; `null` keeps the limit as it is (never both). */
export interface ChargeLimits {
  readonly name: 'charge_limits';
  readonly acPct: number | null;
  readonly dcPct: number | null;
}

export interface ChargingCurrent {
  readonly name: 'charging_current';
  /** 1 = 100 %, 2 = 90 %, 3 = 60 % of what the socket gives. */
  readonly level: 1 | 2 | 3;
}

/** Flashes for about half a minute. */
export interface HazardLights {
  readonly name: 'hazard_lights';
}

/** Horn and lights, for about half a minute. */
export interface Horn {
  readonly name: 'horn';
}

export interface Valet {
  readonly name: 'valet';
  readonly action: 'activate' | 'deactivate';
}

/** Sends a destination to the car. A position of a person: neither logged nor echoed. */
export interface Navigation {
  readonly name: 'navigation';
  readonly destination: {
    readonly lat: number;
    readonly lon: number;
    readonly name: string;
    readonly address: string;
    readonly zip: string;
    readonly phone: string;
  };
}

/** Commands that change the car. One at a time per car. */
export type Control =
  | Lock
  | ClimateStart
  | ClimateStop
  | Windows
  | ChargePort
  | Charge
  | ChargeLimits
  | ChargingCurrent
  | HazardLights
  | Horn
  | Valet
  | Navigation;

/** Reads: `force` wakes the car, `smart` asks the cloud only if what we know is older than `maxAgeS` seconds. */
export type Refresh = {
  readonly name: 'refresh';
  readonly mode: 'cached' | 'force' | 'smart';
  readonly maxAgeS: number | null;
  /** Of `force` only (`force!`): our own limits do not count. The server's do. */
  readonly override?: true;
};

/**
 * Why the cloud is asked, from what our own limits never refuse (a control, its confirmation, the read after it) to what
 * gives way first: a read that a sender asked for, one that nobody asked for, polling.
 */
export type Purpose = 'needed' | 'asked' | 'own' | 'poll';

/** The daemon's own: which cars are there? */
export type List = { readonly name: 'list' };

/** What a sender may ask for. */
export type Command = Control | Refresh;
export type CommandName = Command['name'];

/** Where a read comes from: the cloud's memory, or the car itself (which is woken). */
export type ReadSource = 'cached' | 'forced';

export type CommandStatus = 'accepted' | 'succeeded' | 'failed' | 'timedOut' | 'unknown' | 'rejected' | 'expired';
export type FinalStatus = Exclude<CommandStatus, 'accepted'>;

export const REASONS = [
  'retained',
  'malformed',
  'tooLarge',
  'unknownCar',
  'unknownCommand',
  'invalidOption',
  'unsupported',
  'idReused',
  'queueFull',
  'superseded',
  'expired',
  'notArmed',
  'readOnly',
  'tokenRejectedAfterRefresh',
  'freshTokenRejected',
  'refreshFailed',
  'refreshLimit',
  'loginBudget',
  'credentialsRejected',
  'consentRequired',
  'otpRequired',
  'wrongPin',
  'cloudUnavailable',
  'rateLimited',
  'budget',
  'carBusy',
  'carRefused',
  'carUnreachable',
  'noConfirmation',
  'invalidResponse',
  'journalUnavailable',
  'shuttingDown',
  'restarted',
] as const;
export type Reason = (typeof REASONS)[number];

/** Options by the names of the MQTT contract. */
export type Options = { readonly [name: string]: string | number | boolean };

/** How a command ended: what its sender hears. */
export interface Ending {
  readonly status: FinalStatus;
  /** Absent (null) on success only. */
  readonly reason: Reason | null;
  /** One sentence for a person. */
  readonly message: string;
  /** Calls of the command's own action that were made: 0 to 6. */
  readonly attempts: number;
  /** The cloud's id of the action, when it gave one. */
  readonly actionId: string | null;
  /** When trying again makes sense, ms from the end; absent if nobody knows. */
  readonly retryAfterMs?: number;
  /** The id of the command that this one joined: one call, one result for both. */
  readonly joined?: string;
  /** The options that the control was sent with, as its sender would write them; absent if it was not sent. */
  readonly sent?: Options;
}

/** A car as the vehicle list describes it. */
export interface CarInfo {
  /** The cloud's vehicle id. */
  readonly id: string;
  readonly vin: string;
  readonly name: string;
  readonly model: string;
  readonly year: string | null;
  readonly engine: 'ev' | 'phev' | 'hybrid' | 'combustion' | null;
  /** The protocol: `classic` and `ccs2` of the European family, per car by `ccuCCS2ProtocolSupport`; `hata` in the US. */
  readonly generation: 'classic' | 'ccs2' | 'hata';
  /** What its climate can be set to, °C in steps of 0.5; absent: 14.0 to 29.5. */
  readonly setTempC?: { readonly min: number; readonly max: number };
  /** Its climate cannot be told how long, nor about seats (older electric cars in the US); absent: it can. */
  readonly plainClimate?: true;
}

/** One call to the cloud, as data. */
export type CloudCall =
  | { readonly type: 'control'; readonly car: string; readonly command: Control }
  | { readonly type: 'read'; readonly car: string; readonly source: ReadSource }
  | { readonly type: 'record'; readonly car: string; readonly actionId: string }
  | { readonly type: 'list' };

/** The word of the cloud's action record: `missing` when no record has our action id. */
export type RecordWord = 'success' | 'fail' | 'nonResponse' | 'pending' | 'missing';

export type CallResult =
  /** The cloud took the control. `acceptedAt` is by its clock, epoch ms. It says nothing about the car. */
  | { readonly type: 'accepted'; readonly actionId: string | null; readonly acceptedAt: number }
  | { readonly type: 'reading'; readonly reading: Reading }
  | { readonly type: 'record'; readonly word: RecordWord }
  | { readonly type: 'list'; readonly cars: readonly CarInfo[] };
