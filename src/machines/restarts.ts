import type { Settings } from './domain/settings.ts';
import type { Given } from './story.ts';
import type { ChildError } from './vehicle.glossary.ts';

/**
 * How often a supervisor (account.machine.ts, fleet.machine.ts) starts its dead anew: each child counts for itself, so that
 * one that dies again and again takes nothing from the others. All pure.
 */

/** A restart that still counts. */
export interface Restart {
  /** The place under the supervisor. */
  readonly child: string;
  /** Tells it from other restarts of the same child. */
  readonly slot: number;
}
export type RestartForgotten = Restart & { readonly type: 'RESTART_FORGOTTEN' };

interface Supervisor {
  readonly settings: Settings;
  readonly restarts: readonly Restart[];
}
type In<E> = Given<Supervisor, E>;

export const restartsOf = ({ restarts }: Supervisor, child: string) =>
  restarts.filter((restart) => restart.child === child);
export const mayRestart = (supervisor: Supervisor, child: string) =>
  restartsOf(supervisor, child).length < supervisor.settings.restartLimit;
export const countRestart = ({ context, event }: In<ChildError>) => {
  const last = restartsOf(context, event.actorId).at(-1)?.slot ?? 0;
  return { restarts: [...context.restarts, { child: event.actorId, slot: last + 1 }] };
};
/** Of the restart that has just been counted. */
export const forgiveLater = ({ context }: In<ChildError>) =>
  context.restarts.slice(-1).map(({ child, slot }) => ({
    id: `restart/${child}/${slot}`,
    delayMs: context.settings.restartWindowMs,
    event: { type: 'RESTART_FORGOTTEN', child, slot },
  }));
export const forgetRestart = ({ context, event }: In<RestartForgotten>) => ({
  restarts: context.restarts.filter(({ child, slot }) => child !== event.child || slot !== event.slot),
});
