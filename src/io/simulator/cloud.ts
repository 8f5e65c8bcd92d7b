import type { SimAccount } from './account.ts';
import { Account } from './account.ts';
import { BoundedMap } from './bounded-map.ts';
import { type ClientConstants, isClientOf } from './brands.ts';
import { CallLog } from './call-log.ts';
import type { Car } from './car/car.ts';
import { FaultBoard } from './faults/board.ts';
import { CciSets } from './session/cci-sets.ts';
import { Logins } from './session/logins.ts';
import { PasswordKey } from './session/password-key.ts';
import { TokenLedger } from './session/tokens.ts';
import type { Lifetimes, Limits, SimClock, Sleeper, Timings } from './timings.ts';

export interface Device {
  readonly id: string;
  valid: boolean;
}

/** Narrows an action to some of the tokens; `refresh` are the grants behind them. */
export interface RevocationFilter {
  readonly kinds?: readonly ('access' | 'control' | 'cci' | 'refresh')[];
  readonly account?: number;
}

export interface CloudParts {
  readonly clock: SimClock;
  readonly sleeper: Sleeper;
  readonly timings: Timings;
  readonly lifetimes: Lifetimes;
  readonly limits: Limits;
}

const DEVICES_KEPT = 10_000;
const CAR_ID = /^[A-Za-z0-9_-]{1,64}$/;
const GRANT = /^[A-Z0-9]{48}$/;

/** The whole state of the simulated cloud. It lives as long as the simulator, also while that is offline. */
export class Cloud {
  readonly clock: SimClock;
  readonly sleeper: Sleeper;
  readonly timings: Timings;
  readonly lifetimes: Lifetimes;
  readonly limits: Limits;
  readonly accounts: readonly Account[];
  readonly faults: FaultBoard;
  readonly log: CallLog;
  readonly tokens: TokenLedger;
  readonly cciSets: CciSets;
  readonly logins = new Logins();
  readonly passwordKey = new PasswordKey();
  readonly devices = new BoundedMap<string, Device>(DEVICES_KEPT);
  /** What an expired, revoked or unknown token is answered with. */
  tokenErrorText = 'Key not authorized: Token is expired';
  readonly #cars: ReadonlyMap<string, { readonly car: Car; readonly account: Account }>;

  constructor(accounts: readonly SimAccount[], parts: CloudParts) {
    this.clock = parts.clock;
    this.sleeper = parts.sleeper;
    this.timings = parts.timings;
    this.lifetimes = parts.lifetimes;
    this.limits = parts.limits;
    checkAccounts(accounts);
    this.accounts = accounts.map((config, at) => new Account(config, at, parts.clock, parts.timings, parts.limits));
    this.#cars = new Map(
      this.accounts.flatMap((account) => account.cars.map((car) => [car.id, { car, account }] as const)),
    );
    this.faults = new FaultBoard(parts.clock);
    this.log = new CallLog(parts.clock, parts.limits.logEntries);
    this.tokens = new TokenLedger(parts.clock);
    this.cciSets = new CciSets(parts.clock, parts.lifetimes.cciMs);
  }

  get cars(): readonly Car[] {
    return this.accounts.flatMap((account) => account.cars);
  }

  car(id: string): Car | null {
    return this.#cars.get(id)?.car ?? null;
  }

  ownerOf(car: Car): Account | null {
    return this.#cars.get(car.id)?.account ?? null;
  }

  accountOf(client: ClientConstants, username: string): Account | null {
    const same = ({ config }: Account) =>
      isClientOf(client, config) && config.username.toLowerCase() === username.toLowerCase();
    return this.accounts.find(same) ?? null;
  }

  /** What the stamps of a client's app are checked with. */
  stampKeyOf(client: ClientConstants): string {
    const owner = this.accounts.find(({ config }) => config.stampKey !== undefined && isClientOf(client, config));
    return owner?.config.stampKey ?? client.stampKey;
  }

  /** Lets tokens run out now, as time would. Answers how many. */
  expire(filter: RevocationFilter = {}): number {
    return this.#end(filter, (tokens) => this.tokens.expire(tokens), false);
  }

  /** Takes tokens back before their time; with the kind `refresh` also the grants. Answers how many. */
  revoke(filter: RevocationFilter = {}): number {
    return this.#end(filter, (tokens) => this.tokens.revoke(tokens), true);
  }

  invalidateDevices(): number {
    const valid = [...this.devices.values()].filter((device) => device.valid);
    for (const device of valid) device.valid = false;
    return valid.length;
  }

  /** Every secret that the cloud has given out, for tests that search for them elsewhere. */
  secrets(): readonly string[] {
    return [
      ...this.tokens.values(),
      ...this.cciSets.values(),
      ...this.accounts.flatMap((account) => [...account.grants]),
    ];
  }

  #end(
    filter: RevocationFilter,
    end: (tokens: { kinds: ('access' | 'control')[]; account?: number }) => number,
    revoking: boolean,
  ): number {
    const kinds = filter.kinds ?? ['access', 'control'];
    const account = filter.account === undefined ? {} : { account: filter.account };
    let ended = end({ kinds: kinds.filter((kind) => kind === 'access' || kind === 'control'), ...account });
    if (kinds.includes('cci')) ended += this.cciSets.expire(filter.account, false);
    if (revoking && kinds.includes('refresh')) {
      ended += this.cciSets.expire(filter.account, true);
      for (const owner of this.accounts) {
        if (filter.account !== undefined && owner.index !== filter.account) continue;
        ended += owner.grants.size;
        owner.grants.clear();
      }
    }
    return ended;
  }
}

function checkAccounts(accounts: readonly SimAccount[]): void {
  const ids = accounts.flatMap((account) => account.cars.map((car) => car.id));
  const odd = ids.find((id) => !CAR_ID.test(id));
  if (odd !== undefined) throw new Error(`The simulated car id "${odd}" must be 1 to 64 letters, digits, "_" or "-".`);
  if (new Set(ids).size !== ids.length) throw new Error('Two simulated cars have the same id.');
  if (accounts.some(({ refreshToken }) => refreshToken !== undefined && !GRANT.test(refreshToken))) {
    throw new Error('A refresh token of a simulated account must be 48 capital letters and digits.');
  }
}
