export default function X(_: {selected?: string; part?: string}) { return null; }
