import { REDACTED, type Secrets } from './secrets.ts';

/** What a field of a log line can be: plain data, bounded, without secrets. */
export type Clean = string | number | boolean | null | readonly Clean[] | { readonly [key: string]: Clean };

export interface SanitiseOptions {
  readonly secrets: Secrets;
  /** Personal data (VIN, e-mail, position) is kept. */
  readonly showPrivate: boolean;
  /** Errors carry their stack. */
  readonly showStacks: boolean;
  /** Control characters of every kind are written as escapes, because nobody else does it. */
  readonly escapeAll: boolean;
}

const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
const MAX_TEXT = 4_096;
const MAX_STACK = 16_384;

const SECRET_ENDS =
  /(password|passwd|passphrase|secret|tokens?|authorization|authorizationccsp|cookies?|credentials?|apikey|privatekey)$/;
const SECRET_WORDS = new Set(['pin', 'pass', 'stamp']);
const PERSONAL = new Set(
  'vin email mail user username userid latitude longitude lat lon lng coord coords coordinates gps position location geo'.split(
    ' ',
  ),
);

/** Whether a field is dropped because of its name: `accessToken`, `x-authorization`, `mqtt_password`, `carVin`. */
function isDropped(key: string, showPrivate: boolean): boolean {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  if (SECRET_WORDS.has(last) || SECRET_ENDS.test(words.join(''))) return true;
  return !showPrivate && (PERSONAL.has(last) || PERSONAL.has(words.join('')));
}

// Control characters, and those that change the direction or the lines of a text.
const ALL_CONTROLS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
/** JSON escapes the others by itself. */
const CONTROLS_LEFT_BY_JSON = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** @returns functions that make a message and the fields of a line fit to be written. */
export function createSanitiser(options: SanitiseOptions) {
  const { secrets, showPrivate, showStacks, escapeAll } = options;

  const controls = escapeAll ? ALL_CONTROLS : CONTROLS_LEFT_BY_JSON;

  function text(value: string): string {
    const clean = secrets.redact(value, MAX_TEXT).replace(controls, escaped);
    const isCut = Math.max(value.length, clean.length) > MAX_TEXT;
    return isCut ? `${clean.slice(0, MAX_TEXT)}… (${value.length} characters)` : clean;
  }

  function number(value: number): Clean {
    const digits = String(value);
    // Short numbers are counters, ports and durations; see Secrets.
    if (Number.isInteger(value) && digits.length < 8) return value;
    return secrets.redact(digits) === digits ? value : REDACTED;
  }

  function error(value: Error, depth: number): Clean {
    const clean: Record<string, Clean> = { type: text(value.name), message: text(value.message) };
    if ('code' in value && (typeof value.code === 'string' || typeof value.code === 'number')) {
      clean.code = text(String(value.code));
    }
    if (value.cause !== undefined && depth < MAX_DEPTH) clean.cause = any(value.cause, depth + 1);
    if (showStacks)
      // Searched as a whole: a secret may have several lines.
      clean.stack = secrets
        .redact(value.stack ?? '', MAX_STACK)
        .split('\n')
        .slice(1, 30)
        .map((line) => text(line.trim()));
    return clean;
  }

  function object(value: object, depth: number): Clean {
    if (value instanceof Error) return error(value, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof URL) return text(`${value.origin}${value.pathname}`);
    if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
    if (depth >= MAX_DEPTH) return '…';
    if (Array.isArray(value)) {
      const items = value.slice(0, MAX_ITEMS).map((item) => any(item, depth + 1));
      return value.length > MAX_ITEMS ? [...items, `… (${value.length} items)`] : items;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return `<${text(value.constructor?.name ?? 'object')}>`;
    return Object.fromEntries(entries(value as Readonly<Record<string, unknown>>, depth + 1));
  }

  function entries(value: Readonly<Record<string, unknown>>, depth: number): [string, Clean][] {
    const clean: [string, Clean][] = [];
    for (const key of Object.keys(value).slice(0, MAX_ITEMS)) {
      const item = read(value, key);
      if (item === undefined) continue;
      const harmless = item === null || typeof item === 'boolean';
      clean.push([text(key), !harmless && isDropped(key, showPrivate) ? REDACTED : any(item, depth)]);
    }
    return clean;
  }

  function any(value: unknown, depth: number): Clean {
    switch (typeof value) {
      case 'string':
        return text(value);
      case 'number':
        return number(value);
      case 'boolean':
        return value;
      case 'bigint':
        return text(String(value));
      case 'object':
        return value === null ? null : object(value, depth);
      default:
        return `<${typeof value}>`;
    }
  }

  return {
    message: text,
    /**
     * The fields of a line, those of its parents first; the last of a name counts. Depth bounds what refers to itself;
     * names that the line itself uses get a trailing `_`.
     */
    fields(chain: readonly Readonly<Record<string, unknown>>[]): Record<string, Clean> {
      const all = chain.flatMap((fields) => entries(fields, 0));
      return Object.fromEntries(all.map(([key, item]) => [RESERVED.has(key) ? `${key}_` : key, item]));
    },
  };
}

const RESERVED = new Set(['level', 'time', 'msg', 'stack']);

/** A getter of a foreign object may throw. */
function read(value: Readonly<Record<string, unknown>>, key: string): unknown {
  try {
    return value[key];
  } catch {
    return '<unreadable>';
  }
}
