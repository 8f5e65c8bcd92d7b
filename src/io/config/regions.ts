/**
 * The regions and brands that people may write, with the numbers of the older bridge, and why most of them are not
 * supported. A region that becomes supported loses its `reason` here.
 */

export type Region = 'EU' | 'AU' | 'NZ' | 'US';
export type Brand = 'hyundai' | 'kia';
export const LOGIN_NAMES = ['refreshToken', 'oneApp', 'bluelinky', 'signIn'] as const;
export type LoginName = (typeof LOGIN_NAMES)[number];

type Entry<T extends string> =
  | { readonly number: number; readonly name: string; readonly spellings: readonly string[]; readonly value: T }
  | { readonly number: number; readonly name: string; readonly spellings: readonly string[]; readonly reason: string };

const REGIONS: readonly Entry<Region>[] = [
  { number: 1, name: 'Europe (EU)', spellings: ['eu', 'europe'], value: 'EU' },
  {
    number: 2,
    name: 'Canada (CA)',
    spellings: ['ca', 'canada'],
    reason:
      'its cloud speaks a protocol of its own with one-time codes, and bluelinky’s Canadian client turns the verification of TLS certificates off for the whole process',
  },
  { number: 3, name: 'United States (US)', spellings: ['us', 'usa', 'united_states'], value: 'US' },
  {
    number: 4,
    name: 'China (CN)',
    spellings: ['cn', 'china'],
    reason: 'its cloud is none of those that this version knows',
  },
  { number: 5, name: 'Australia (AU)', spellings: ['au', 'australia'], value: 'AU' },
  { number: 6, name: 'India (IN)', spellings: ['in', 'india'], reason: 'bluelinky does not know its cloud' },
  { number: 7, name: 'New Zealand (NZ)', spellings: ['nz', 'new_zealand'], value: 'NZ' },
  { number: 8, name: 'Brazil (BR)', spellings: ['br', 'brazil'], reason: 'bluelinky does not know its cloud' },
];

const BRANDS: readonly Entry<Brand>[] = [
  { number: 1, name: 'Kia', spellings: ['kia'], value: 'kia' },
  { number: 2, name: 'Hyundai', spellings: ['hyundai'], value: 'hyundai' },
  { number: 3, name: 'Genesis', spellings: ['genesis'], reason: 'bluelinky has no European environment for it' },
];

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

function readerOf<T extends string>(entries: readonly Entry<T>[], expected: string): (text: string) => Read<T> {
  return (text) => {
    const word = text.trim().toLowerCase().replace(/[\s-]/g, '_');
    const entry = entries.find((e) => e.spellings.includes(word) || String(e.number) === word);
    if (entry === undefined) return { ok: false, problem: `must be ${expected}` };
    if ('value' in entry) return { ok: true, value: entry.value };
    return { ok: false, problem: `asks for ${entry.name}, which is not supported yet, because ${entry.reason}` };
  };
}

/** `eu or 1: Europe (EU), …`: those that are supported. */
function choicesOf(entries: readonly Entry<string>[]): string {
  return entries
    .filter((e) => 'value' in e)
    .map((e) => `${e.spellings[0]} or ${e.number}: ${e.name}`)
    .join(', ');
}

export const REGION_TYPE = 'region: `EU` (or `1`), `AU` (or `5`), `NZ` (or `7`), `US` (or `3`, Hyundai only)';
export const BRAND_TYPE = 'brand: `hyundai` (or `2`), `kia` (or `1`)';

/** The ways to log in that a region's cloud has. */
export const LOGINS: Readonly<Record<Region, readonly LoginName[]>> = {
  EU: ['refreshToken', 'oneApp', 'bluelinky'],
  AU: ['signIn'],
  NZ: ['signIn'],
  US: ['signIn'],
};

/** Why an account of this brand is not supported in a region that is; null if it is. */
export function problemOf(brand: Brand, region: Region): string | null {
  if (brand === 'hyundai' || region !== 'US') return null;
  return 'asks for Kia in the United States (US), which is not supported yet, because its cloud demands one-time codes and bluelinky calls it at Hyundai’s addresses';
}

/** Reads `EU`, `europe`, `1`, … */
export const readRegion = readerOf(REGIONS, `a region (${choicesOf(REGIONS)})`);
/** Reads `kia`, `Hyundai`, `1`, … */
export const readBrand = readerOf(BRANDS, `a brand (${choicesOf(BRANDS)})`);
