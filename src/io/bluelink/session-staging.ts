import type { SessionRecord, SessionStore } from './session-record.ts';

/** A store beside the daemon's: the session of a login stays in it until it has been tried and is handed over. */
export interface SessionStaging extends SessionStore {
  /** When the server answered a login within the last day, epoch ms, as far as the store has told. */
  logins(): readonly number[];
  /**
   * Puts the session in the place of the stored one, as the next generation after whatever was stored meanwhile. Rejects
   * when it cannot be kept, or if there is none.
   */
  handOver(): Promise<void>;
}

/**
 * Counts go to the store at once, because they must outlive whatever happens. The session does not, so that a login
 * which turns out to be of no use replaces nothing, and a daemon that runs takes over only what works.
 */
export function stageSession(store: SessionStore): SessionStaging {
  let staged: SessionRecord | null = null;
  return {
    async load() {
      staged = await store.load();
      return staged;
    },

    async change(next) {
      let made = staged;
      await store.change((stored) => {
        const seen = staged === null || stored?.owner !== staged.owner ? staged : withCounts(staged, stored);
        const document = next(seen);
        made = document;
        // A stored session of another user name is of no use to the account as it is configured now.
        if (stored?.owner !== document.owner) return { ...document, session: null, deviceId: null };
        return withCounts(stored, document);
      });
      if (made === null) throw new Error('The store changed nothing.');
      staged = made;
      return made;
    },

    watch: () => () => {},

    logins: () => staged?.logins ?? [],

    async handOver() {
      const tried = staged;
      if (tried === null || tried.session === null) throw new Error('There is no session to hand over.');
      await store.change((stored) => {
        const generation = Math.max(tried.generation, (stored?.generation ?? 0) + 1);
        if (stored?.owner !== tried.owner) return { ...tried, generation };
        return { ...withCounts(tried, stored), refusedPin: stored.refusedPin, generation };
      });
    },
  };
}

function withCounts(record: SessionRecord, { logins, visits }: SessionRecord): SessionRecord {
  return { ...record, logins, visits };
}
