import type { CarInfo } from '../../machines/domain/command.ts';
import type { Brand } from './bluelinky-surface.ts';
import { AUSTRALIAN_PROTOCOLS, EUROPEAN_PROTOCOLS, type Protocols } from './endpoints.ts';
import { bluelinkyFlow } from './login/bluelinky-flow.ts';
import type { LoginFlow } from './login/login-flow.ts';
import { oneAppFlow } from './login/one-app-flow.ts';
import { refreshTokenFlow } from './login/refresh-token-flow.ts';
import { signInFlow } from './login/sign-in-flow.ts';
import { AUSTRALIAN, type Dialect, EUROPEAN } from './translate/dialect.ts';

/** The regions whose clouds are of the European family: one protocol, which differs in what stands here. */
export type SpaRegion = 'EU' | 'AU' | 'NZ';

/** Public constants of the vendor's app for one brand in one region. */
export interface AppConstants {
  /** Base URLs without a slash at the end. */
  readonly hosts: {
    readonly vehicleApi: string;
    /** Null where the vehicle API does all of it. */
    readonly login: { readonly identity: string; readonly brandLogin: string; readonly oneApp: string } | null;
    /** All hosts that the cloud may send us to end in this. */
    readonly domain: string;
  };
  readonly clientId: string;
  /** `Basic base64(clientId:clientSecret)`; in Europe bluelinky has it. */
  readonly basicToken: string | null;
  /** The application id that the cloud accepts today; that of bluelinky may be retired. */
  readonly appId: string;
  /** The push service of the app: a device registered with the wrong one is refused. */
  readonly pushType: 'GCM' | 'APNS';
  /** XOR keys of the stamp, base64 of 50 bytes. The first is the likeliest; the others are tried if it is refused. */
  readonly stampKeys: readonly [string, ...string[]];
}

export interface RegionConstants {
  readonly brands: Readonly<Record<Brand, AppConstants>>;
  /** In the order in which they are tried when the configuration does not say. */
  readonly loginFlows: readonly LoginFlow[];
  /** How the vehicle API's own refresh token is used. */
  readonly renewal: { readonly redirectUri: string | null; readonly isStamped: boolean };
  readonly protocols: Protocols;
  /** What the vehicle list does not tell of its cars. */
  readonly cars: Pick<CarInfo, 'setTempC'>;
  readonly dialect: Dialect;
}

const europe = (brand: Brand) => ({
  vehicleApi: `https://prd.eu-ccapi.${brand}.com:8080`,
  login: {
    identity: `https://idpconnect-eu.${brand}.com`,
    brandLogin: `https://eu-account.${brand}.com`,
    oneApp: `https://cci-api-eu.${brand}.com`,
  },
  domain: `.${brand}.com`,
});

const EU: RegionConstants = {
  brands: {
    hyundai: {
      hosts: europe('hyundai'),
      clientId: '6d477c38-3ca4-4cf3-9557-2a1929a94654',
      basicToken: null,
      appId: '014d2225-8495-4735-812d-2616334fd15d',
      pushType: 'GCM',
      stampKeys: ['RFtoRq/vDXJmRndoZaZQyfOot7OrIqGVFj96iY2WL3yyH5Z/pUvlUhqmCxD2t+D65SQ='],
    },
    kia: {
      hosts: europe('kia'),
      clientId: 'fdc85c00-0a2f-4c64-bcb4-2cfb1500730a',
      basicToken: null,
      appId: 'a2b8469b-30a3-4361-8e13-6fceea8fbe74',
      pushType: 'APNS',
      stampKeys: ['wLTVxwidmH8CfJYBWSnHD6E0huk0ozdiuygB4hLkM5XCgzAL1Dk5sE36d/bx5PFMQeU='],
    },
  },
  loginFlows: [refreshTokenFlow, oneAppFlow, bluelinkyFlow],
  // What the older apps say; the server compares it.
  renewal: { redirectUri: 'https://www.getpostman.com/oauth2/callback', isStamped: false },
  protocols: EUROPEAN_PROTOCOLS,
  cars: {},
  dialect: EUROPEAN,
};

