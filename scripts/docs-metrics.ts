import { createInstruments } from '../src/io/metrics/instruments.ts';

/** docs/metrics.md, made from the metrics themselves. */

const HEAD = `<!-- Made by \`npm run docs\` from src/io/metrics/instruments.ts. Do not edit. -->

# Metrics and health

\`\`\`yaml
metrics:
  port: 9464
\`\`\`

Nothing is served, and nothing is measured, until \`metrics.port\` is set; then \`http://127.0.0.1:9464\` serves

| path | what |
| --- | --- |
| \`/metrics\` | what is listed below, as Prometheus reads it |
| \`/healthz\` | 200 as long as the process works: \`{"status":"ok","version":"…","uptime_s":…}\` |
| \`/readyz\` | 200 when the broker is connected, the token of every account can be used, no part of an account stays down and the journal can be written, else 503; \`reasons\` names everything that is in the way: \`{"status":"notReady","reasons":[{"part":"account","account":"main","reason":"credentialsRejected","message":"…"}]}\` |

- \`metrics.host\` is the loopback address. There is no password: whoever reaches another address can read how many cars there
  are and what is done with them, but no secret, VIN, e-mail or position; none of them is in any metric. On the loopback
  address only requests for a loopback name are answered.
- Labels are bounded. \`account\` is the name in the configuration; cars and the ids of commands are no labels.
- A token that is being refreshed because it was refused is not ready; one that is renewed in good time is.
- The port being taken is a mistake of the configuration: bluelinkd says so and exits with code 2.

## Alerts

\`\`\`yaml
groups:
  - name: bluelinkd
    rules:
      - alert: BluelinkNeedsAPerson
        expr: >-
          bluelinkd_refreshes_total{outcome=~"credentialsRejected|consentRequired|otpRequired"} > 0
          and on (account) bluelinkd_token_state{state="failed"} == 1
        annotations: { summary: 'The account {{ $labels.account }} cannot log in until somebody acts.' }
      - alert: BluelinkCloudAway
        expr: bluelinkd_breaker_state{state="open"} == 1
        for: 15m
      - alert: BluelinkRetriesFail
        expr: >-
          increase(bluelinkd_retried_commands_succeeded_total[1h])
          < 0.9 * increase(bluelinkd_retried_commands_total[1h])
      - alert: BluelinkBudgetLow
        expr: bluelinkd_budget_calls_left < 20
      - alert: BluelinkJournalBroken
        expr: bluelinkd_journal_usable == 0
        for: 2m
\`\`\`

Two refreshes for one expiry would be a defect of ours:
\`bluelinkd_refreshes_total{why="suspect"}\` counts tokens that were refused as soon as they were new. (A series that counts
outcomes is there from its first one; \`increase()\` and \`rate()\` do not see that first one.)

## All metrics
`;

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

/** prom-client keeps the definition of a metric in the metric, but does not say so in its types. */
function definitions(): readonly Definition[] {
  return createInstruments().registry.getMetricsAsArray() as unknown as readonly Definition[];
}

function row({ name, type, labelNames, help }: Definition): string {
  const labels = labelNames.map((label) => `\`${label}\``).join(', ');
  return `| \`${name}\` | ${type} | ${labels} | ${help.replaceAll('|', '\\|')} |`;
}

/** The whole page. */
export function metricsPage(): string {
  const table = ['| name | type | labels | what |', '| --- | --- | --- | --- |', ...definitions().map(row)];
  return `${HEAD}\n${table.join('\n')}\n`;
}
