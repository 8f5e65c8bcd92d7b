import type { Clock } from '../../actors/ports.ts';
import type { BluelinkyEnvironment, Brand } from './bluelinky-surface.ts';
import type { CloudClient, Patience } from './cloud-client.ts';
import { CloudError, ownFailure } from './cloud-error.ts';
import type { Device } from './device.ts';
import type { Hosts } from './hosts.ts';
import { flowsFor } from './login/flows.ts';
import type { LoginFlowName } from './login/login-flow.ts';
import type { OneApp } from './one-app.ts';
import type { RegionConstants } from './regions.ts';
import type { SessionKeeper } from './session-keeper.ts';
import type { Grant, Session } from './session-record.ts';
import { type FreshSession, identityTokens, renewedAtVehicleApi } from './tokens.ts';

/** One way to log in. Rejects with `CloudError`. */
export interface Login {
  readonly name: string;
  login(patience: Patience): Promise<FreshSession>;
  /** The device is registered on the way, and stays so. */
  readonly registersDevice?: true;
}

/** What differs from cloud to cloud about a session. */
export interface SessionFlows {
  /** In the order in which they are tried. */
  readonly logins: readonly Login[];
  /**
   * A grant of another cloud, which a changed configuration may have left behind, is refused. Rejects with `CloudError`.
   *
   * @param basis the generation of `session`.
   */
  renew(session: Session, grant: Grant, basis: number, patience: Patience): Promise<FreshSession>;
}

export interface EuropeanSessionOptions {
  readonly brand: Brand;
  readonly username: string;
  readonly password: string;
  readonly language: string;
  readonly loginFlows: readonly LoginFlowName[];
  readonly environment: BluelinkyEnvironment;
  readonly hosts: Hosts;
  readonly client: CloudClient;
  readonly oneApp: OneApp;
  readonly device: Device;
  readonly regional: RegionConstants;
  readonly keeper: SessionKeeper;
  readonly clock: Clock;
}

/** The sessions of the European family of clouds. */
export function europeanSessions(options: EuropeanSessionOptions): SessionFlows {
  const { password, loginFlows, environment, hosts, client, oneApp, keeper, regional } = options;
  const endpoint = { environment, hosts, client };
  return {
    logins: flowsFor(regional.loginFlows, password, loginFlows).map((flow) => ({
      name: flow.name,
      login: (patience) => flow.login({ ...options, clientUuid: keeper.record.clientUuid, patience }),
      ...(flow.registersDevice === undefined ? {} : { registersDevice: flow.registersDevice }),
    })),

    async renew(session, grant, basis, patience) {
      switch (grant.kind) {
        case 'vehicleApi':
          return await renewedAtVehicleApi(endpoint, grant.refreshToken, regional.renewal, patience);
        case 'identity':
          return await identityTokens(endpoint, grant.refreshToken, 'refresh', patience);
        case 'oneApp': {
          const { clientUuid } = keeper.record;
          const rotated = await oneApp.refresh(grant, clientUuid, patience);
          // The old set is dead from now on: the new one must be on the disk before anything else can go wrong.
          await keeper.update(({ generation }) =>
            generation === basis ? { session: { ...session, grant: rotated } } : {},
          );
          return await oneApp.exchange(rotated, clientUuid, 'refresh', patience);
        }
        case 'hata':
          throw foreignGrant();
      }
    },
  };
}

/** The stored session was made by another cloud: only a login helps. */
export function foreignGrant(): CloudError {
  return new CloudError(ownFailure('grantRefused', 'The stored session is that of another region.', 'other region'));
}
