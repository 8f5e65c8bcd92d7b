import { startMetrics } from '../../../src/io/metrics/metrics.ts';
import { quietLog } from '../../support/quiet-log.ts';

export interface Scraped {
  readonly text: string;
  /** The value of a series, by its name and labels in the order of the metric: `x_total{account="main"}`. */
  value(series: string): number | undefined;
}

export async function scrape(url: string): Promise<Scraped> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const values = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
  );
  return { text, value: (series) => values.get(series) };
}

export const openMetrics = (accounts: readonly string[] = ['main']) =>
  startMetrics({ host: '127.0.0.1', port: 0, accounts, baseTopic: 'hyundai', version: '1.2.3', log: quietLog });
