const APP_ID_LENGTH = 36;
const SECONDS_DIGITS = 10;

/**
 * The moment that a stamp claims, epoch ms, or null if it was not made for this application. Plaintext:
 * `<application id>:<unix time>`, in seconds (47 bytes) or milliseconds (50). Only the seconds are read: public clients
 * disagree about the last two bytes of the Kia key.
 */
export function stampTime(stamp: string, stampKey: string, appId: string): number | null {
  const sealed = Buffer.from(stamp, 'base64');
  const key = Buffer.from(stampKey, 'base64');
  const shortest = APP_ID_LENGTH + 1 + SECONDS_DIGITS;
  if (sealed.length < shortest || sealed.length > key.length) return null;
  const plain = Buffer.from(sealed.map((byte, at) => byte ^ (key[at] ?? 0)));
  const text = plain.subarray(0, shortest).toString('latin1');
  if (text.slice(0, APP_ID_LENGTH + 1) !== `${appId}:`) return null;
  const seconds = text.slice(APP_ID_LENGTH + 1);
  return /^\d{10}$/.test(seconds) ? Number(seconds) * 1000 : null;
}
