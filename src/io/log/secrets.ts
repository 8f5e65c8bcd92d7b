import { formsOf, lowerCase } from './secret-forms.ts';

/**
 * - `secret`: password, PIN, client secret; known for the life of the process.
 * - `token`: what a login or refresh brought; the last 512 are known.
 * - `person`: VIN, e-mail, user name.
 * - `place`: latitude or longitude; the last 512 are known.
 *
 * The latter two are left in the log when the configuration says `log.private: true`.
 */
export type SecretKind = 'secret' | 'token' | 'person' | 'place';

/**
 * What must not be read in a log. Whoever learns a secret registers it before anything can be said about it.
 *
 * A value of four characters or more is found anywhere in a text, in every form of `formsOf`, in either case. Short
 * numbers are different: a PIN such as 1234 also occurs in times, ids and counters, and a log full of holes helps nobody.
 * A number of less than 8 digits is therefore found only where it stands alone, with no letter or digit beside it, and
 * a value of less than four characters only where it is the whole text. Fields named `pin` are dropped by name anyhow.
 */
export interface Secrets {
  /** Empty values are ignored, and coordinates with less than three decimals: they name no place. */
  register(value: string | number, kind?: SecretKind): void;
  /**
   * The text with every secret in it replaced. Of a text that is longer than `length` characters only so many are told and
   * searched, and a secret that begins within them is found whole: cutting a text before it is searched would leave a piece.
   */
  redact(text: string, length?: number): string;
  /** The same without what `log.private` lets pass: for what leaves the machine. */
  readonly strict: Secrets;
  /** Rises when something new must not be read. */
  readonly version: number;
}

export const REDACTED = '[redacted]';

const PASSING_LIMIT = 512;
const MIN_LENGTH = 4;
const SHORT_NUMBER = /^\d{1,7}$/;

interface Form {
  readonly text: string;
  readonly alone: boolean;
  /** How many registered values have this form. */
  uses: number;
}

function isWordCharacter(text: string, index: number): boolean {
  return /[0-9a-z]/.test(text[index] ?? '');
}

/** A coordinate may be printed with fewer decimals than it came with. */
function placeForms(text: string): readonly string[] {
  if (!/^-?\d{1,3}\.\d{3,}$/.test(text)) return [];
  const decimals = text.length - text.indexOf('.') - 1;
  const shorter = [4, 5, 6].filter((n) => n < decimals);
  const cut = shorter.map((n) => text.slice(0, text.indexOf('.') + 1 + n));
  return [text, ...cut, ...shorter.map((n) => Number(text).toFixed(n))].map((form) => form.replace(/^-/, ''));
}

export function createSecrets({ showPrivate }: { readonly showPrivate: boolean }): Secrets {
  const strict = showPrivate ? createSecrets({ showPrivate: false }) : null;
  let version = 0;
  /** By their first four characters. */
  const index = new Map<string, Form[]>();
  const whole = new Map<string, number>();
  /** Characters of the longest form that there has been. */
  let longestForm = 0;
  const lasting = new Set<string>();
  const passing = { token: new Map<string, readonly string[]>(), place: new Map<string, readonly string[]>() };

  const add = (text: string, alone: boolean) => {
    if (text.length < MIN_LENGTH) {
      whole.set(text, (whole.get(text) ?? 0) + 1);
      return;
    }
    longestForm = Math.max(longestForm, text.length);
    const head = text.slice(0, MIN_LENGTH);
    const forms = index.get(head) ?? [];
    const known = forms.find((form) => form.text === text && form.alone === alone);
    if (known !== undefined) known.uses += 1;
    else forms.push({ text, alone, uses: 1 });
    forms.sort((a, b) => b.text.length - a.text.length);
    index.set(head, forms);
  };
  const drop = (text: string) => {
    const head = text.slice(0, MIN_LENGTH);
    const forms = index.get(head) ?? [];
    const known = forms.find((form) => form.text === text);
    if (known !== undefined) known.uses -= 1;
    const left = forms.filter((form) => form.uses > 0);
    if (left.length === 0) index.delete(head);
    else index.set(head, left);
  };

  const registerPassing = (kind: 'token' | 'place', value: string) => {
    const ring = passing[kind];
    if (ring.has(value)) return;
    version += 1;
    const values = kind === 'place' ? placeForms(value) : [value];
    const forms = [...new Set(values.flatMap((v) => [...formsOf(v)]))].filter((form) => form.length >= MIN_LENGTH);
    if (forms.length === 0) return;
    ring.set(value, forms);
    for (const form of forms) add(form, false);
    const oldest = ring.keys().next().value;
    if (ring.size <= PASSING_LIMIT || oldest === undefined) return;
    for (const form of ring.get(oldest) ?? []) drop(form);
    ring.delete(oldest);
  };

  const matchAt = (text: string, at: number): number => {
    for (const { text: form, alone } of index.get(text.slice(at, at + MIN_LENGTH)) ?? []) {
      if (!text.startsWith(form, at)) continue;
      if (!alone || !(isWordCharacter(text, at - 1) || isWordCharacter(text, at + form.length))) return form.length;
    }
    return 0;
  };

  return {
    get strict() {
      return strict ?? this;
    },
    get version() {
      return version;
    },
    register(value, kind = 'secret') {
      strict?.register(value, kind);
      const text = String(value);
      if (text === '' || (showPrivate && (kind === 'person' || kind === 'place'))) return;
      if (kind === 'token' || kind === 'place') {
        registerPassing(kind, text);
      } else if (!lasting.has(text)) {
        lasting.add(text);
        version += 1;
        const alone = SHORT_NUMBER.test(text);
        for (const form of text.length < MIN_LENGTH ? [lowerCase(text)] : formsOf(text)) add(form, alone);
      }
    },
    redact(text, length = text.length) {
      if (text.length < MIN_LENGTH) return whole.has(lowerCase(text)) ? REDACTED : text.slice(0, length);
      if (index.size === 0) return text.slice(0, length);
      // One more, because whoever stands alone has no neighbour.
      const searched = lowerCase(text.slice(0, length + longestForm + 1));
      let clean = '';
      let end = 0;
      for (let at = 0; at < length && at + MIN_LENGTH <= searched.length; at += 1) {
        const found = matchAt(searched, at);
        if (found === 0) continue;
        // Secrets that overlap or touch become one hole.
        if (at > end || end === 0) clean += text.slice(end, at) + REDACTED;
        end = Math.max(end, at + found);
      }
      return end === 0 ? text.slice(0, length) : clean + text.slice(end, Math.max(end, length));
    },
  };
}
