import type { BluelinkyClient, EuropeController, Transport } from './bluelinky-surface.ts';

/**
 * Takes bluelinky's own initiative away. What is replaced, and why:
 * - `refreshAccessToken` is called before every HTTP service; the original is a no-op while the clock trusts a token
 *   that the server revoked, returns its failures as sentences and drops a rotated refresh token.
 * - `enterPin` takes any 2xx for a control token, and two calls at once fetch two; `checkControlToken` goes on after a
 *   failed refresh. Our control tokens are bought elsewhere.
 * - the HTTP services repeat a failing GET twice: a forced read would wake the car three times.
 * - an `error` event without a listener would end the process.
 *
 * @param transport takes the place of the services' way to the network.
 */
export function takeOver(
  client: BluelinkyClient,
  transport: Transport = (service) => service,
): { readonly controller: EuropeController } {
  const { controller } = client;
  const harden = (original: EuropeController['getApiHttpService']) => async () =>
    transport((await original.call(controller)).extend({ retry: 0, followRedirect: false, throwHttpErrors: false }));
  client.on('error', () => {});
  controller.refreshAccessToken = async () => 'Token not expired, no need to refresh';
  controller.checkControlToken = async () => {};
  controller.enterPin = async () => {
    throw new Error('Control tokens are not bought here.');
  };
  controller.getApiHttpService = harden(controller.getApiHttpService);
  controller.getVehicleHttpService = harden(controller.getVehicleHttpService);
  return { controller };
}
