/** A lock that another living process holds is not given. */
export type TakeLock = (
  file: string,
) => { readonly ok: true; release(): void } | { readonly ok: false; readonly pid: number };

/** Replacing a small file takes milliseconds, and on a bad disk a second. */
const WAIT_MS = 5_000;
const LOOK_EVERY_MS = 20;

/**
 * Runs `work` while `file` locks other processes out. Waits its turn for at most five seconds.
 *
 * @throws `EBUSY` when another process keeps the lock for longer, and what `takeLock` and `work` throw.
 */
export async function exclusively<R>(takeLock: TakeLock, file: string, work: () => Promise<R>): Promise<R> {
  const lock = await waitForLock(takeLock, file);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function waitForLock(takeLock: TakeLock, file: string): Promise<{ release(): void }> {
  return new Promise((resolve, reject) => {
    let looksLeft = WAIT_MS / LOOK_EVERY_MS;
    const look = () => {
      try {
        const lock = takeLock(file);
        if (lock.ok) {
          resolve(lock);
          return;
        }
        looksLeft -= 1;
        if (looksLeft > 0) setTimeout(look, LOOK_EVERY_MS);
        else reject(Object.assign(new Error(`The process ${lock.pid} keeps ${file} locked.`), { code: 'EBUSY' }));
      } catch (error) {
        reject(error);
      }
    };
    look();
  });
}
