/** The ways in which a text may hide: as it is, quoted, for URLs, in hex, and within base64 at any of its three offsets. */
export function hiddenForms(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8');
  const base64 = [0, 1, 2].map((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // What the neighbours of the text change is left out.
    return whole.slice(offset === 0 ? 0 : offset + 1, whole.length - 1);
  });
  const plain = [text, encodeURIComponent(text), encodeURI(text), JSON.stringify(text).slice(1, -1)];
  const coded = [bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...base64, ...base64.map(urlSafe)];
  return [...new Set([...plain, ...plain.map((form) => form.toLowerCase()), ...coded])];
}

const urlSafe = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_');
