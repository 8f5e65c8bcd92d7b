import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { quoted } from './sentences.ts';

/** Whether only this user can look into a folder. */
export type Privacy =
  | { readonly type: 'private' }
  /** Its mode may be changed: there is nothing in it that others could miss. */
  | { readonly type: 'open' }
  /** Others may look into it, and have reason to: its mode is left alone, for the files in it are private. */
  | { readonly type: 'shared'; readonly warning: string }
  /** A sentence for a person. */
  | { readonly type: 'refused'; readonly problem: string };

/** What bluelinkd itself keeps in its state folder. */
const OWN =
  /^((lock|journal|recordings)(\..*)?|((session|budget)-.+|[0-9a-f]{32})\.json.*|(inspector|retained)\.json.*)$/;
/** What people put beside it, and what file systems and version control leave in a folder of its own. */
const HARMLESS = /^(bluelinkd\..+|lost\+found|@eaDir|\.gitkeep|\.gitignore|\.keep|\.DS_Store|\.nfs.+)$/;
const ANOTHER = 'give bluelinkd a folder of its own (state_dir or BLUELINKD_STATE_DIR)';
/** systemd sets the mode anew at every start. */
const CHMOD = 'chmod 700, for a StateDirectory of systemd StateDirectoryMode=0700';
const STICKY = 0o1000;
const OTHERS_MAY_WRITE = 0o022;

/**
 * What a state folder's owner, mode and content allow. A folder that bluelinkd makes is private; to one that was there
 * before others may have a right: the mode of a home folder, of `/tmp` or `/var/lib` is not ours to change.
 *
 * @throws what `node:fs` throws when the folder is not there or may not be read.
 */
export function privacyOf(path: string): Privacy {
  const stat = statSync(path);
  const refused = (why: string): Privacy => ({ type: 'refused', problem: `The state folder ${path} ${why}.` });
  if (!stat.isDirectory())
    return refused(`cannot be used: it is not a folder. Name one by state_dir or BLUELINKD_STATE_DIR`);
  const isOpen = (stat.mode & 0o077) !== 0;
  if (isOpen && (stat.mode & STICKY) !== 0) {
    return refused(
      `is there for everybody (its mode has the sticky bit): ${ANOTHER}, such as ${join(path, 'bluelinkd')}`,
    );
  }
  const own = process.getuid?.();
  if (own !== undefined && own !== 0 && stat.uid !== own) {
    return refused(`belongs to another user, who could read what is kept there: make it this user’s, or ${ANOTHER}`);
  }
  if (!isOpen) return { type: 'private' };
  if (lstatSync(path).isSymbolicLink()) {
    return refused(`is a link to a folder that others can look into: make that folder private (${CHMOD})`);
  }
  const stranger = readdirSync(path).find((name) => !OWN.test(name) && !HARMLESS.test(name));
  if (stranger === undefined) return { type: 'open' };
  const what = `holds what is not bluelinkd’s (${quoted(stranger)})`;
  const cure = `${ANOTHER}, such as ${join(path, 'bluelinkd')}, or make this one private (${CHMOD}) if nobody else needs it`;
  if ((stat.mode & OTHERS_MAY_WRITE) !== 0) return refused(`can be written by others and ${what}: ${cure}`);
  return {
    type: 'shared',
    warning: `The state folder ${path} can be looked into by others and ${what}, so its mode is left as it is. Better ${cure}.`,
  };
}
