import { z } from 'zod';
import * as field from './fields.ts';
import { BRAND_TYPE, LOGIN_NAMES, LOGINS, problemOf, REGION_TYPE, readBrand, readRegion } from './regions.ts';
import { EVEN_WITH_MISTAKES, isRead, readKeys } from './relations.ts';
import type { Path } from './tree.ts';

const NAME = { pattern: /^[A-Za-z0-9_-]{1,64}$/, rule: 'must be 1 to 64 letters, digits, _ or -', type: 'name' };
const ID = {
  pattern: /^[\x21-\x7e]{1,128}$/,
  rule: 'must be 1 to 128 printable characters without spaces',
  type: 'id',
};
const FILE = { type: 'file' };

/** What bluelinky accepts for Europe. Setting it changes the language of the phone app too. */
const LANGUAGES = ['en', 'de', 'fr', 'it', 'es', 'sv', 'nl', 'no', 'cs', 'sk', 'hu', 'da', 'pl', 'fi'] as const;
/** `safe`: none that opens a car to others. */
export const CONTROLS = ['all', 'safe'] as const;

const vehicle = z
  .strictObject({
    id: field.requiredText(
      { about: 'The cloud’s vehicle id, or the VIN. If no car has it, the log says so when all cars are known.' },
      ID,
    ),
    name: field.requiredText({ about: 'The car’s name in topics, instead of its id. Not `bridge`.' }, NAME),
  })
  .superRefine(({ name }, context) => {
    if (name === 'bridge') field.addProblem(context, ['name'], 'must not be bridge: that name is taken');
  }, EVEN_WITH_MISTAKES)
  .register(field.keyFacts, { about: 'Names for cars.', type: 'section', fallback: null });

const account = z
  .strictObject({
    name: field.text({ about: 'The account’s name in topics and logs.' }, 'main', NAME),
    brand: field.parsedChoice(
      {
        about: 'The brand of the account. The older bridge’s numbers are understood: 1 Kia, 2 Hyundai, 3 Genesis.',
        env: 'HYUNDAI_BRAND',
      },
      BRAND_TYPE,
      'hyundai',
      readBrand,
    ),
    region: field.parsedChoice(
      {
        about:
          'The region of the account. The older bridge’s numbers are understood: 1 EU, 2 CA, 3 US, 4 CN, 5 AU, 6 IN, 7 NZ, 8 BR.',
        env: 'HYUNDAI_REGION',
      },
      REGION_TYPE,
      'EU',
      readRegion,
    ),
    username: field.requiredText({
      about: 'The user name (e-mail) of the app’s account.',
      env: 'HYUNDAI_USERNAME',
      secret: 'person',
    }),
    password: field.requiredText({
      about: 'The password of the app’s account, or a refresh token of 48 characters (A-Z, 0-9).',
      env: 'HYUNDAI_PASSWORD',
      secret: 'secret',
    }),
    password_file: field.optionalText(
      { about: 'A file that holds the password, instead of `password`.', env: 'HYUNDAI_PASSWORD_FILE', path: true },
      FILE,
    ),
    pin: field.optionalText(
      {
        about:
          'The PIN of the app. Reads do without it. Of the controls, older cars take `lock` (not `unlock`), `climate`, `charge` and `charge_limits` without it, newer cars (CCS2) only `charge_limits` and `charging_current`; all others are refused (`wrongPin`, or `notArmed` for what opens the car). In the US `unlock` is not sent without it, and the cloud decides about the rest.',
        env: 'HYUNDAI_PIN',
        secret: 'secret',
      },
      { pattern: /^\S{1,64}$/, rule: 'must be 1 to 64 characters without spaces' },
    ),
    pin_file: field.optionalText(
      { about: 'A file that holds the PIN, instead of `pin`.', env: 'HYUNDAI_PIN_FILE', path: true },
      FILE,
    ),
    language: field.choice(
      { about: 'The language of the session. It changes the language of the phone app too.', env: 'HYUNDAI_LANGUAGE' },
      LANGUAGES,
      'en',
    ),
    vehicles: z
      .array(vehicle)
      .max(200, { error: 'must have at most 200 cars' })
      .default([])
      .register(field.keyFacts, { about: 'Names for cars.', type: 'list', fallback: 'empty' }),
    vehicle_id: field.optionalText(
      { about: 'Limits the daemon to this car.', env: 'HYUNDAI_VEHICLE_ID' },
      ID,
      'all cars',
    ),
    read_only: field.optionalFlag(
      { about: 'Whether every control of its cars is refused.', env: null },
      'the top-level `read_only`',
    ),
    controls: field.optionalChoice(
      { about: 'Which controls its cars may be sent.', env: null },
      CONTROLS,
      'the top-level `controls`',
    ),
    login: field.choiceList(
      {
        about:
          'The ways to log in, in the order in which they are tried: `refreshToken`, `oneApp` and `bluelinky` in Europe, `signIn` elsewhere. Those of other regions are passed over.',
        env: 'HYUNDAI_LOGIN',
      },
      LOGIN_NAMES,
      LOGIN_NAMES,
    ),
  })
  .superRefine((value, context) => {
    const { brand, region, login } = readKeys(value, context);
    const stranger = brand === undefined || region === undefined ? null : problemOf(brand, region);
    if (stranger !== null) field.addProblem(context, ['region'], stranger);
    const ways = region === undefined ? login : LOGINS[region];
    if (login === undefined || ways === undefined) return;
    if (login.length === 0) field.addProblem(context, ['login'], 'must name at least one way to log in');
    else if (!login.some((name) => ways.includes(name)))
      field.addProblem(context, ['login'], `must name a way to log in that the region has (${ways.join(', ')})`);
  }, EVEN_WITH_MISTAKES)
  .transform(({ password_file: _, pin_file: __, ...rest }) => rest)
  .register(field.keyFacts, { about: 'One account of the vendor’s cloud.', type: 'section', fallback: null });

