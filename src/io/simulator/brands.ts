/** What tells one client from another: constants that every public client of the clouds of this family carries. */

export type Brand = 'hyundai' | 'kia';
export type Region = 'EU' | 'AU' | 'NZ' | 'US';

export interface ClientConstants {
  readonly brand: Brand;
  /** Whose accounts the client is for. */
  readonly regions: readonly Region[];
  /** `ccsp-service-id`, and the client id of the old logins. */
  readonly clientId: string;
  /** `Basic base64(clientId:secret)`, as clients send it to the token endpoint. */
  readonly basicToken: string;
  /** Whether the token endpoint wants a stamp besides. */
  readonly stampsTokens: boolean;
  /** Application ids that clients send today. */
  readonly appIds: readonly string[];
  /** Those of them that the vendor retired in 2022; accepted unless `retiredAppId` is switched on. */
  readonly retiredAppIds: readonly string[];
  /** XOR key of the stamp, base64. */
  readonly stampKey: string;
}

/** Europe alone has the vendor's current login, and the login page before it. */
export interface BrandConstants extends ClientConstants {
  readonly oneAppClientId: string;
  readonly oneAppRedirectUri: string;
  readonly keycloakRealm: string;
}

export const BRANDS: Readonly<Record<Brand, BrandConstants>> = {
  hyundai: {
    brand: 'hyundai',
    regions: ['EU'],
    clientId: '6d477c38-3ca4-4cf3-9557-2a1929a94654',
    basicToken:
      'Basic NmQ0NzdjMzgtM2NhNC00Y2YzLTk1NTctMmExOTI5YTk0NjU0OktVeTQ5WHhQekxwTHVvSzB4aEJDNzdXNlZYaG10UVI5aVFobUlGampvWTRJcHhzVg==',
    stampsTokens: false,
    appIds: ['014d2225-8495-4735-812d-2616334fd15d', '1eba27d2-9a5b-4eba-8ec7-97eb6c62fb51'],
    retiredAppIds: ['1eba27d2-9a5b-4eba-8ec7-97eb6c62fb51'],
    oneAppClientId: '4f4953b5-02e1-4dbc-8599-87e983ee1be5',
    oneAppRedirectUri: 'https://oneapp.hyundai.com/redirect',
    keycloakRealm: 'euhyundaiidm',
    stampKey: 'RFtoRq/vDXJmRndoZaZQyfOot7OrIqGVFj96iY2WL3yyH5Z/pUvlUhqmCxD2t+D65SQ=',
  },
  kia: {
    brand: 'kia',
    regions: ['EU'],
    clientId: 'fdc85c00-0a2f-4c64-bcb4-2cfb1500730a',
    basicToken: 'Basic ZmRjODVjMDAtMGEyZi00YzY0LWJjYjQtMmNmYjE1MDA3MzBhOnNlY3JldA==',
    stampsTokens: false,
    appIds: ['a2b8469b-30a3-4361-8e13-6fceea8fbe74'],
    retiredAppIds: [],
    oneAppClientId: '01b36c86-79e8-486c-8009-15f2ad88d670',
    oneAppRedirectUri: 'https://oneapp.kia.com/redirect',
    keycloakRealm: 'eukiaidm',
    stampKey: 'wLTVxwidmH8CfJYBWSnHD6E0huk0ozdiuygB4hLkM5XCgzAL1Dk5sE36d/bx5PFMQeU=',
  },
};

