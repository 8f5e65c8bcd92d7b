import type { KeyObject } from 'node:crypto';
import { constants, generateKeyPair, privateDecrypt } from 'node:crypto';
import { promisify } from 'node:util';

const KEY_ID = 'HMGID2_CIPHER_KEY1';
const MODULUS_BITS = 2_048;
const HEADER_BYTES = 2;
const SHORTEST_PADDING_BYTES = 8;

/** The RSA key that clients encrypt the password with, as the certificate endpoint publishes it. */
export interface PublicPasswordKey {
  readonly kty: 'RSA';
  readonly kid: string;
  /** Modulus and exponent, base64url. */
  readonly n: string;
  readonly e: string;
}

/** Made at the first use: a key takes a tenth of a second, and most simulators never need one. */
export class PasswordKey {
  #pair: Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> | null = null;

  async published(): Promise<PublicPasswordKey> {
    const { n, e } = (await this.#keys()).publicKey.export({ format: 'jwk' });
    return { kty: 'RSA', kid: KEY_ID, n: n ?? '', e: e ?? '' };
  }

  /** The password, or null if the bytes are not PKCS#1 v1.5 under our key. */
  async decrypt(sealed: Uint8Array, kid: string | null): Promise<string | null> {
    if (kid !== KEY_ID || sealed.length !== MODULUS_BITS / 8) return null;
    const { privateKey } = await this.#keys();
    try {
      return unpad(privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, sealed));
    } catch {
      return null;
    }
  }

  #keys(): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
    this.#pair ??= promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
    return this.#pair;
  }
}

/** 00 02, at least eight bytes other than 00, 00, the text. By hand, because Node refuses this padding (CVE-2023-46809). */
function unpad(block: Buffer): string | null {
  if (block[0] !== 0 || block[1] !== 2) return null;
  const end = block.indexOf(0, HEADER_BYTES);
  if (end < HEADER_BYTES + SHORTEST_PADDING_BYTES) return null;
  return block.subarray(end + 1).toString('utf8');
}
