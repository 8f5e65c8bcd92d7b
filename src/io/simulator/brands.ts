/** What tells a Hyundai client from a Kia client: constants that every public client of the European cloud carries. */

export type Brand = 'hyundai' | 'kia';

export interface BrandConstants {
  readonly brand: Brand;
  /** `ccsp-service-id`, and the client id of the old logins. */
  readonly clientId: string;
  /** `Basic base64(clientId:secret)`, as clients send it to the token endpoint. */
  readonly basicToken: string;
  /** Application ids that clients send today. */
  readonly appIds: readonly string[];
  /** Those of them that the vendor retired in 2022; accepted unless `retiredAppId` is switched on. */
  readonly retiredAppIds: readonly string[];
  readonly oneAppClientId: string;
  readonly oneAppRedirectUri: string;
  readonly keycloakRealm: string;
  /** XOR key of the stamp, base64. */
  readonly stampKey: string;
}

export const BRANDS: Readonly<Record<Brand, BrandConstants>> = {
  hyundai: {
    brand: 'hyundai',
    clientId: '6d477c38-3ca4-4cf3-9557-2a1929a94654',
    basicToken:
      'Basic NmQ0NzdjMzgtM2NhNC00Y2YzLTk1NTctMmExOTI5YTk0NjU0OktVeTQ5WHhQekxwTHVvSzB4aEJDNzdXNlZYaG10UVI5aVFobUlGampvWTRJcHhzVg==',
    appIds: ['014d2225-8495-4735-812d-2616334fd15d', '1eba27d2-9a5b-4eba-8ec7-97eb6c62fb51'],
    retiredAppIds: ['1eba27d2-9a5b-4eba-8ec7-97eb6c62fb51'],
    oneAppClientId: '4f4953b5-02e1-4dbc-8599-87e983ee1be5',
    oneAppRedirectUri: 'https://oneapp.hyundai.com/redirect',
    keycloakRealm: 'euhyundaiidm',
    stampKey: 'RFtoRq/vDXJmRndoZaZQyfOot7OrIqGVFj96iY2WL3yyH5Z/pUvlUhqmCxD2t+D65SQ=',
  },
  kia: {
    brand: 'kia',
    clientId: 'fdc85c00-0a2f-4c64-bcb4-2cfb1500730a',
    basicToken: 'Basic ZmRjODVjMDAtMGEyZi00YzY0LWJjYjQtMmNmYjE1MDA3MzBhOnNlY3JldA==',
    appIds: ['a2b8469b-30a3-4361-8e13-6fceea8fbe74'],
    retiredAppIds: [],
    oneAppClientId: '01b36c86-79e8-486c-8009-15f2ad88d670',
    oneAppRedirectUri: 'https://oneapp.kia.com/redirect',
    keycloakRealm: 'eukiaidm',
    stampKey: 'wLTVxwidmH8CfJYBWSnHD6E0huk0ozdiuygB4hLkM5XCgzAL1Dk5sE36d/bx5PFMQeU=',
  },
};

const ALL: readonly BrandConstants[] = [BRANDS.hyundai, BRANDS.kia];

/** The brand of a client id of either generation of logins, null for a stranger. */
export function brandOfClient(clientId: string | null): BrandConstants | null {
  return ALL.find((brand) => brand.clientId === clientId || brand.oneAppClientId === clientId) ?? null;
}

export function brandOfApp(appId: string | null): BrandConstants | null {
  return ALL.find((brand) => appId !== null && brand.appIds.includes(appId)) ?? null;
}

export function brandOfRealm(realm: string | undefined): BrandConstants | null {
  return ALL.find((brand) => brand.keycloakRealm === realm) ?? null;
}

/** The brand whose client id and secret these are; null if either is wrong. */
export function brandOfBasic(authorization: string | null): BrandConstants | null {
  return ALL.find((brand) => brand.basicToken === authorization) ?? null;
}

export function brandOfClientSecret(clientId: string | null, secret: string | null): BrandConstants | null {
  if (clientId === null || secret === null) return null;
  return brandOfBasic(`Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`);
}
