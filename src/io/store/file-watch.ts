import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Network file systems and exhausted inotify tell nothing; then this is how long news takes. */
const LOOK_EVERY_MS = 5_000;

/**
 * Calls `look` whenever the file may have changed: it is for the caller to find out. Its folder is watched, because the
 * file is replaced and not written; besides, `look` is called every five seconds. Keeps no process alive.
 *
 * @returns how to stop.
 */
export function watchFile(path: string, look: () => void): () => void {
  const name = basename(path);
  let watcher: FSWatcher | null = null;
  const begin = () => {
    if (watcher !== null) return;
    try {
      watcher = watch(dirname(path), { persistent: false }, (_, changed) => {
        if (changed === null || changed === name) look();
      });
      watcher.on('error', end);
    } catch {
      // No such folder yet, or too many watchers: the timer looks, and tries again.
    }
  };
  const end = () => {
    watcher?.close();
    watcher = null;
  };
  const timer = setInterval(() => {
    begin();
    look();
  }, LOOK_EVERY_MS);
  timer.unref();
  begin();
  return () => {
    clearInterval(timer);
    end();
  };
}
