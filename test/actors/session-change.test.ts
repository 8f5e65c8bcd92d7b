import { describe, expect, it } from 'vitest';
import type { CloudFailure } from '../../src/machines/domain/failure.ts';
import { actorSystems, final, ready } from '../support/actor-system.ts';

const start = actorSystems();

const rejected: CloudFailure = {
  kind: 'credentialsRejected',
  message: 'The cloud does not accept the user name and password.',
  cause: 'test',
  reached: 'no',
  answered: true,
  retryAfterMs: null,
};

describe('a login beside the daemon', () => {
  it('helps where only a person can: the account works again without a restart', async () => {
    const { bus, cloud } = start(['c1']);
    await ready(bus, 'c1');
    cloud.refreshInstead = () => rejected;
    cloud.revoke();
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'before' });
    expect(await final(bus, 'c1', 'before')).toMatchObject({ status: 'failed', reason: 'credentialsRejected' });

    cloud.logInBeside();

    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'after' });
    expect(await final(bus, 'c1', 'after')).toMatchObject({ status: 'succeeded', attempts: 1 });
    const views = bus.on('hyundai/bridge/account/main') as { token: string; reason?: string | null }[];
    expect(views.map(({ token }) => token)).toContain('failed');
    expect(views.at(-1)).toMatchObject({ token: 'valid' });
    expect(views.at(-1)?.reason ?? null).toBeNull();
  });

  it('repeats the command that waits for a refresh, once, with the new session', async () => {
    const { bus, cloud } = start(['c1']);
    await ready(bus, 'c1');
    let begun = () => {};
    const refreshing = new Promise<void>((resolve) => {
      begun = resolve;
    });
    cloud.refreshSession = () => {
      begun();
      return new Promise(() => {});
    };
    cloud.revoke();
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'waits' });
    await refreshing;

    cloud.logInBeside();

    expect(await final(bus, 'c1', 'waits')).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(cloud.callsOf('control')).toBe(2);
  });

  it('is heard of no more when the system has stopped', async () => {
    const { bus, cloud, system } = start(['c1']);
    await ready(bus, 'c1');
    await system.stop();
    const before = bus.published.length;
    cloud.logInBeside();
    expect(bus.published).toHaveLength(before);
  });
});
