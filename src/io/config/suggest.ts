/** Edits (insertions, deletions, replacements, swaps of neighbours) between two short words. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The known word that somebody may have meant by `word`; null if none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const typed = plain(word).slice(0, 64);
  let best: { readonly word: string; readonly edits: number } | null = null;
  for (const candidate of known) {
    const target = plain(candidate);
    const extends_ =
      typed.length >= 3 && (target.startsWith(typed) || (target.length >= 3 && typed.startsWith(target)));
    const edits = Math.min(distance(typed, target), extends_ ? 1.5 : Number.POSITIVE_INFINITY);
    const near = edits <= (target.length < 6 ? 1 : 2) && edits < target.length;
    if ((near || extends_) && (best === null || edits < best.edits)) best = { word: candidate, edits };
  }
  return best?.word ?? null;
}
