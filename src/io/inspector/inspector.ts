import { randomBytes } from 'node:crypto';
import type { Clock, Log } from '../../actors/ports.ts';
import { openBoundedServer } from '../http/bounded-server.ts';
import { readAssets } from './assets.ts';
import { Guard } from './guard.ts';
import { Inspection, type InspectionOptions } from './inspection.ts';
import { journeyOf } from './journey.ts';
import { journeySelection } from './journey-selection.ts';
import { Listeners } from './listeners.ts';
import { recordingOf } from './recording.ts';
import { LARGEST_RECORDING, Recordings } from './recordings.ts';
import { SignIn } from './sign-in.ts';
import { Site } from './site.ts';

export interface InspectorOptions extends InspectionOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Other names by which it is called. */
  readonly names: readonly string[];
  /** Null: everybody who reaches it may look. */
  readonly token: string | null;
  readonly recordings: { readonly folder: string; readonly keep: number; readonly settleMs?: number };
  readonly version: string;
  readonly simulated: boolean;
  readonly log: Log;
  readonly clock: Clock;
  /** Where the page lies; default: beside this file. */
  readonly page?: string;
}

/** Shows one daemon from outside: look through `inspection` at its ports and actors. */
export interface Inspector {
  readonly url: string;
  readonly inspection: Inspection;
  /** Ends every stream, after what there was to tell. */
  close(): Promise<void>;
}

/** Listeners, the page's own requests, and those who are turned away. */
const CONNECTIONS = 64;
const HEALTH_MS = 1_000;
const SHOWN_ACTORS = 5_000;
const SHOWN_ENTRIES = 10_000;
/** Who asks more often gets the same again. */
const SNAPSHOT_MS = 250;

/** @throws Error with a sentence for a person when the port cannot be had. */
export async function startInspector(options: InspectorOptions): Promise<Inspector> {
  const { host, port, names, token, version, simulated, clock, log } = options;
  const boot = randomBytes(6).toString('hex');
  const inspection = new Inspection(options);
  const { feed, actors } = inspection;
  const startedAt = clock.now();
  const now = () => clock.now();

  let heart: NodeJS.Timeout | null = null;
  const listeners = new Listeners({
    feed,
    boot,
    version,
    now,
    onPresence: (isAnybody) => {
      inspection.health.watchLoop(isAnybody);
      if (heart !== null) clearInterval(heart);
      heart = isAnybody ? setInterval(() => beat(), HEALTH_MS) : null;
      heart?.unref();
    },
  });
  const beat = (): void => {
    listeners.buryDead();
    if (listeners.count > 0) inspection.tellHealth(listeners.count);
  };
  const recordings = new Recordings({
    ...options.recordings,
    log,
    clock,
    make: () =>
      recordingOf(feed, actors.snapshot(SHOWN_ACTORS), {
        stamp: { version, simulated },
        now: now(),
        maxBytes: LARGEST_RECORDING,
      }),
  });
  inspection.onFailure((status) => recordings.commandFailed(status));

  const snapshot = (): Buffer => {
    const living = actors.snapshot(SHOWN_ACTORS).map((kept) => feed.textOf(kept));
    const entries = feed.newest(SHOWN_ENTRIES).map((kept) => feed.textOf(kept));
    const head = { boot, version, startedAt, simulated, seq: feed.last, at: now(), actorCount: actors.size };
    const text = `${JSON.stringify(head).slice(0, -1)},"actors":[${living.join()}],"entries":[${entries.join()}]}`;
    return Buffer.from(text);
  };
  const site = new Site({
    guard: new Guard({ host, names, isOpen: token === null }),
    signIn: token === null ? null : new SignIn(token, () => clock.elapsed()),
    assets: readAssets(options.page),
    listeners,
    recordings,
    snapshot: rarely(snapshot, SNAPSHOT_MS),
    journey: (commandId) => {
      const id = inspection.clean(commandId);
      const kept = journeySelection(feed.newest(SHOWN_ENTRIES), id, inspection.clean);
      const entries = [...actors.startsIn(kept), ...kept].map((one) => feed.entryOf(one));
      const rows = journeyOf(entries, id);
      return rows.length === 0 ? null : JSON.stringify(rows);
    },
  });
  const server = await openBoundedServer(
    { host, port, connections: CONNECTIONS },
    (request, response) => void site.answer(request, response),
  );
  log.write('info', 'the inspector is served', { url: server.url, token: token !== null });
  return {
    url: server.url,
    inspection,
    close: async () => {
      listeners.close();
      await server.close();
      if (heart !== null) clearInterval(heart);
      inspection.health.watchLoop(false);
      await recordings.close();
    },
  };
}

/** What `make` answers, made at most once in so many ms. */
function rarely<T extends object>(make: () => T, everyMs: number): () => T {
  let made: T | null = null;
  let madeAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (made === null || now - madeAt >= everyMs) {
      made = make();
      madeAt = now;
    }
    // It is large: nobody needs it for long.
    setTimeout(() => {
      if (performance.now() - madeAt >= everyMs) made = null;
    }, everyMs).unref();
    return made;
  };
}
