import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { brandOfClient } from '../brands.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { invalidApplication, invalidParameter, json, spaOk, userError, wrongCredentials } from '../http/answer.ts';
import type { Route } from '../http/router.ts';

/** Registration of a device for push messages, and the PIN that buys a control token for it. */
export const devices: readonly Route[] = [
  ...['v1', 'v2'].map(
    (version): Route => ({
      method: 'POST',
      path: `/api/${version}/spa/notifications/register`,
      kind: 'device.register',
      admission: 'registration',
      handle: register,
    }),
  ),
  ...['v1', 'v2'].map(
    (version): Route => ({
      method: 'PUT',
      path: `/api/${version}/user/pin`,
      kind: 'pin',
      admission: 'bearer',
      handle: enterPin,
    }),
  ),
];

const registration = z.looseObject({
  pushRegId: z.union([z.string().min(1), z.number()]),
  pushType: z.string().min(1),
  uuid: z.string().min(1),
});
const pinBody = z.looseObject({ deviceId: z.string().min(1), pin: z.string() });

function register(exchange: Exchange): Answer {
  const { cloud, request } = exchange;
  if (brandOfClient(request.header('ccsp-service-id')) === null) return invalidApplication();
  if (!registration.safeParse(request.json()).success) return invalidParameter();
  const deviceId = randomUUID();
  cloud.devices.set(deviceId, { id: deviceId, valid: true });
  exchange.effect = 'device';
  return spaOk({ deviceId });
}

/**
 * The PIN is checked before the device: whether the real server looks at the device here is not known, and a client
 * could not tell such a refusal from a wrong PIN.
 */
function enterPin(exchange: Exchange): Answer {
  const { cloud, request, account } = exchange;
  const body = pinBody.safeParse(request.json());
  if (account === null || !body.success) return userError(400, '4002', 'Invalid parameters');
  const refusal = account.pinAttempts.check(account.config.pin !== null && body.data.pin === account.config.pin);
  if (refusal !== null) return wrongCredentials({ userId: '', ...refusal });
  const token = cloud.tokens.issue('control', account, cloud.lifetimes.controlMs, body.data.deviceId);
  exchange.effect = `control#${token.number}`;
  return json(200, { controlToken: token.value, expiresTime: Math.floor(cloud.lifetimes.controlMs / 1000) });
}
