import { readFileSync } from 'node:fs';

/** What tells one process from another that got the same number later. */
export interface Processes {
  readonly ownPid: number;
  /**
   * A word that a process keeps for its life and that no other process with its number has; `alive` where the system
   * gives no such word; null when there is no such process.
   */
  startToken(pid: number): string | null;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Field 22 of `/proc/<pid>/stat`, the start in clock ticks since boot; null for a dead process (zombies included). */
function startTicks(stat: string): string | null {
  // The name in field 2 may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The processes of this machine; on systems without `/proc` a number that was given anew cannot be told apart. */
export function systemProcesses(): Processes {
  return {
    ownPid: process.pid,
    startToken(pid) {
      let stat: string;
      try {
        stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      } catch {
        return exists(pid) ? 'alive' : null;
      }
      const ticks = startTicks(stat);
      return ticks === null ? null : `${bootId()}:${ticks}`;
    },
  };
}
