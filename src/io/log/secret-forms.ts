/** Every way in which a secret may be written that still gives it away to who reads the log. */

const MIN_FRAGMENT = 6;

/** How base64 writes the bytes at each of the three places in which they may stand within something longer. */
function base64Forms(bytes: Buffer): readonly string[] {
  const whole = bytes.toString('base64');
  const forms = [whole, whole.replace(/=+$/, '')];
  for (const shift of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters at both ends also depend on the neighbours.
    const from = [0, 2, 3][shift] ?? 0;
    const to = Math.floor(((shift + bytes.length) * 8) / 6);
    const fragment = shifted.slice(from, to);
    if (fragment.length >= MIN_FRAGMENT) forms.push(fragment);
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function urlForms(value: string, bytes: Buffer): readonly string[] {
  const everyByte = bytes.toString('hex').replace(/../g, '%$&');
  return [
    encodeURIComponent(value),
    new URLSearchParams([['', value]]).toString().slice(1),
    encodeURI(value),
    everyByte,
  ];
}

/**
 * Plain, base64 (also its URL-safe alphabet, and as a part of something longer), hex, URL-encoded, and as JSON writes it.
 * Letters count in either case, so everything is in lower case here.
 */
export function formsOf(value: string): ReadonlySet<string> {
  const bytes = Buffer.from(value, 'utf8');
  // Without halves of characters, which cannot be URL-encoded.
  const text = bytes.toString('utf8');
  const forms = [
    text,
    JSON.stringify(text).slice(1, -1),
    bytes.toString('hex'),
    ...urlForms(text, bytes),
    ...base64Forms(bytes),
  ];
  return new Set(forms.map(lowerCase));
}

/** Lower case of ASCII only, so that no character changes its place. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
