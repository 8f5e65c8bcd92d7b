/** The values of a daemon's metrics. */
export class Scrape {
  readonly #series: readonly (readonly [string, number])[];

  private constructor(text: string) {
    this.#series = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const end = line.lastIndexOf(' ');
        return [line.slice(0, end), Number(line.slice(end + 1))] as const;
      });
  }

  static async of(port: number): Promise<Scrape> {
    return new Scrape(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  }

  /** Of all series of this name that have these labels (`why="rejection"`). */
  sum(name: string, label = ''): number {
    return this.#values(name, label).reduce((sum, value) => sum + value, 0);
  }

  max(name: string): number {
    return Math.max(0, ...this.#values(name, ''));
  }

  #values(name: string, label: string): readonly number[] {
    return this.#series
      .filter(([series]) => (series === name || series.startsWith(`${name}{`)) && series.includes(label))
      .map(([, value]) => value);
  }
}
