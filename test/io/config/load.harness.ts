import { type Loaded, type LoadOptions, loadConfig } from '../../../src/io/config/load.ts';

/** Loads from texts instead of files: `/etc/bluelinkd/bluelinkd.yaml` is the file in the working directory. */
export function load(
  given: Partial<Omit<LoadOptions, 'readFile' | 'environment'>> & {
    readonly yaml?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, string>>;
  },
): Loaded {
  const { yaml, env = {}, files = {}, ...rest } = given;
  const all: Record<string, string> = { ...files };
  if (yaml !== undefined) all['/etc/bluelinkd/bluelinkd.yaml'] = yaml;
  return loadConfig({
    command: 'run',
    configPath: null,
    logLevel: null,
    cwd: '/etc/bluelinkd',
    environment: { HOME: '/home/someone', ...env },
    readFile(path) {
      const text = all[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
    ...rest,
  });
}

export function configOf(loaded: Loaded): Extract<Loaded, { ok: true }>['config'] {
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

export function problemsOf(loaded: Loaded): readonly string[] {
  return loaded.ok ? [] : loaded.problems;
}

export const ACCOUNT = {
  HYUNDAI_USERNAME: 'someone@example.com',
  HYUNDAI_PASSWORD: 'hunter2secret',
  HYUNDAI_PIN: '0123',
};
export const BROKER = { MQTT_BROKER_HOST: 'broker.example' };
