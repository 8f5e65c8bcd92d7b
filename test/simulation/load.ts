import type { CarState } from '../../src/io/simulator/car/car-state.ts';
import { BASE, CARS } from './cast.ts';
import type { Chance } from './chance.ts';
import type { Asked } from './judge/asked.ts';
import type { Told } from './mqtt-world.ts';

/** A message on a command topic, and what is to become of it. */
export interface Wish {
  readonly asked: Asked;
  readonly message: Told;
}

interface Body {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly wants: ((state: CarState) => boolean) | null;
}

const CONTROLS = {
  lock: 9,
  climate: 4,
  charge: 3,
  charge_limits: 2,
  charge_port: 2,
  windows: 2,
  charging_current: 1,
  horn: 1,
  hazard_lights: 1,
  navigation: 1,
  valet: 1,
} as const;

/** As long as the daemon knows a repetition, a little less. */
const REPEATED_WITHIN_MS = 590_000;
const FAVOURED = 0.6;

/** Commands as people and automations send them, one after the other. */
export class Load {
  readonly #chance: Chance;
  #count = 0;
  #last: { readonly wish: Wish; readonly at: number } | null = null;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** @param now virtual ms. @param favourite the id of a car that is asked more often than others; null: none is. */
  next(now: number, favourite: string | null): Wish {
    const chance = this.#chance;
    const kind = chance.weighted({ control: 80, read: 12, bad: 4, repeat: 4 });
    const repeated = kind === 'repeat' ? this.again(now) : null;
    if (repeated !== null) return repeated;
    const chosen = chance.pick(CARS);
    const car = (chance.isTrue(FAVOURED) ? CARS.find((one) => one.id === favourite) : undefined) ?? chosen;
    const id = this.#id();
    if (kind === 'bad') return this.#bad(id, car.id);
    const body = kind === 'read' ? this.#read() : this.#control(car.ccs2 !== 0);
    const expiresInMs = chance.isTrue(0.1) ? chance.between(1, 30) * 1_000 : null;
    const wish = wishFor({ id, car: car.id, body, kind: kind === 'read' ? 'read' : 'control', expiresInMs });
    this.#last = { wish, at: now };
    return wish;
  }

  /** The last one again, if it is not too long ago. */
  again(now: number): Wish | null {
    if (this.#last === null || now - this.#last.at >= REPEATED_WITHIN_MS) return null;
    const { asked, message } = this.#last.wish;
    return { asked: { ...asked, kind: 'repeat' }, message };
  }

  /** What was sent before is not repeated: a new daemon knows how old it is by the clock only, and somebody has set that. */
  forget(): void {
    this.#last = null;
  }

  /** One that opens a car and waits on the broker. */
  stored(): Wish {
    const body: Body = { name: 'lock', options: { action: 'unlock' }, wants: (state) => !state.locked };
    const wish = wishFor({
      id: this.#id(),
      car: this.#chance.pick(CARS).id,
      body,
      kind: 'retained',
      expiresInMs: null,
    });
    return { ...wish, message: { ...wish.message, retain: true } };
  }

  #id(): string {
    this.#count += 1;
    return `k${this.#count}`;
  }

  #bad(id: string, car: string): Wish {
    const [name, options] = this.#chance.pick([
      ['lock', { action: 'explode' }],
      ['climate', { action: 'start', set_temp: 99 }],
      ['charge_limits', { ac: 83 }],
      ['fly', { action: 'up' }],
    ] as const);
    return wishFor({ id, car, body: { name, options, wants: null }, kind: 'bad', expiresInMs: null });
  }

  #read(): Body {
    const mode = this.#chance.pick(['cached', 'force', 'smart:300']);
    return { name: 'refresh', options: { action: mode }, wants: null };
  }

  #control(isCcs2: boolean): Body {
    const chance = this.#chance;
    const name = chance.weighted(CONTROLS);
    const yes = chance.isTrue(0.5);
    switch (name) {
      case 'lock':
        return { name, options: { action: yes ? 'lock' : 'unlock' }, wants: ({ locked }) => locked === yes };
      case 'climate': {
        if (!yes) return { name, options: { action: 'stop' }, wants: ({ climateOn }) => !climateOn };
        const temperature = chance.between(28, 56) / 2;
        return {
          name,
          options: { action: 'start', set_temp: temperature, duration: chance.between(5, 30) },
          wants: ({ climateOn, targetTemperatureC }) => climateOn && targetTemperatureC === temperature,
        };
      }
      case 'charge':
        return {
          name,
          options: { action: yes ? 'start' : 'stop' },
          wants: yes ? hasCharged : ({ charging }) => !charging,
        };
      case 'charge_limits': {
        const ac = chance.between(5, 10) * 10;
        const dc = chance.between(5, 10) * 10;
        return {
          name,
          options: { ac, dc },
          wants: ({ limitAcPercent, limitDcPercent }) => limitAcPercent === ac && limitDcPercent === dc,
        };
      }
      case 'charge_port':
        return {
          name,
          options: { action: yes ? 'open' : 'close' },
          wants: ({ chargePortOpen }) => chargePortOpen === yes,
        };
      case 'windows': {
        const position = chance.pick([0, 1, 2] as const);
        return {
          name,
          options: { front_left: position, front_right: position, back_left: 0, back_right: 0 },
          wants: ({ windows: { frontLeft, backLeft } }) => backLeft === 0 && frontLeft === position,
        };
      }
      case 'charging_current': {
        const level = chance.pick([1, 2, 3] as const);
        return { name, options: { level }, wants: isCcs2 ? (state) => state.chargingCurrentLevel === level : null };
      }
      case 'navigation':
        return { name, options: { lat: 52.5163, lon: 13.3777, name: 'Brandenburger Tor' }, wants: null };
      case 'valet':
        return { name, options: { action: yes ? 'activate' : 'deactivate' }, wants: ({ valet }) => valet === yes };
      case 'horn':
      case 'hazard_lights':
        return { name, options: { action: 'on' }, wants: null };
    }
  }
}

/** A battery that is full enough is not charged for more than a moment. */
function hasCharged(state: CarState): boolean {
  const limit = state.plug === 'fast' ? state.limitDcPercent : state.limitAcPercent;
  return state.charging || state.stateOfChargePercent >= limit - 0.1;
}

function wishFor(parts: {
  readonly id: string;
  readonly car: string;
  readonly body: Body;
  readonly kind: Asked['kind'];
  readonly expiresInMs: number | null;
}): Wish {
  const { id, car, body, kind, expiresInMs } = parts;
  const payload = JSON.stringify({ ...body.options, id });
  const topic = `${BASE}/${car}/commands/${body.name}`;
  return {
    asked: { id, car, name: body.name, payload, kind, wants: body.wants, expiresInMs },
    message: { topic, payload, ...(expiresInMs === null ? {} : { messageExpiryS: expiresInMs / 1_000 }) },
  };
}
