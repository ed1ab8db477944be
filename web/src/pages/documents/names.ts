// Names of files as the server keeps them.

/** Bytes of a name, and of the place of a file in its folder, that the server keeps. */
export const NAME_BYTES_MAX = 1000;
export const SOURCE_BYTES_MAX = 4000;
/** Characters of an ending, such as `.txt`, that stays. */
const ENDING_MAX = 16;

const bytes = (text: string) => new TextEncoder().encode(text).length;

/** A number that tells long names apart whose beginnings are the same (FNV-1a). */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** The name itself, or where it is longer than `max` bytes its beginning, a mark of all of it, and its
 * ending. */
export function fitting(name: string, max: number): string {
  if (bytes(name) <= max) return name;
  const ending = /\.[^./\s]+$/.exec(name)?.[0] ?? "";
  const tail = `… ${mark(name)}${ending.length <= ENDING_MAX ? ending : ""}`;
  let head = "";
  let room = max - bytes(tail);
  for (const character of name) {
    room -= bytes(character);
    if (room < 0) break;
    head += character;
  }
  return head.trimEnd() + tail;
}
