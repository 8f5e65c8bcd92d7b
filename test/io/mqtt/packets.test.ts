import type { IPublishPacket } from 'mqtt';
import { expect, it } from 'vitest';
import { inboundMessage } from '../../../src/io/mqtt/packets.ts';

const packet = (payload: string): IPublishPacket => ({
  cmd: 'publish',
  topic: 'base/car/commands/lock',
  payload,
  qos: 1,
  dup: false,
  retain: true,
});

it('a message without a byte is never one that was stored, for it deletes what is', () => {
  expect(inboundMessage(packet(''), 0)).toMatchObject({ retain: false, payload: Buffer.alloc(0) });
  expect(inboundMessage(packet('lock'), 0)).toMatchObject({ retain: true, payload: Buffer.from('lock') });
});
