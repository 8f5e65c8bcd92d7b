import { beforeEach, describe, expect, it } from 'vitest';
import { storedRecord } from './support/account.ts';
import { redirect, serveBrandLogin } from './support/brand-login.ts';
import { CAR, vehicle } from './support/fake-cloud.ts';
import { otherKinds, pathsOf, replaced, textOf } from './support/mutations.ts';
import { ENDPOINTS, type Endpoint, wrapped } from './support/vendor-answers.ts';
import { useWorld } from './support/world.ts';

const world = useWorld();
beforeEach(() => {
  serveBrandLogin(world.cloud);
  const home = redirect('https://oneapp.hyundai.com/redirect?code=app-code&state=ccsp&login_success=y');
  world.cloud
    .on('GET /auth/api/v2/user/oauth2/authorize', () => ({ body: '<html>login</html>' }))
    .on('POST /auth/account/signin', () => home)
    .on(`POST /api/v1/spa/vehicles/${CAR}/charge/target`, () => ({ body: wrapped() }));
});

async function open({ grant, generation = 0, flow, key: served }: Endpoint) {
  for (const { key, body } of ENDPOINTS) if (key !== served) world.cloud.on(key, () => ({ body }));
  const { session, ...record } = storedRecord();
  if (session === null) throw new Error('The stored record has a session.');
  if (served !== 'GET /api/v1/spa/vehicles') {
    const car = vehicle({ ccuCCS2ProtocolSupport: generation });
    world.cloud.on('GET /api/v1/spa/vehicles', () => ({ body: wrapped({ vehicles: [car] }) }));
  }
  return world.open({
    record: { ...record, session: grant === null ? null : { ...session, grant: grant ?? session.grant } },
    loginBudgetPerDay: 1_000,
    ...(flow === undefined ? {} : { account: { loginFlows: [flow] } }),
  });
}

describe.each(ENDPOINTS)('$name', (endpoint) => {
  const { key, body, optional, required, nullable = [], act } = endpoint;
  const paths = pathsOf(body);

  it('as it is known, is told to nobody', async () => {
    world.cloud.on(key, () => ({ body }));
    const { gateway, log } = await open(endpoint);
    expect(await act(gateway)).toMatchObject({ ok: true });
    expect(world.cloud.seen(key).length).toBeGreaterThan(0);
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('with a field of another kind is told once, with its path, and what is left of it is used', async () => {
    // Every path that is said to be read is there.
    const names = new Set(paths.map(textOf));
    expect([...optional, ...required].filter((name) => !names.has(name))).toEqual([]);
    let answer: unknown = body;
    world.cloud.on(key, () => ({ body: answer }));
    const { gateway, log } = await open(endpoint);
    for (const path of paths) {
      const name = textOf(path);
      const before = log.lines.length;
      const isRequired = required.includes(name);
      const kinds = otherKinds(body, path).filter((by) => by !== null || !nullable.includes(name));
      for (const by of kinds) {
        answer = replaced(body, path, by);
        const outcome = await act(gateway);
        expect({ name, by, ok: outcome.ok }).toEqual({ name, by, ok: !isRequired });
        if ('failure' in outcome && (outcome.failure as { kind: string }).kind === 'invalidResponse') {
          expect(outcome.failure).toMatchObject({ message: expect.stringContaining(name.replace(/\[\].*$/, '')) });
        }
      }
      const told = log.lines
        .slice(before)
        .filter(({ fields }) => 'expected' in fields)
        .map(({ level, fields }) => `${level} ${fields.path}`);
      expect({ name, told }).toEqual({ name, told: isRequired || optional.includes(name) ? [`warn ${name}`] : [] });
    }
  });
});
