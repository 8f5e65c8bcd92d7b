import { z } from 'zod';
import * as field from './fields.ts';
import { EVEN_WITH_MISTAKES, readKeys } from './relations.ts';

const HOST = {
  pattern: /^[0-9a-z.:-]{1,253}$/i,
  rule: 'must be a host name or address of this machine only, without http://, port or path',
  type: 'host name or address',
};
/** As a browser writes it into the Host header. */
const NAME = {
  pattern: /^(?:[0-9a-z.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i,
  rule: 'must be a name, with a port if it is not the usual one, without https:// and path',
  type: 'names',
};
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|::1)$/i;
/** Shorter ones could be guessed, rate limit or not. */
const SHORTEST_TOKEN = 12;
const MOST_NAMES = 16;
/** Where `--inspect` puts it. */
export const INSPECTOR_PORT = 9_465;

/** The page that shows the actors at work. */
export const inspectorSection = z
  .strictObject({
    port: field.optionalWhole(
      { about: 'The port of the inspector’s page; 0: a free one, which the log names.' },
      { min: 0, max: 65_535 },
      `nothing is served or inspected; with \`bluelinkd run --inspect\` \`${INSPECTOR_PORT}\``,
    ),
    host: field.text(
      { about: 'The address to listen on. Another than the loopback address demands `inspector.token`.' },
      '127.0.0.1',
      HOST,
    ),
    names: field.textList(
      {
        about:
          'Other names by which the page is called, as through a proxy: only these, the address itself and the loopback names are answered. They demand `inspector.token`.',
      },
      NAME,
      MOST_NAMES,
    ),
    token: field.optionalText({
      about: `What one signs in with, at least ${SHORTEST_TOKEN} characters. It is taken over TLS (a proxy) or on this machine only.`,
      secret: 'secret',
    }),
    token_file: field.optionalText(
      { about: 'A file that holds the token, instead of `token`.', path: true },
      { type: 'file' },
    ),
    keep_recordings: field.whole(
      {
        about:
          'How many recordings of failed commands are kept (`recordings` in the state folder, at most 4 MiB each). 0: none is made.',
      },
      20,
      { min: 0, max: 20 },
    ),
  })
  .superRefine((value, context) => {
    const { host = '127.0.0.1', names = [], token } = readKeys(value, context);
    if (typeof token === 'string' && token.length < SHORTEST_TOKEN) {
      field.addProblem(context, ['token'], `must have at least ${SHORTEST_TOKEN} characters`);
    }
    if (typeof token === 'string' && !/^[\x21-\x7e]+$/.test(token)) {
      field.addProblem(context, ['token'], 'must consist of printable ASCII characters without spaces');
    }
    if (token !== null) return;
    if (!LOOPBACK.test(host)) {
      field.addProblem(
        context,
        ['host'],
        'is no loopback address: that demands inspector.token (or inspector.token_file)',
      );
    }
    if (names.length > 0) {
      field.addProblem(
        context,
        ['names'],
        'demands inspector.token (or inspector.token_file): others could get at the page by these names',
      );
    }
  }, EVEN_WITH_MISTAKES)
  .transform(({ token_file: _, ...rest }) => rest)
  .prefault({})
  .register(field.keyFacts, {
    about: 'The inspector: a page that shows the actors at work (docs/inspector.md).',
    type: 'section',
    fallback: null,
  });
