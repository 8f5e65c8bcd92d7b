import { describe, expect, it } from 'vitest';
import { secretsOf } from '../../../src/io/config/secrets-of.ts';
import { ACCOUNT, BROKER, load } from './load.harness.ts';

const env = { ...ACCOUNT, ...BROKER };
const TOKEN = 'a-token-of-ours';
const inspected = (more: Record<string, string>, command: 'run' | 'demo' | 'attach' = 'run') => {
  const variables = Object.entries(more).map(([key, value]) => [`BLUELINKD_INSPECTOR_${key}`, value] as const);
  return load({ env: { ...env, ...Object.fromEntries(variables) }, command });
};

describe('the inspector', () => {
  it('is off by default, and on the loopback address if it is on', () => {
    const off = inspected({});
    expect(off.ok && off.config.inspector).toEqual({
      port: null,
      host: '127.0.0.1',
      names: [],
      token: null,
      keep_recordings: 20,
    });
    const on = inspected({ PORT: '0' });
    expect(on.ok && on.config.inspector.port).toBe(0);
  });

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('needs no token on %s', (HOST) => {
    expect(inspected({ HOST }).ok).toBe(true);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'car.example', '127.0.0.1.example', '128.0.0.1'])(
    'needs a token on %s',
    (HOST) => {
      const open = inspected({ HOST });
      expect(open.ok ? [] : open.problems).toEqual([expect.stringContaining('that demands inspector.token')]);
      expect(inspected({ HOST, TOKEN }).ok).toBe(true);
    },
  );

  it('needs a token for other names, and one that cannot be guessed', () => {
    const named = inspected({ NAMES: 'car.example' });
    expect(named.ok ? [] : named.problems).toEqual([
      expect.stringContaining('inspector.names demands inspector.token'),
    ]);
    expect(inspected({ NAMES: 'car.example,car.example:8443', TOKEN }).ok).toBe(true);
    expect(inspected({ NAMES: 'https://car.example/', TOKEN }).ok).toBe(false);
    const short = inspected({ TOKEN: 'short' });
    expect(short.ok ? [] : short.problems).toEqual([expect.stringContaining('must have at least 12 characters')]);
    expect(short.ok ? '' : short.problems.join()).not.toContain('"short"');
  });

  it('its token is a secret', () => {
    const loaded = inspected({ TOKEN });
    if (!loaded.ok) throw new Error(loaded.problems.join());
    expect(secretsOf(loaded.config)).toContainEqual({ value: TOKEN, kind: 'secret' });
  });

  it('of the demo keeps to this machine; whoever looks for one needs neither account nor broker', () => {
    const demo = inspected({ PORT: '0', HOST: '0.0.0.0', TOKEN }, 'demo');
    expect(demo.ok && demo.config.inspector).toMatchObject({ port: 0, host: '127.0.0.1', token: null });
    const attach = load({ env: { BLUELINKD_INSPECTOR_TOKEN: TOKEN, HYUNDAI_PIN: ' ' }, command: 'attach' });
    expect(attach.ok && attach.config.inspector.token).toBe(TOKEN);
  });
});
