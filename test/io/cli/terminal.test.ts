import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openTerminal } from '../../../src/io/cli/terminal.ts';
import { turn } from '../../support/turn.ts';

function aTerminal(isTTY: { readonly input?: boolean; readonly output?: boolean } = { input: true, output: true }) {
  const input = Object.assign(new PassThrough(), { isTTY: isTTY.input === true });
  const output = Object.assign(new PassThrough(), { isTTY: isTTY.output === true });
  const errors = new PassThrough();
  const shown: string[] = [];
  const complained: string[] = [];
  output.setEncoding('utf8').on('data', (text: string) => shown.push(text));
  errors.setEncoding('utf8').on('data', (text: string) => complained.push(text));
  return { terminal: openTerminal({ input, output, errors }), input, shown, complained };
}

describe('a terminal', () => {
  it('asks, shows what is typed, and answers the line', async () => {
    const { terminal, input, shown } = aTerminal();
    const answer = terminal.ask('Name? ');
    input.write('somebody\r');
    expect(await answer).toBe('somebody');
    await turn();
    expect(shown.join('')).toContain('Name? ');
    expect(shown.join('')).toContain('somebody');
  });

  it('never shows what is typed after a hidden question, and begins a new line after it', async () => {
    const { terminal, input, shown } = aTerminal();
    const answer = terminal.askHidden('Password: ');
    for (const key of 'pä$$ wörd') input.write(key);
    input.write('x\x7f\r');
    expect(await answer).toBe('pä$$ wörd');
    await turn();
    expect(shown.join('')).toBe('Password: \n');
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('answers null when the person ends it with %s', async (_, key) => {
    const { terminal, input } = aTerminal();
    const answer = terminal.askHidden('Password: ');
    input.write(key);
    expect(await answer).toBeNull();
  });

  it('answers null when nothing more can come', async () => {
    const { terminal, input } = aTerminal();
    const answer = terminal.ask('Name? ');
    input.end();
    expect(await answer).toBeNull();
  });

  it('can be asked one thing after the other', async () => {
    const { terminal, input } = aTerminal();
    const first = terminal.ask('One? ');
    input.write('1\r');
    expect(await first).toBe('1');
    const second = terminal.askHidden('Two? ');
    input.write('2\r');
    expect(await second).toBe('2');
  });

  it.each([
    [{ input: true, output: true }, true],
    [{ input: true, output: false }, false],
    [{ input: false, output: true }, false],
  ])('has a person at it only if both directions are one: %o', (isTTY, expected) => {
    expect(aTerminal(isTTY).terminal.isInteractive).toBe(expected);
  });

  it('speaks on the one stream and complains on the other', async () => {
    const { terminal, shown, complained } = aTerminal();
    terminal.say('Fine.');
    terminal.complain('Not fine.');
    await turn();
    expect([shown, complained]).toEqual([['Fine.\n'], ['Not fine.\n']]);
  });
});