const AU_HYUNDAI: AppConstants = {
  hosts: { vehicleApi: 'https://au-apigw.ccs.hyundai.com.au:8080', login: null, domain: '.hyundai.com.au' },
  clientId: '855c72df-dfd7-4230-ab03-67cbf902bb1c',
  basicToken:
    'Basic ODU1YzcyZGYtZGZkNy00MjMwLWFiMDMtNjdjYmY5MDJiYjFjOmU2ZmJ3SE0zMllOYmhRbDBwdmlhUHAzcmY0dDNTNms5MWVjZUEzTUpMZGJkVGhDTw==',
  appId: 'f9ccfdac-a48d-4c57-bd32-9116963c24ed',
  pushType: 'GCM',
  // The second is bluelinky's.
  stampKeys: [
    'nGDHng3k4Cg9gWV+C+A6Yk/ecDopUNTkGmDpr2qVKAQXx9bvY2/YLoHPfObliK32mZQ=',
    'V60WkEmyRQaAfrBF1623/7QL62MjLVbCHdItGzQ1g5T/hkmKmMVTaMHv4cKGzgD3kfc=',
  ],
};

const AU_KIA_HOSTS = { vehicleApi: 'https://au-apigw.ccs.kia.com.au:8082', login: null, domain: '.kia.com.au' };

const AU: RegionConstants = {
  brands: {
    hyundai: AU_HYUNDAI,
    kia: {
      hosts: AU_KIA_HOSTS,
      clientId: '8acb778a-b918-4a8d-8624-73a0beb64289',
      basicToken:
        'Basic OGFjYjc3OGEtYjkxOC00YThkLTg2MjQtNzNhMGJlYjY0Mjg5OjdTY01NbTZmRVlYZGlFUEN4YVBhUW1nZVlkbFVyZndvaDRBZlhHT3pZSVMyQ3U5VA==',
      appId: '4ad4dcde-be23-48a8-bc1c-91b94f5c06f8',
      pushType: 'GCM',
      stampKeys: [
        'SGGCDRvrzmRa2WTNFQPUaNfSFdtPklZ48xUuVckigYasxmeOQqVgCAC++YNrI1vVabI=',
        'IDbMgWBXgic4MAyMgf5PFFRAdGX5O3IyC3uvN3scCs0gDpTFDuyvBorlAH9JMM2/hys=',
      ],
    },
  },
  loginFlows: [signInFlow],
  renewal: { redirectUri: null, isStamped: true },
  protocols: AUSTRALIAN_PROTOCOLS,
  cars: { setTempC: { min: AUSTRALIAN.lowestC, max: AUSTRALIAN.highestC } },
  dialect: AUSTRALIAN,
};

/** Kia has an app of its own in New Zealand, on the Australian host; Hyundai's is the Australian one. */
const NZ: RegionConstants = {
  ...AU,
  brands: {
    hyundai: AU_HYUNDAI,
    kia: {
      hosts: AU_KIA_HOSTS,
      clientId: '4ab606a7-cea4-48a0-a216-ed9c14a4a38c',
      basicToken:
        'Basic NGFiNjA2YTctY2VhNC00OGEwLWEyMTYtZWQ5YzE0YTRhMzhjOjBoYUZxWFRrS2t0Tktmemt4aFowYWt1MzFpNzRnMHlRRm01b2QybXo0TGRJNW1MWQ==',
      appId: '97745337-cac6-4a5b-afc3-e65ace81c994',
      pushType: 'GCM',
      stampKeys: ['SGGCDRvrzmRa2WTNFQPUaC1OsnAhQgPgcQETEfbY8abEjR/ICXK0p+Rayw5tHCGyiUA='],
    },
  },
};

export const REGIONS: Readonly<Record<SpaRegion, RegionConstants>> = { EU, AU, NZ };
