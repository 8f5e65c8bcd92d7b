import { isAbsolute, join } from 'node:path';
import type { Environment } from './environment.ts';

/**
 * Where state lives when nobody says: systemd's `STATE_DIRECTORY` (the first, if there are several), else
 * `$XDG_STATE_HOME/bluelinkd`, else `~/.local/state/bluelinkd`, else `.bluelinkd` in the working directory.
 */
export function defaultStateDir(environment: Environment, cwd: string): string {
  const systemd = environment.STATE_DIRECTORY?.split(':')[0] ?? '';
  if (isAbsolute(systemd)) return systemd;
  const xdg = environment.XDG_STATE_HOME ?? '';
  if (isAbsolute(xdg)) return join(xdg, 'bluelinkd');
  const home = environment.HOME ?? '';
  return isAbsolute(home) ? join(home, '.local', 'state', 'bluelinkd') : join(cwd, '.bluelinkd');
}
