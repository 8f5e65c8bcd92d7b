import { z } from 'zod';
import * as field from './fields.ts';
import { EVEN_WITH_MISTAKES, readKeys } from './relations.ts';
import { topicProblem } from './topics.ts';

const FILE = { type: 'file' };
const HOST = {
  // A name or IPv4 address, or an IPv6 address with or without brackets.
  pattern: /^([^\s/:@[\]]{1,253}|\[[0-9a-f:.]+\]|[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.%a-z]*)$/i,
  rule: 'must be a host name or address only, without mqtt://, port or path (mqtt.port and mqtt.tls say the rest)',
  type: 'host name or address',
};

export const brokerSection = z
  .strictObject({
    host: field.optionalText({ about: 'The broker.', env: 'MQTT_BROKER_HOST' }, HOST),
    port: field.optionalWhole(
      { about: 'The broker’s port.', env: 'MQTT_BROKER_PORT' },
      { min: 1, max: 65_535 },
      '`1883`, with `mqtt.tls` `8883`',
    ),
    username: field.optionalText({ about: 'The user name at the broker.', env: 'MQTT_USERNAME' }),
    password: field.optionalText({ about: 'The password at the broker.', env: 'MQTT_PASSWORD', secret: 'secret' }),
    password_file: field.optionalText(
      { about: 'A file that holds this password, instead of `password`.', env: 'MQTT_PASSWORD_FILE', path: true },
      FILE,
    ),
    tls: field.flag(
      { about: 'Whether to speak TLS with the broker. Its certificate is verified.', env: 'MQTT_USE_TLS' },
      false,
    ),
    ca: field.optionalText(
      { about: 'A PEM file with the authority that signed the broker’s certificate.', path: true },
      FILE,
      'those of Node.js',
    ),
    client_id: field.optionalText(
      { about: 'The MQTT client id. Two daemons at one broker need two.', env: 'MQTT_CLIENT_ID' },
      { pattern: /^[\x21-\x7e]{1,128}$/, rule: 'must be 1 to 128 printable characters without spaces' },
      '`bluelinkd-` and the base topic',
    ),
    qos: field.whole(
      { about: 'A ceiling for the quality of service of what is published. 2 is treated as 1.', env: 'MQTT_QOS' },
      1,
      { min: 0, max: 2 },
    ),
    base_topic: field.text({ about: 'The first level or levels of every topic.', env: 'MQTT_BASE_TOPIC' }, 'hyundai', {
      type: 'topic',
    }),
    embedded: field.flag(
      {
        about:
          'Runs a broker inside the daemon, on this machine’s loopback address only. It demands `mqtt.username` and `mqtt.password`.',
      },
      false,
    ),
    response_topics: field.textList(
      { about: 'Prefixes under which an MQTT 5 response topic may lie.' },
      { type: 'topics' },
      64,
    ),
    republish_unchanged: field.flag(
      { about: 'Whether every read publishes all readings again, also those that have not changed.' },
      false,
    ),
    session_expiry_s: field.whole(
      { about: 'How long the broker keeps what was sent while the daemon was away (MQTT 5).' },
      60,
      { min: 0, max: 86_400, unit: 's' },
    ),
  })
  .superRefine((value, context) => {
    const { base_topic, response_topics = [], username, password, embedded, host, tls } = readKeys(value, context);
    const base = base_topic === undefined ? null : topicProblem(base_topic);
    if (base !== null) field.addProblem(context, ['base_topic'], base);
    for (const topic of response_topics) {
      const isInside = base_topic !== undefined && isUnder(topic, base_topic);
      const problem = topicProblem(topic) ?? (isInside ? 'lies under mqtt.base_topic' : null);
      if (problem !== null) field.addProblem(context, ['response_topics'], `has an item that ${problem}`);
    }
    if (typeof password === 'string' && username === null) field.addProblem(context, ['username'], field.MISSING);
    if (embedded !== true) return;
    if (typeof host === 'string')
      field.addProblem(context, ['embedded'], 'and mqtt.host exclude each other: one broker is enough');
    if (tls === true)
      field.addProblem(
        context,
        ['embedded'],
        'and mqtt.tls exclude each other: the broker inside the daemon speaks no TLS',
      );
    if (username === null && typeof password !== 'string') field.addProblem(context, ['username'], field.MISSING);
    if (password === null) field.addProblem(context, ['password'], field.MISSING);
  }, EVEN_WITH_MISTAKES)
  .transform(({ password_file: _, ...rest }) => ({
    ...rest,
    host: rest.host?.replace(/^\[(.*)\]$/, '$1') ?? null,
    port: rest.port ?? (rest.tls ? 8_883 : 1_883),
    qos: rest.qos === 0 ? (0 as const) : (1 as const),
    client_id: rest.client_id ?? `bluelinkd-${rest.base_topic.replaceAll('/', '-')}`.slice(0, 128),
  }))
  .prefault({})
  .register(field.keyFacts, { about: 'The broker.', type: 'section', fallback: null });

function isUnder(topic: string, base: string): boolean {
  return topic === base || topic.startsWith(`${base}/`);
}
