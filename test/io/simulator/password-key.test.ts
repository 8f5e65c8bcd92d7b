import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { PasswordKey } from '../../../src/io/simulator/session/password-key.ts';

const BLOCK_BYTES = 256;

describe('the key that passwords are encrypted with', () => {
  const key = new PasswordKey();
  let kid = '';
  let seal: (block: Buffer, padding: number) => Buffer;

  beforeAll(async () => {
    const jwk = await key.published();
    kid = jwk.kid;
    const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    seal = (block, padding) => publicEncrypt({ key: publicKey, padding }, block);
  });

  /** A block as PKCS#1 v1.5 has it, with as much padding as asked for. */
  const blockOf = (type: number, paddingBytes: number, text: string) => {
    const block = Buffer.alloc(BLOCK_BYTES, 0xff);
    block.set([0, type]);
    block[2 + paddingBytes] = 0;
    block.set(Buffer.from(text), 3 + paddingBytes);
    return block;
  };

  it('opens what was sealed for it', async () => {
    const sealed = seal(Buffer.from('Grüße'), constants.RSA_PKCS1_PADDING);
    expect(await key.decrypt(sealed, kid)).toBe('Grüße');
    const byHand = seal(blockOf(2, BLOCK_BYTES - 3 - 6, 'secret'), constants.RSA_NO_PADDING);
    expect(await key.decrypt(byHand, kid)).toBe('secret');
  });

  it.each([
    ['another type of block', 1, 100],
    ['too little padding', 2, 7],
  ])('does not open %s', async (_what, type, paddingBytes) => {
    expect(await key.decrypt(seal(blockOf(type, paddingBytes, 'x'), constants.RSA_NO_PADDING), kid)).toBeNull();
  });

  it('does not open what was sealed for another key, or is too short', async () => {
    const sealed = seal(Buffer.from('secret'), constants.RSA_PKCS1_PADDING);
    expect(await key.decrypt(sealed, 'OTHER_KEY')).toBeNull();
    expect(await key.decrypt(sealed, null)).toBeNull();
    expect(await key.decrypt(sealed.subarray(1), kid)).toBeNull();
    expect(await key.decrypt(Buffer.alloc(BLOCK_BYTES, 0xff), kid)).toBeNull();
  });
});
