import {
  type AnyActorScope,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  createActor,
} from 'xstate';

/** The part of a transition definition that names it. */
interface Definition {
  readonly eventType: string;
  readonly source: AnyStateNode;
  readonly target: ReadonlyArray<AnyStateNode> | undefined;
  readonly guard?: unknown;
}

/** What a machine would do, as `transition` of XState tells it. */
export interface Action {
  readonly type: string;
  readonly params: unknown;
}

/**
 * Takes the steps of machines, and remembers which transitions they took. XState tells that only to inspectors, so the
 * steps are taken in a scope of our own that listens: one for each machine, which also is what `transition` of XState
 * spends most of its time on.
 */
export class Coverage {
  private readonly taken = new Set<unknown>();
  private readonly scopes = new Map<AnyStateMachine, AnyActorScope>();
  /** Of the step that is being taken. */
  private actions: Action[] = [];

  begin(machine: AnyStateMachine, input: object): [AnyMachineSnapshot, readonly Action[]] {
    this.actions = [];
    const snapshot = machine.getInitialSnapshot(this.scope(machine, input), input as never);
    return [snapshot, this.actions];
  }

  take(
    machine: AnyStateMachine,
    snapshot: AnyMachineSnapshot,
    event: AnyEventObject,
  ): [AnyMachineSnapshot, readonly Action[]] {
    this.actions = [];
    const after = machine.transition(snapshot, event, this.scope(machine, {}));
    return [after, this.actions];
  }

  /** What no exploration took, one line each; and how many there are in all. */
  missing(machine: AnyStateMachine): { readonly total: number; readonly untaken: readonly string[] } {
    const all = definitions(machine.root);
    return { total: all.length, untaken: all.filter((definition) => !this.taken.has(definition)).map(nameOf) };
  }

  private scope(machine: AnyStateMachine, input: object): AnyActorScope {
    const known = this.scopes.get(machine);
    if (known !== undefined) return known;
    const self = createActor(machine, {
      input: input as never,
      inspect: (event) => {
        if (event.type === '@xstate.microstep') for (const taken of event._transitions) this.taken.add(taken);
      },
    });
    const scope = {
      self,
      system: self.system,
      id: '',
      sessionId: '',
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: (action: Action) => {
        this.actions.push(action);
      },
    } as unknown as AnyActorScope;
    this.scopes.set(machine, scope);
    return scope;
  }
}

function definitions(node: AnyStateNode): Definition[] {
  const own = [...node.transitions.values()].flat();
  const always = node.always ?? [];
  return [...own, ...always, ...Object.values(node.states).flatMap(definitions)] as Definition[];
}

function nameOf({ eventType, source, target, guard }: Definition): string {
  const where = target === undefined || target.length === 0 ? '' : ` → ${target.map(({ id }) => id).join(', ')}`;
  const when = guard === undefined ? '' : ` [${nameOfGuard(guard)}]`;
  return `${source.id}: ${eventType === '' ? 'always' : eventType}${when}${where}`;
}

function nameOfGuard(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && guard !== null && 'type' in guard) return String(guard.type);
  return 'a guard';
}
