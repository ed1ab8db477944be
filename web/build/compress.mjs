// Packs every file of dist; the server embeds the packed ones and sends them as they are.
// Prints what a first visit loads, and refuses more than 350 KB.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FIRST_LOAD_MAX = 350_000;

const sizes = new Map();
for (const entry of readdirSync("dist", { recursive: true, withFileTypes: true })) {
  const path = `${entry.parentPath}/${entry.name}`;
  if (!entry.isFile() || entry.name === ".gitignore" || entry.name.endsWith(".gz")) continue;
  const packed = gzipSync(readFileSync(path), { level: 9 });
  writeFileSync(`${path}.gz`, packed);
  sizes.set(path.slice("dist/".length), packed.length);
}

const page = readFileSync("dist/index.html", "utf8");
const first = [...sizes].filter(([name]) => name === "index.html" || page.includes(`/app/${name}`));
const firstLoad = first.reduce((sum, [, size]) => sum + size, 0);
const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
console.log(`first load ${(firstLoad / 1000).toFixed(0)} KB, all files ${(total / 1000).toFixed(0)} KB, packed`);
if (firstLoad > FIRST_LOAD_MAX) {
  console.error(`a first visit may load ${FIRST_LOAD_MAX / 1000} KB`);
  process.exit(1);
}
