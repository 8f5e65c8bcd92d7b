import { z } from 'zod';
import { TransportError } from './http-call.ts';

/** What is known of something that went wrong, read from whatever was thrown or answered. Texts are in lower case. */
export interface Evidence {
  /** HTTP status, null when there was no answer. */
  readonly status: number | null;
  /** The code that the cloud's own logic gave: `4004`, `7501`, `9035`, `HT_534`; null without one. */
  readonly code: string | null;
  readonly shape: 'spa' | 'user' | 'gateway' | 'oneApp' | 'hata' | 'json' | 'html' | 'text' | 'empty' | 'none';
  /** All texts that may tell the reason, joined. Never goes into a message. */
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** `ECONNRESET`, … of an error without an answer. */
  readonly errorCode: string | null;
  readonly errorName: string | null;
  /** What our own HTTP call says of how it ended. */
  readonly transport: TransportError | null;
}

const text = z.union([z.string(), z.number()]).transform(String).nullish().catch(null);
const bodySchema = z.object({
  retCode: text,
  resCode: text,
  resMsg: text,
  retMsg: text,
  errId: text,
  errCode: text,
  errMsg: text,
  error: text,
  error_description: text,
  code: text,
  message: text,
  errorCode: text,
  errorSubCode: text,
  errorMessage: text,
  errorSubMessage: text,
  functionName: text,
});

const errorSchema = z.object({
  statusCode: z.number().nullish().catch(null),
  headers: z.record(z.string(), z.unknown()).nullish().catch(null),
  body: z.unknown().optional(),
  source: z.unknown().optional(),
  name: z.string().nullish().catch(null),
  code: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
});

const NOTHING: Evidence = {
  status: null,
  code: null,
  shape: 'none',
  text: '',
  headers: {},
  errorCode: null,
  errorName: null,
  transport: null,
};

/**
 * Reads an answer (`statusCode`, `headers`, `body`), an error of got or bluelinky (which wraps got's as `source`), a
 * bare string, or nothing at all.
 */
export function evidenceOf(raw: unknown): Evidence {
  if (raw === undefined || raw === null) return NOTHING;
  if (typeof raw === 'string') return { ...NOTHING, ...readText(raw) };
  if (raw instanceof TransportError) {
    return { ...NOTHING, transport: raw, errorCode: raw.code, errorName: raw.name };
  }
  const parsed = errorSchema.safeParse(raw);
  if (!parsed.success) return NOTHING;
  const outer = parsed.data;
  if (outer.source !== undefined && outer.source !== null) return evidenceOf(outer.source);
  const base = {
    ...NOTHING,
    status: outer.statusCode ?? null,
    headers: outer.headers ?? {},
    errorCode: outer.code ?? null,
    errorName: outer.name ?? null,
  };
  if (outer.statusCode === null || outer.statusCode === undefined) {
    return { ...base, text: (outer.message ?? '').toLowerCase() };
  }
  return { ...base, ...readBody(outer.body) };
}

function readBody(body: unknown): Pick<Evidence, 'shape' | 'text' | 'code'> {
  if (typeof body === 'string') return readText(body);
  if (body === null || body === undefined) return { shape: 'empty', text: '', code: null };
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return { shape: 'json', text: '', code: null };
  const b = parsed.data;
  const european = [b.resMsg, b.retMsg, b.errMsg, b.error, b.error_description, b.message];
  const all = [...european, b.errorMessage, b.errorSubMessage, b.functionName];
  const words = all
    .filter((value) => typeof value === 'string')
    .join(' ')
    .toLowerCase();
  if (typeof b.errCode === 'string') return { shape: 'user', text: words, code: safe(b.errCode) };
  if (typeof b.resCode === 'string') return { shape: 'spa', text: words, code: safe(b.resCode) };
  if (typeof b.retCode === 'string')
    return { shape: 'spa', text: words, code: /^\d+$/.test(b.retCode) ? b.retCode : null };
  if (typeof b.code === 'string') return { shape: 'oneApp', text: words, code: safe(b.code) };
  if (typeof b.errorCode === 'string' || typeof b.errorSubCode === 'string') {
    return { shape: 'hata', text: words, code: safe(b.errorSubCode ?? '') };
  }
  if (typeof b.error === 'string') return { shape: 'gateway', text: words, code: null };
  return { shape: 'json', text: words, code: null };
}

function readText(body: string): Pick<Evidence, 'shape' | 'text' | 'code'> {
  const trimmed = body.trim();
  if (trimmed === '') return { shape: 'empty', text: '', code: null };
  // bluelinky returns some failures as a sentence with the JSON of the answer at its end.
  const json = trimmed.indexOf('{');
  if (json >= 0) {
    try {
      const inner: unknown = JSON.parse(trimmed.slice(json));
      const read = readBody(inner);
      return { ...read, text: `${trimmed.slice(0, json).toLowerCase()} ${read.text}` };
    } catch {
      // not JSON after all
    }
  }
  return { shape: trimmed.startsWith('<') ? 'html' : 'text', text: trimmed.toLowerCase(), code: null };
}

/** A code goes into the failure's cause, so it must look like one. */
function safe(code: string): string | null {
  return /^[A-Za-z0-9_.-]{1,24}$/.test(code) ? code : null;
}
