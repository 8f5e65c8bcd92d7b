import { z } from 'zod';
import { parseCloudUrl } from '../../machines/domain/cloud-url.ts';
import { DEFAULT_SETTINGS } from '../../machines/domain/settings.ts';
import { accountsSection, CONTROLS } from './account-section.ts';
import { brokerSection } from './broker-section.ts';
import { budgetSection } from './budget-section.ts';
import * as field from './fields.ts';
import { inspectorSection } from './inspector-section.ts';
import { metricsSection } from './metrics-section.ts';
import { ownPortsDiffer } from './own-ports.ts';
import { EVEN_WITH_MISTAKES } from './relations.ts';
import { limitsSection, timingSection } from './timing.ts';

/** The configuration: the only source of its types, defaults, validation and of docs/configuration.md. */

const log = z
  .strictObject({
    level: field.choice(
      { about: 'What is logged. Python’s names are understood, in any case.', env: 'LOG_LEVEL' },
      ['trace', 'debug', 'info', 'warn', 'error'],
      'info',
      { notset: 'trace', warning: 'warn', critical: 'error', fatal: 'error' },
    ),
    pretty: field.choice(
      { about: 'Lines for people instead of JSON. `auto`: when standard output is a terminal.' },
      ['auto', 'always', 'never'],
      'auto',
      { true: 'always', yes: 'always', on: 'always', false: 'never', no: 'never', off: 'never' },
    ),
    private: field.flag(
      { about: 'Whether VIN, e-mail and position may appear in the log. Passwords, PIN and tokens never do.' },
      false,
    ),
  })
  .prefault({})
  .register(field.keyFacts, { about: 'The log, on standard output.', type: 'section', fallback: null });

const keys = z.strictObject({
  accounts: accountsSection,
  mqtt: brokerSection,
  cloud_url: field.optionalParsed(
    {
      about:
        'Replaces every host of the vendor’s cloud by this one (scheme, host and port), with the same paths: for simulators and tests. `https`; plain `http` for loopback hosts only.',
      unspoken: true,
    },
    'URL',
    parseCloudUrl,
  ),
  state_dir: field.optionalText(
    { about: 'The folder for sessions and everything else that outlives a restart. One daemon owns it.', path: true },
    { type: 'folder' },
    '`$STATE_DIRECTORY`, else `$XDG_STATE_HOME/bluelinkd`, else `~/.local/state/bluelinkd`',
  ),
  initial_refresh: field.flag(
    { about: 'Whether every car is read (from the cloud’s memory) at start.', env: 'INITIAL_REFRESH' },
    true,
  ),
  poll_interval_s: field.whole(
    {
      about:
        'How often every car is read from the cloud’s memory when nothing else reads it; at least every 600 s while it charges, and sooner at first (after 60 s, 120 s, 240 s, …) if it could not be read at the start. It never wakes a car. 0: never.',
    },
    DEFAULT_SETTINGS.pollIntervalMs / 1000,
    { min: 0, max: 86_400, unit: 's' },
  ),
  read_only: field.flag(
    { about: 'Whether every control is refused (`readOnly`), for the accounts that do not say it themselves.' },
    false,
  ),
  controls: field.optionalChoice(
    {
      about:
        '`safe` refuses what opens a car to others (`notArmed`): unlock, windows open, charge port open, valet. For the accounts that do not say it themselves.',
    },
    CONTROLS,
    '`all` for an account with a PIN, else `safe`',
  ),
  publish_location: field.choice(
    { about: '`live`: the location topics, not retained. `retained`: in `state` too. `off`: nowhere.' },
    ['live', 'off', 'retained'],
    'live',
  ),
  budget: budgetSection,
  log,
  metrics: metricsSection,
  inspector: inspectorSection,
  timing: timingSection,
  limits: limitsSection,
});

export const configSchema = keys.superRefine(ownPortsDiffer, EVEN_WITH_MISTAKES);

export type Config = z.output<typeof configSchema>;
