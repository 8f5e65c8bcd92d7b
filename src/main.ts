#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import type { LogLevel } from './actors/ports.ts';
import { reportStrays, untilTold } from './daemon/signals.ts';
import { VERSION } from './daemon/version.ts';
import { readCommandLine } from './io/cli/command-line.ts';
import { HELP, HELP_OF } from './io/cli/help.ts';
import { openTerminal } from './io/cli/terminal.ts';
import { type Loaded, loadConfig } from './io/config/load.ts';
import { checkReport, problemReport } from './io/config/report.ts';
import { secretsOf } from './io/config/secrets-of.ts';
import { probeStateDir } from './io/config/state-dir.ts';
import { openLog } from './io/log/open-log.ts';
import { createSecrets, type Secrets } from './io/log/secrets.ts';

/** Where everything is put together. Nobody imports this file. */
async function main(words: readonly string[]): Promise<number> {
  const line = readCommandLine(words);
  switch (line.command) {
    case null:
      process.stderr.write(`${line.problem}\n`);
      return 2;
    case 'help':
      process.stdout.write(line.of === null ? HELP : HELP_OF[line.of]);
      return 0;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    default:
      return start(line);
  }
}

type Start = Extract<
  ReturnType<typeof readCommandLine>,
  { command: 'run' | 'demo' | 'check' | 'login' | 'record' | 'trace' }
>;

async function start(line: Start): Promise<number> {
  const { command, configPath, logLevel } = line;
  const loaded = loadConfig({
    command: command === 'record' || command === 'trace' ? 'attach' : command,
    configPath,
    logLevel,
    environment: process.env,
    cwd: process.cwd(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (command === 'check') {
    const report = checkReport(loaded, probeStateDir);
    (report.code === 0 ? process.stdout : process.stderr).write(report.text);
    return report.code;
  }
  if (!loaded.ok) {
    process.stderr.write(problemReport(loaded));
    return 2;
  }
  const { config } = loaded;
  if (line.command === 'trace') {
    const { trace } = await import('./daemon/trace.ts');
    return trace(config, line);
  }
  if (line.command === 'record') {
    const { record } = await import('./daemon/record.ts');
    return record(config, line);
  }
  // bluelinky reads it once, when it is imported, and prints tokens at `debug`.
  process.env.LOG_LEVEL = 'error';
  const secrets = createSecrets({ showPrivate: config.log.private });
  for (const { value, kind } of secretsOf(config)) secrets.register(value, kind);
  try {
    return await serve(line, loaded, secrets);
  } catch (error) {
    // Whatever it says goes to standard error as it is.
    throw new Error(error instanceof Error ? secrets.redact(error.message) : 'unknown error');
  }
}

/** What needs a cloud, or one of its own. */
async function serve(
  line: Extract<Start, { readonly command: 'run' | 'demo' | 'login' }>,
  { config, set, warnings, gaps }: Extract<Loaded, { readonly ok: true }>,
  secrets: Secrets,
): Promise<number> {
  const { logLevel } = line;
  const logOf = (level: LogLevel, stream: NodeJS.WriteStream) =>
    openLog({ ...config.log, level, showPrivate: config.log.private, secrets, stream });
  if (line.command === 'login') {
    const terminal = openTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr });
    // The answer is what is said on standard output; the log is for whoever asks for it.
    const log = await logOf(logLevel === null ? 'warn' : config.log.level, process.stderr);
    const { login } = await import('./daemon/login.ts');
    return login({ config, gaps, account: line.account, log, secrets, terminal });
  }
  const log = await logOf(config.log.level, process.stdout);
  // Before the first line is written: whoever sees that line may stop us.
  const told = untilTold(log);
  reportStrays(log);
  for (const warning of warnings) log.write('warn', warning);
  // The simulator is loaded for the demo alone.
  if (line.command === 'demo') {
    const { demo } = await import('./daemon/demo.ts');
    return demo(config, set, log, secrets, told, line.cloudPort);
  }
  const { run } = await import('./daemon/run.ts');
  return run(config, log, secrets, told, line.inspect);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`bluelinkd broke: ${error instanceof Error ? error.message : 'unknown error'}\n`);
    process.exitCode = 1;
  },
);
