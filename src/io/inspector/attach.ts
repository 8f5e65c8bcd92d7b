import { z } from 'zod';
import { isLoopback } from './guard.ts';
import type { JourneyRow } from './hop.ts';

/** Asks the inspector of another process. */

export interface Attachment {
  /** `http://127.0.0.1:9465` */
  readonly url: string;
  readonly token: string | null;
}

/** What went wrong, as a sentence for a person. */
export class AttachError extends Error {}

const ANSWER_MS = 10_000;
const LARGEST_SNAPSHOT = 256 * 1024 * 1024;

const row = z.object({
  at: z.number(),
  from: z.string(),
  to: z.string(),
  what: z.string(),
  detail: z.string(),
  durationMs: z.number().nullable(),
  kind: z.enum(['message', 'event', 'call', 'state']),
});
const refusal = z.object({ error: z.string() });

/** Null if the daemon knows nothing of the command (any more). @throws AttachError */
export async function fetchJourney(attachment: Attachment, commandId: string): Promise<readonly JourneyRow[] | null> {
  const response = await ask(
    attachment,
    `/api/journey/${encodeURIComponent(commandId)}`,
    AbortSignal.timeout(ANSWER_MS),
  );
  if (response.status === 404) return null;
  await demandOk(response);
  const parsed = z.array(row).safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw new AttachError('What answers there is no inspector, or of another version.');
  return parsed.data;
}

const snapshot = z.object({
  seq: z.number().int().nonnegative(),
  version: z.string(),
  simulated: z.boolean(),
  actors: z.array(z.looseObject({ type: z.string(), seq: z.number() })),
});
export type Snapshot = z.output<typeof snapshot>;

/** Who lives there now. @throws AttachError */
export async function fetchSnapshot(attachment: Attachment): Promise<Snapshot> {
  const response = await ask(attachment, '/api/snapshot', AbortSignal.timeout(ANSWER_MS));
  await demandOk(response);
  if (Number(response.headers.get('content-length') ?? 0) > LARGEST_SNAPSHOT)
    throw new AttachError('It tells too much.');
  const parsed = snapshot.safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw new AttachError('What answers there is no inspector, or of another version.');
  return parsed.data;
}

/**
 * The JSON of every entry after number `since`, until `signal` or the end of the daemon. A daemon that says nothing for
 * `silenceMs` is taken for dead: a living one tells its health every second.
 *
 * @throws AttachError
 */
export async function* listen(
  attachment: Attachment,
  since: number,
  signal: AbortSignal,
  silenceMs = 15_000,
): AsyncGenerator<string> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    const response = await ask(attachment, `/events?since=${since}`, AbortSignal.any([signal, silence.signal]));
    await demandOk(response);
    if (response.body === null) return;
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      timer.refresh();
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) yield line.slice('data: '.length);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof AttachError) throw error;
    throw new AttachError(silence.signal.aborted ? 'The daemon says nothing any more.' : 'The daemon has gone.');
  } finally {
    clearTimeout(timer);
  }
}

async function ask({ url, token }: Attachment, path: string, signal: AbortSignal): Promise<Response> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new AttachError('The address of an inspector is a URL like http://127.0.0.1:9465.');
  }
  const target = new URL(url);
  const isSafe = target.protocol === 'https:' || isLoopback(target.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (token !== null && !isSafe) {
    throw new AttachError(
      'The token is sent over TLS or to this machine only: on the open network others could read it.',
    );
  }
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  try {
    // Not `error`: with that, undici forgets the signal once the garbage collector has run.
    return await fetch(new URL(path, target), { headers, signal, redirect: 'manual' });
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new AttachError(`No inspector answers at ${target.origin}: bluelinkd run --inspect has one.`);
  }
}

async function demandOk(response: Response): Promise<void> {
  if (response.ok) return;
  const said = refusal.safeParse(await response.json().catch(() => null));
  const why = said.success ? said.data.error : `HTTP ${response.status}`;
  const hint = response.status === 401 ? ' Set inspector.token as that daemon has it.' : '';
  throw new AttachError(`The inspector refuses: ${why}${hint}`);
}
