// Finding a quote in a text that was set differently: line breaks, hyphens, ligatures and quotation
// marks differ between the text of the records and that of a page.

/** Letters and digits alone, each with its place in the text. */
function bare(text: string): { signs: string; places: number[] } {
  let signs = "";
  const places: number[] = [];
  for (let place = 0; place < text.length; ) {
    const point = String.fromCodePoint(text.codePointAt(place) ?? 0);
    for (const sign of point.normalize("NFKC").toLowerCase()) {
      if (/[\p{L}\p{N}]/u.test(sign)) {
        signs += sign;
        for (let unit = 0; unit < sign.length; unit += 1) places.push(place);
      }
    }
    place += point.length;
  }
  return { signs, places };
}

/** Fewer signs than this could stand anywhere. */
const SIGNS_MIN = 20;

/** Where `quote` stands in `text`: first unit and first after. With `isPartEnough`, where a half of
 * it does, because a quote that runs over two pages stands in part on each. */
export function locate(text: string, quote: string, isPartEnough = false): [number, number] | undefined {
  const within = bare(text);
  const wanted = bare(quote).signs;
  const half = wanted.length >> 1;
  const tries = isPartEnough ? (half < SIGNS_MIN ? [] : [wanted.slice(0, half), wanted.slice(-half)]) : [wanted];
  for (const signs of tries) {
    if (signs.length === 0) continue;
    const found = within.signs.indexOf(signs);
    if (found < 0) continue;
    const first = within.places[found];
    const last = within.places[found + signs.length - 1];
    if (first === undefined || last === undefined) continue;
    const end = last + String.fromCodePoint(text.codePointAt(last) ?? 0).length;
    // The full stop belongs to the sentence.
    return [first, /[.!?…]/.test(text[end] ?? "") ? end + 1 : end];
  }
  return undefined;
}

/** From a place counted in characters to one in the units of a JavaScript string. */
export function unitOf(text: string, chars: number): number {
  if (chars <= 0) return 0;
  let unit = 0;
  for (let seen = 0; seen < chars && unit < text.length; seen += 1) {
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  }
  return unit;
}
