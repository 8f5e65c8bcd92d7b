import type { Terminal } from '../../src/io/cli/terminal.ts';

/** A person who has these answers ready, and then ends the conversation; or nobody. */
export interface FakeTerminal extends Terminal {
  /** Every question. */
  readonly asked: readonly string[];
  /** Every line that was shown. */
  readonly said: readonly string[];
  readonly complaints: readonly string[];
}

export function fakeTerminal(answers: readonly string[] | null): FakeTerminal {
  const asked: string[] = [];
  const said: string[] = [];
  const complaints: string[] = [];
  const left = [...(answers ?? [])];
  const answer = async (question: string): Promise<string | null> => {
    if (answers === null) throw new Error(`Nobody is there who could be asked: ${question}`);
    asked.push(question);
    return left.shift() ?? null;
  };
  return {
    isInteractive: answers !== null,
    asked,
    said,
    complaints,
    say: (line) => void said.push(line),
    complain: (line) => void complaints.push(line),
    ask: answer,
    askHidden: (question) => answer(`hidden: ${question}`),
  };
}
