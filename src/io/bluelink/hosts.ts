import type { AppConstants } from './regions.ts';

/**
 * Base URLs of the four roles of the cloud, without a slash at the end; all the same when the cloud URL is replaced, or
 * where the region's cloud has one host.
 */
export interface Hosts {
  readonly vehicleApi: string;
  readonly identity: string;
  readonly brandLogin: string;
  readonly oneApp: string;
  /**
   * Where a `Location`, or the action of a form, leads: an absolute URL that we may call, or null if it is none of the
   * vendor's. With a replaced cloud URL its path and query are kept and its host is not looked at.
   */
  resolve(location: string, from: string): string | null;
}

export function hostsOf({ hosts }: Pick<AppConstants, 'hosts'>, cloudUrl: string | null): Hosts {
  if (cloudUrl !== null) {
    return {
      vehicleApi: cloudUrl,
      identity: cloudUrl,
      brandLogin: cloudUrl,
      oneApp: cloudUrl,
      resolve: (location, from) => {
        const url = parse(location, from);
        return url === null ? null : `${cloudUrl}${url.pathname}${url.search}`;
      },
    };
  }
  const { vehicleApi } = hosts;
  return {
    vehicleApi,
    ...(hosts.login ?? { identity: vehicleApi, brandLogin: vehicleApi, oneApp: vehicleApi }),
    resolve: (location, from) => {
      const url = parse(location, from);
      const isVendors = url?.protocol === 'https:' && url.hostname.endsWith(hosts.domain);
      return isVendors ? url.href : null;
    },
  };
}

function parse(location: string, from: string): URL | null {
  try {
    const url = new URL(location, from);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
  } catch {
    return null;
  }
}
