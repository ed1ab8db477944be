// The metrics of the server in Prometheus text, read into numbers.

/** A sample: its name, labels and value. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parse(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const found = line.startsWith("#") ? null : LINE.exec(line);
    if (!found) return [];
    const [, name = "", labels = "", value = ""] = found;
    const pairs = [...labels.matchAll(LABEL)].map(([, key = "", text = ""]) => [key, text.replace(/\\(.)/g, "$1")]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

export const sum = (samples: Sample[], name: string, test: (labels: Sample["labels"]) => boolean = () => true): number =>
  samples.reduce((total, sample) => (sample.name === name && test(sample.labels) ? total + sample.value : total), 0);

/** Observations of a histogram by upper bound, over all labels. */
export function buckets(samples: Sample[], name: string): Map<number, number> {
  const found = new Map<number, number>();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket`) continue;
    const bound = sample.labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(sample.labels.le);
    found.set(bound, (found.get(bound) ?? 0) + sample.value);
  }
  return found;
}

/** The quantile of what was observed between two readings, by linear interpolation inside a bucket
 * as Prometheus does it; none when nothing was. */
export function quantile(share: number, before: Map<number, number>, after: Map<number, number>): number | null {
  const counts = [...after].sort(([a], [b]) => a - b).map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const);
  const total = counts.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const wanted = share * total;
  let [low, below] = [0, 0];
  for (const [bound, count] of counts) {
    if (count >= wanted) return Number.isFinite(bound) ? low + ((bound - low) * (wanted - below)) / Math.max(1, count - below) : low;
    [low, below] = [bound, count];
  }
  return low;
}
