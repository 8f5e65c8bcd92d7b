import type { TestProject } from 'vitest/node';

/** What `Broken` of test/model is called, and what its message has when it tells the whole way there. */
const NAME = 'A promise is broken';
const WAY = 'The shortest way there';

/**
 * Vitest's global setup: when promises are broken, the shortest way to the first of them is told once more after all else, whoever
 * reports. A rule that is broken fails many stories of the whole daemon, too, and they say less about it.
 */
export default function setup({ vitest }: TestProject): () => void {
  return () => {
    const told = vitest.state
      .getTestModules()
      .flatMap((module) => [...module.children.allTests('failed')])
      .flatMap((test) => test.result().errors ?? [])
      .filter(({ name, message }) => name === NAME && message.includes(WAY))
      .map(({ message }) => message)
      .sort((one, other) => one.length - other.length);
    const [shortest] = told;
    if (shortest === undefined) return;
    process.stdout.write(`\nWhatever else failed, begin here. ${NAME}: ${shortest}\n\n`);
  };
}
