import type { Clock } from '../../../actors/ports.ts';
import type { CloudFailure, FailureKind } from '../../../machines/domain/failure.ts';
import type { BluelinkyEnvironment, Brand } from '../bluelinky-surface.ts';
import type { CloudClient, Patience } from '../cloud-client.ts';
import type { Device } from '../device.ts';
import type { Hosts } from '../hosts.ts';
import type { OneApp } from '../one-app.ts';
import type { FreshSession } from '../tokens.ts';

/** What a login flow works with. */
export interface LoginContext {
  readonly brand: Brand;
  readonly username: string;
  readonly password: string;
  /** Two letters, lower case. */
  readonly language: string;
  readonly environment: BluelinkyEnvironment;
  readonly hosts: Hosts;
  readonly client: CloudClient;
  readonly oneApp: OneApp;
  readonly device: Device;
  /** Our own name for this device. */
  readonly clientUuid: string;
  readonly clock: Clock;
  readonly patience: Patience;
}

const FINAL: ReadonlySet<FailureKind> = new Set([
  'credentialsRejected',
  'consentRequired',
  'otpRequired',
  'blocked',
  'rateLimited',
  'aborted',
]);

/** Whether another way to log in is no use after this, or would make it worse. */
export function endsLogin({ kind }: CloudFailure): boolean {
  return FINAL.has(kind);
}

/**
 * One way to log in. Another one is one file and one row in `regions.ts`. Rejects with `CloudError`: one that does not end
 * the login means that this way is closed, and the next one is tried.
 */
export interface LoginFlow {
  readonly name: LoginFlowName;
  /** Whether it can do anything with this password. */
  accepts(password: string): boolean;
  login(context: LoginContext): Promise<FreshSession>;
  /** The device is registered on the way, and stays so. */
  readonly registersDevice?: true;
}

export type LoginFlowName = 'refreshToken' | 'oneApp' | 'bluelinky' | 'signIn';
