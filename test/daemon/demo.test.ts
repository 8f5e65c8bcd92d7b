import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { demo } from '../../src/daemon/demo.ts';
import { createSecrets } from '../../src/io/log/secrets.ts';
import { configOf, load } from '../io/config/load.harness.ts';
import { quietLog } from '../support/quiet-log.ts';

let somebody: Server;
let taken: number;
beforeEach(async () => {
  somebody = createServer();
  taken = await new Promise((resolve) => {
    somebody.listen(0, '127.0.0.1', () => resolve((somebody.address() as { port: number }).port));
  });
});
afterEach(() => new Promise((resolve) => somebody.close(resolve)));

/** What the demo prints until it is told to end, which is at once. */
async function demoWith(asked: { readonly env?: Readonly<Record<string, string>>; readonly yaml?: string }) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { env = {}, yaml = 'inspector: { port: 0 }\n' } = asked;
  const loaded = load({ command: 'demo', env, yaml });
  const set = loaded.ok ? loaded.set : new Set<string>();
  const secrets = createSecrets({ showPrivate: false });
  const code = await demo(configOf(loaded), set, quietLog, secrets, Promise.resolve(), null);
  const said = (spy: typeof out) => spy.mock.calls.map(([text]) => String(text)).join('');
  return { code, out: said(out), errors: said(errors) };
}

describe('the demo, when somebody else has a port', () => {
  it('takes another one for its broker, and says so: what the file says is the port of a real one', async () => {
    const yaml = `mqtt: { host: 192.0.2.1, port: ${taken} }\ninspector: { port: 0 }\n`;
    const { code, out } = await demoWith({ yaml });
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Broker {2}mqtt://127\\.0\\.0\\.1:\\d+ +\\(instead of ${taken}, which is taken\\)`));
    const [, port] = /Broker {2}mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(out) ?? [];
    expect(port).not.toBe(String(taken));
    expect(out).toContain(`mosquitto_pub -p ${port} `);
  });

  it('does not take another one than it was told', async () => {
    const { code, out, errors } = await demoWith({ env: { MQTT_BROKER_PORT: String(taken) } });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(errors).toMatch(new RegExp(`^mqtt\\.port: .*:${taken}: the port is in use\\. .*MQTT_BROKER_PORT`));
  });

  it('does the same with its inspector', async () => {
    const moved = await demoWith({ yaml: `inspector: { port: ${taken} }\n` });
    expect(moved.code).toBe(0);
    expect(moved.out).toMatch(new RegExp(`Look {4}http:\\S+ +\\(instead of ${taken}, which is taken\\)`));
    vi.restoreAllMocks();
    const told = await demoWith({ env: { BLUELINKD_INSPECTOR_PORT: String(taken) } });
    expect(told).toMatchObject({ code: 2, out: '' });
    expect(told.errors).toMatch(new RegExp(`^inspector\\.port: .*port ${taken}: .*BLUELINKD_INSPECTOR_PORT`));
  });
});