/** One app for Hyundai in both countries, one each for Kia. */
export const AUSTRALIAN_CLIENTS: readonly ClientConstants[] = [
  {
    brand: 'hyundai',
    regions: ['AU', 'NZ'],
    clientId: '855c72df-dfd7-4230-ab03-67cbf902bb1c',
    basicToken:
      'Basic ODU1YzcyZGYtZGZkNy00MjMwLWFiMDMtNjdjYmY5MDJiYjFjOmU2ZmJ3SE0zMllOYmhRbDBwdmlhUHAzcmY0dDNTNms5MWVjZUEzTUpMZGJkVGhDTw==',
    stampsTokens: true,
    appIds: ['f9ccfdac-a48d-4c57-bd32-9116963c24ed'],
    retiredAppIds: [],
    stampKey: 'nGDHng3k4Cg9gWV+C+A6Yk/ecDopUNTkGmDpr2qVKAQXx9bvY2/YLoHPfObliK32mZQ=',
  },
  {
    brand: 'kia',
    regions: ['AU'],
    clientId: '8acb778a-b918-4a8d-8624-73a0beb64289',
    basicToken:
      'Basic OGFjYjc3OGEtYjkxOC00YThkLTg2MjQtNzNhMGJlYjY0Mjg5OjdTY01NbTZmRVlYZGlFUEN4YVBhUW1nZVlkbFVyZndvaDRBZlhHT3pZSVMyQ3U5VA==',
    stampsTokens: true,
    appIds: ['4ad4dcde-be23-48a8-bc1c-91b94f5c06f8'],
    retiredAppIds: [],
    stampKey: 'SGGCDRvrzmRa2WTNFQPUaNfSFdtPklZ48xUuVckigYasxmeOQqVgCAC++YNrI1vVabI=',
  },
  {
    brand: 'kia',
    regions: ['NZ'],
    clientId: '4ab606a7-cea4-48a0-a216-ed9c14a4a38c',
    basicToken:
      'Basic NGFiNjA2YTctY2VhNC00OGEwLWEyMTYtZWQ5YzE0YTRhMzhjOjBoYUZxWFRrS2t0Tktmemt4aFowYWt1MzFpNzRnMHlRRm01b2QybXo0TGRJNW1MWQ==',
    stampsTokens: true,
    appIds: ['97745337-cac6-4a5b-afc3-e65ace81c994'],
    retiredAppIds: [],
    stampKey: 'SGGCDRvrzmRa2WTNFQPUaC1OsnAhQgPgcQETEfbY8abEjR/ICXK0p+Rayw5tHCGyiUA=',
  },
];

const EUROPEAN: readonly BrandConstants[] = [BRANDS.hyundai, BRANDS.kia];
const ALL: readonly ClientConstants[] = [...EUROPEAN, ...AUSTRALIAN_CLIENTS];

/** The client with a client id of either generation of logins, null for a stranger. */
export function brandOfClient(clientId: string | null): ClientConstants | null {
  return ALL.find((brand) => brand.clientId === clientId) ?? europeanOfClient(clientId);
}

/** As `brandOfClient`, for what only Europe has. */
export function europeanOfClient(clientId: string | null): BrandConstants | null {
  return EUROPEAN.find((brand) => brand.clientId === clientId || brand.oneAppClientId === clientId) ?? null;
}

export function brandOfApp(appId: string | null): ClientConstants | null {
  return ALL.find((brand) => appId !== null && brand.appIds.includes(appId)) ?? null;
}

export function brandOfRealm(realm: string | undefined): BrandConstants | null {
  return EUROPEAN.find((brand) => brand.keycloakRealm === realm) ?? null;
}

/** The client whose id and secret these are; null if either is wrong. */
export function brandOfBasic(authorization: string | null): ClientConstants | null {
  return ALL.find((brand) => brand.basicToken === authorization) ?? null;
}

/** For the identity provider, which only Europe has. */
export function brandOfClientSecret(clientId: string | null, secret: string | null): ClientConstants | null {
  if (clientId === null || secret === null) return null;
  const basicToken = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
  return EUROPEAN.find((brand) => brand.basicToken === basicToken) ?? null;
}

/** Whether an account is one of those that a client is for. */
export function isClientOf(
  { brand, regions }: ClientConstants,
  account: { readonly brand: Brand; readonly region?: Region },
): boolean {
  return account.brand === brand && regions.includes(account.region ?? 'EU');
}