export const accountsSection = z
  .array(account)
  .max(100, { error: 'must have at most 100 accounts' })
  .default([])
  .superRefine((list, context) => {
    const isReadAt = (...path: Path) => isRead(context, path);
    const names = list.map((a, at) => (isReadAt(at, 'name') ? a.name : null));
    repeated(names).forEach(([index, name]) => {
      field.addProblem(context, [index, 'name'], `is "${name}", like that of another account: names must differ`);
    });
    const owners = list.map(({ brand, region, username }, at) => {
      const isWhole = isReadAt(at, 'brand') && isReadAt(at, 'region') && isReadAt(at, 'username');
      return isWhole ? JSON.stringify([brand, region, username.toLowerCase()]) : null;
    });
    repeated(owners).forEach(([index]) => {
      field.addProblem(context, [index, 'username'], 'is that of another account here: list an account once');
    });
    const cars = list.flatMap((a, at) =>
      isReadAt(at, 'vehicles') ? a.vehicles.map((car, i) => ({ ...car, path: [at, 'vehicles', i] })) : [],
    );
    repeated(cars.map(({ name, path }) => (isReadAt(...path, 'name') ? name : null))).forEach(([index, name]) => {
      field.addProblem(
        context,
        [...(cars[index]?.path ?? []), 'name'],
        `is "${name}", like that of another car: names must differ`,
      );
    });
    repeated(cars.map(({ id, path }) => (isReadAt(...path, 'id') ? id : null))).forEach(([index]) => {
      field.addProblem(context, [...(cars[index]?.path ?? []), 'id'], 'is that of another car here: name a car once');
    });
  }, EVEN_WITH_MISTAKES)
  .register(field.keyFacts, {
    about: 'The accounts, and what is known of their cars.',
    type: 'list',
    fallback: 'empty',
  });

/** The values that an earlier one equals, with their index; null is none. */
function repeated(values: readonly (string | null)[]): readonly (readonly [number, string])[] {
  return values.flatMap((value, index) =>
    value !== null && values.indexOf(value) < index ? [[index, value] as const] : [],
  );
}
