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
