import type { Actor, ActorTable } from './actor-table.ts';
import { compareActors, shownState } from './actor-words.ts';

export interface TreeRow {
  readonly actor: Actor;
  /** 0 for a root. */
  readonly depth: number;
  readonly hasChildren: boolean;
  readonly isOpen: boolean;
}

/**
 * The rows of the tree from top to bottom. With a filter: whoever matches and whoever stands above, all open.
 *
 * @param wanted lower case; '' is everybody.
 */
export function treeRows(actors: ActorTable, closed: ReadonlySet<string>, wanted: string): readonly TreeRow[] {
  const children = new Map<string | null, Actor[]>();
  for (const actor of actors.all()) {
    const parent = actor.parent !== null && actors.get(actor.parent) !== undefined ? actor.parent : null;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [actor]);
    else siblings.push(actor);
  }
  const rows: TreeRow[] = [];
  const add = (actor: Actor, depth: number): boolean => {
    const own = (children.get(actor.address) ?? []).sort(compareActors);
    const isOpen = wanted !== '' || !closed.has(actor.address);
    const place = rows.length;
    rows.push({ actor, depth, hasChildren: own.length > 0, isOpen });
    let isWanted = wanted === '' || isMatch(actor, wanted);
    if (isOpen) for (const child of own) isWanted = add(child, depth + 1) || isWanted;
    if (!isWanted) rows.length = place;
    return isWanted;
  };
  for (const root of (children.get(null) ?? []).sort(compareActors)) add(root, 0);
  return rows;
}

function isMatch(actor: Actor, wanted: string): boolean {
  const texts = [actor.name, actor.kind, actor.address, actor.commandId ?? '', shownState(actor)];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}
