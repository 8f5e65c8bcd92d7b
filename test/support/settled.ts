import type { LogLine, TestDaemon } from './test-daemon.ts';

/**
 * Resolves when a daemon that logs at `debug` has made all calls that a control sets off: what the action record has
 * confirmed is followed by a read of its own; what a reading has confirmed, by nothing. The messages at the broker do not
 * tell that: of two states that wait to be published the newer one goes out in the place of the older one.
 *
 * @param car its id at the cloud.
 */
export async function settled(daemon: TestDaemon, car: string, id: string): Promise<void> {
  const isEnd = (line: LogLine) => line.msg === 'command ended';
  const ended = await daemon.log.next(`the end of ${id}`, (line) => line.id === id && isEnd(line));
  const at = daemon.log.all.indexOf(ended);
  const calls = daemon.log.all.slice(0, at).filter((line) => line.id === id && line.msg === 'Cloud call done.');
  if (ended.status !== 'succeeded' || calls.at(-1)?.call !== 'record') return;
  const isRead = (line: LogLine) => String(line.id).startsWith(`own-${car}-`);
  await daemon.log.next(`the read after ${id}`, (line) => isRead(line) && isEnd(line), at);
}
