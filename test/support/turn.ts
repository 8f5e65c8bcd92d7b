/** Resolves when everything has gone on that waits neither for a timer nor for the world: chains of promises, however long. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
