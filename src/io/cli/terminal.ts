import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

/** A person at a terminal, or nobody: a script, a service, a pipe. */
export interface Terminal {
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean;
  /** A line on standard output. */
  say(line: string): void;
  /** A line on standard error. */
  complain(line: string): void;
  /** What was typed, without its line end; null when the person ended it (Ctrl-C, Ctrl-D). Only if interactive. */
  ask(question: string): Promise<string | null>;
  /** The same without showing what is typed. */
  askHidden(question: string): Promise<string | null>;
}

export interface TerminalStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly errors: NodeJS.WritableStream;
}

export function openTerminal({ input, output, errors }: TerminalStreams): Terminal {
  const read = (shown: NodeJS.WritableStream, ask: (reader: Interface) => void): Promise<string | null> =>
    new Promise((resolve) => {
      // As a terminal, so that the line can be edited and what is typed is echoed by nobody but the reader.
      const reader = createInterface({ input, output: shown, terminal: true, historySize: 0 });
      reader.once('line', (text) => {
        resolve(text);
        reader.close();
      });
      reader.once('SIGINT', () => reader.close());
      reader.once('close', () => resolve(null));
      ask(reader);
    });
  return {
    isInteractive: input.isTTY === true && output.isTTY === true,
    say: (text) => void output.write(`${text}\n`),
    complain: (text) => void errors.write(`${text}\n`),
    ask: (question) =>
      read(output, (reader) => {
        reader.setPrompt(question);
        reader.prompt();
      }),
    async askHidden(question) {
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      // Not before the reader has taken the echo away.
      const text = await read(nowhere, () => void output.write(question));
      output.write('\n');
      return text;
    },
  };
}
