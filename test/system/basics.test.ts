import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { explainFailure, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ cars: 2 });
}, 30_000);
afterAll(() => stage.close());
beforeEach(() => explainFailure(stage));

describe('the daemon at work', () => {
  it('locks and unlocks a car', async () => {
    expect(await stage.mqtt.lock('c0', 'unlock')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.cloud.car('c0').actual.locked).toBe(false);
    expect(await stage.mqtt.lock('c0')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.cloud.car('c0').actual.locked).toBe(true);
  });
});
