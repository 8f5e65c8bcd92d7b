import { describe, expect } from 'vitest';
import { hosted as it } from './stage.ts';

describe('a wrong PIN', () => {
  it('is asked once: what needs it is rejected, everything else works, also after a restart', async ({ aStage }) => {
    const stage = await aStage({ environment: { HYUNDAI_PIN: '9999' } });
    const { mqtt, car } = stage;
    const refused = { status: 'rejected', reason: 'wrongPin' };
    expect(await mqtt.command(car, 'charge_port', { action: 'open' })).toMatchObject(refused);
    expect(await mqtt.lock(car, 'unlock')).toMatchObject(refused);
    expect(await mqtt.lock(car, 'lock')).toMatchObject({ status: 'succeeded' });
    expect(await mqtt.command(car, 'refresh', { action: 'cached' })).toMatchObject({ status: 'succeeded' });
    expect(stage.calls('pin')).toHaveLength(1);

    await stage.daemon.stop();
    const seen = mqtt.seen.all.length;
    stage.start();
    await stage.ready(undefined, seen);
    expect(await mqtt.lock(car, 'unlock')).toMatchObject(refused);
    expect(stage.calls('pin')).toHaveLength(1);

    await stage.daemon.stop();
    const again = mqtt.seen.all.length;
    stage.start({ HYUNDAI_PIN: '4711' });
    await stage.ready(undefined, again);
    expect(await mqtt.lock(car, 'unlock')).toMatchObject({ status: 'succeeded' });
    expect(stage.calls('pin')).toHaveLength(2);
  });
});
