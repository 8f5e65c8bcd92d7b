import { createServer } from 'node:net';
import { describe, expect } from 'vitest';
import { scrape } from '../io/metrics/scrape.ts';
import { it } from './stage.ts';

const METRICS = { BLUELINKD_METRICS_PORT: '0' };

describe.concurrent('metrics of a running daemon', () => {
  it('tell of a token expiry: one refresh, the retries counted; ready before, gone after the end', async ({
    aStage,
  }) => {
    const stage = await aStage({ cars: 5, environment: METRICS });
    const said = await stage.daemon.log.next('metrics', ({ msg }) => msg === 'metrics and health are served');
    const url = String(said.url).replace(/\/metrics$/, '');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    stage.cloud.revokeTokens();
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car)));
    const { text, value } = await scrape(url);
    const retried = results.filter(({ attempts }) => attempts === 2).length;
    expect(retried).toBeGreaterThan(0);
    expect(value('bluelinkd_refreshes_total{account="main",why="rejection",outcome="succeeded"}')).toBe(1);
    expect(value('bluelinkd_retries_total{account="main"}')).toBe(retried);
    expect(value('bluelinkd_commands_total{command="lock",status="succeeded",reason="none"}')).toBe(5);
    expect(value('bluelinkd_mqtt_connected')).toBe(1);
    expect(text).not.toMatch(/4711|p4ss|someone@example\.com|KMHTEST|"c0"/);
    expect(await stage.daemon.stop()).toMatchObject({ code: 0 });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('a port that is taken is a mistake of the configuration: a sentence, and code 2', async ({ aStage }) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const stage = await aStage({ start: false });
    const daemon = stage.start({ BLUELINKD_METRICS_PORT: String(port) });
    expect(await daemon.ended()).toEqual({ code: 2, signal: null });
    expect(daemon.stderr).toBe(
      `metrics.port: cannot listen on 127.0.0.1, port ${port}: somebody else listens there.\n`,
    );
    await new Promise((resolve) => server.close(resolve));
  });
});
