import type { Chart, ChartEdge, ChartState, ChartTransition } from './chart.ts';
import { type Line, linesIn } from './text.ts';

/** The same chart as Mermaid text (`stateDiagram-v2`), which forges draw by themselves. */
export function mermaidOf({ root, edges }: Chart): string {
  const write = (state: ChartState) => stateLines(state, edges);
  const body =
    root.kind === 'parallel'
      ? write(root)
      : [...beginning(root), ...anywhere(root), ...root.states.flatMap(write), ...edgesIn(root, edges)];
  return ['---', `title: ${root.name}`, '---', 'stateDiagram-v2', ...indent(body), ''].join('\n');
}

const nameOf = (id: string): string => id.replaceAll(/[^A-Za-z0-9]/g, '_');
const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `    ${line}`);
const beginning = ({ initial }: ChartState): readonly string[] =>
  initial === null ? [] : [`[*] --> ${nameOf(initial)}`];

/** What a container takes whichever of its states is active: a box of its own in it, since it shows no text itself. */
function anywhere(container: ChartState): readonly string[] {
  const lines = linesIn(container);
  const name = `${nameOf(container.id)}_anywhere`;
  if (lines.length === 0) return [];
  return [`state "in every state" as ${name}`, ...lines.map((line) => `${name} : ${textOf(line)}`)];
}

function stateLines(state: ChartState, edges: readonly ChartEdge[]): readonly string[] {
  const name = nameOf(state.id);
  const declared = `state "${state.name}" as ${name}`;
  if (state.states.length === 0) {
    const end = state.kind === 'final' ? [`${name} --> [*]`] : [];
    return [declared, ...linesIn(state).map((line) => `${name} : ${textOf(line)}`), ...end];
  }
  const regions = [anywhere(state), ...state.states.map((inner) => stateLines(inner, edges))];
  const between = state.kind === 'parallel' ? ['--'] : [];
  const inner = regions
    .filter(({ length }) => length > 0)
    .flatMap((lines, i) => (i === 0 ? lines : [...between, ...lines]));
  return [`${declared} {`, ...indent([...beginning(state), ...inner, ...edgesIn(state, edges)]), '}'];
}

/** Those whose ends have this state as the innermost one around both: Mermaid wants them written there. */
function edgesIn(state: ChartState, edges: readonly ChartEdge[]): readonly string[] {
  const holds = (container: ChartState, { source, target }: ChartEdge) =>
    [source, target].every((id) => id.startsWith(`${container.id}.`));
  return edges
    .filter((edge) => holds(state, edge) && !state.states.some((inner) => holds(inner, edge)))
    .flatMap(edgeLines);
}

const edgeLines = ({ source, target, transitions }: ChartEdge): readonly string[] =>
  transitions.map((transition) => `${nameOf(source)} --> ${nameOf(target)} : ${labelOf(transition)}`);
const labelOf = ({ event, guard }: ChartTransition): string => (guard === null ? event : `${event} [${guard}]`);
const textOf = ({ pieces }: Line): string => pieces.map(({ text }) => text).join(' ');
