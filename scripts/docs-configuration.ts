import { allKeys, childrenOf, type Key } from '../src/io/config/keys.ts';

/** docs/configuration.md, made from the schema of the configuration. */

const INTRODUCTION = `<!-- Made by \`npm run docs\` from the schema in src/io/config. Do not edit. -->

# Configuration

bluelinkd reads \`bluelinkd.yaml\` (\`--config <file>\`, else \`BLUELINKD_CONFIG\`, else \`./bluelinkd.yaml\` if it exists) and the
environment. The environment wins over the file, \`--log-level\` wins over both. An empty variable counts as not set. A mistake
is told as a list of sentences, and bluelinkd exits with code 2; \`bluelinkd check\` only checks.

\`\`\`yaml
accounts:
  - username: someone@example.com
    password_file: /run/secrets/bluelink-password
    pin_file: /run/secrets/bluelink-pin
    brand: hyundai
    region: EU
    vehicles:
      - { id: 9b2f6c1e-0d34-4a53-8a53-7d1c3f5a9e01, name: ioniq }
mqtt:
  host: broker.example
  username: bluelinkd
  password_file: /run/secrets/mqtt-password
\`\`\`

- A value in the file is text until its key says what it means: \`pin: 0123\` stays \`0123\`. \`~\`, \`null\` and nothing mean
  "not given". Quote a password with special characters; single quotes take everything literally but \`'\`, which is doubled.
- A secret may also be given as a file (\`password_file\`, \`pin_file\`); one line end at its end does not count.
- A path is relative to the configuration file, or to the working directory if the environment names it; \`~/\` is the home folder.
- Lists in the environment are separated by commas.
- The environment speaks of one account: the only one, or of several the one named \`main\`; without any in the file it makes one.
- \`bluelinkd run\` wants an account (\`username\`, \`password\`) and a broker (\`mqtt.host\`, or \`mqtt.embedded: true\` with
  \`mqtt.username\` and \`mqtt.password\`). \`bluelinkd demo\` reads only \`log\`, \`timing\`, \`limits\` (but it logs in as often as it
  must), \`mqtt.port\` and \`inspector.port\`: nothing that leads to a real car or broker, and it keeps nothing.
- The state folder is made with mode 0700. A folder that is there already and that others can look into is made private if
  nothing in it is anybody else's; else, and if its mode has the sticky bit as that of \`/tmp\`, bluelinkd exits with code 2 and
  leaves it as it is. One daemon owns it; a second exits with code 2. The lock of a daemon that died is taken over. Owners on
  other machines or in other containers cannot be seen: give each its own folder.
`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function row(key: Key): string {
  const { facts } = key;
  const unit = facts.unit === undefined ? '' : facts.unit;
  const fallback = facts.fallback ?? 'required';
  const env = key.env === null ? '' : `\`${key.env}\``;
  const cells = [`\`${key.path.at(-1)}\``, facts.type, unit, fallback, env, facts.about];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function table(keys: readonly Key[]): string {
  const head = ['| key | type | unit | default | environment | meaning |', '| --- | --- | --- | --- | --- | --- |'];
  return `${[...head, ...keys.map(row)].join('\n')}\n`;
}

function hasChildren(keys: readonly Key[], key: Key): boolean {
  return childrenOf(keys, key.path).length > 0 || childrenOf(keys, [...key.path, 0]).length > 0;
}

function section(keys: readonly Key[], title: string, about: string, path: readonly (string | number)[]): string {
  const children = childrenOf(keys, path);
  const leaves = children.filter((key) => !hasChildren(keys, key));
  const inner = children
    .filter((key) => hasChildren(keys, key))
    .map((key) => {
      const isList = childrenOf(keys, key.path).length === 0;
      const name = isList ? `${key.name}[]` : key.name;
      return section(keys, `\`${name}\``, key.facts.about, isList ? [...key.path.map(index), 0] : key.path);
    });
  const own = leaves.length === 0 ? [] : [`## ${title}\n\n${about}\n\n${table(leaves)}`];
  return [...own, ...inner].join('\n');
}

function index(part: string): string | number {
  return part === '[]' ? 0 : part;
}

/** The whole page. */
export function configurationPage(): string {
  const keys = allKeys();
  return `${INTRODUCTION}\n${section(keys, 'Top level', 'Keys that belong to no section.', [])}`;
}
