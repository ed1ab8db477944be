// A plot of values over time, or of bars by name. Loaded with the pages that show figures.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clock, t } from "../text";

interface Props {
  label: string;
  /** Seconds since 1970. */
  times: number[];
  lines: { name: string; values: (number | null)[] }[];
  format: (value: number) => string;
  kind?: "line" | "bars";
}

const COLOURS = ["--accent", "--warn", "--bad", "--ink-2"];
const HEIGHT = 180;
/** Seconds that the plot shows at least. */
const SPAN_MIN = 120;

export function Plot({ label, times, lines, format, kind = "line" }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const isSparse = lines.some((line) => line.values.filter((value) => value !== null).length < 3);
  const shape = `${lines.map((line) => line.name).join()} ${kind} ${isSparse}`;
  useEffect(() => {
    const place = frame.current;
    if (!place) return;
    const style = getComputedStyle(place);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const time = (seconds: number) => clock(seconds, kind === "bars");
    const axis = { stroke: colour("--ink-2"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    plot.current = new uPlot(
      {
        width: place.clientWidth,
        height: HEIGHT,
        cursor: { drag: { x: false, y: false } },
        scales: { x: { range: (_, min, max) => [Math.min(min, max - SPAN_MIN), max] }, y: { range: (_, __, max) => [0, Math.max(max * 1.1, 1e-9)] } },
        axes: [{ ...axis, space: 90, values: (_, ticks) => ticks.map((tick: number | null) => (tick === null ? "" : time(tick))) }, { ...axis, size: 70, values: (_, ticks) => ticks.map(format) }],
        series: [
          { label: t("plot.time"), value: (_: uPlot, value: number | null) => (value === null ? "–" : time(value)) },
          ...lines.map((line, index) => ({
            label: line.name,
            stroke: colour(COLOURS[index % COLOURS.length] ?? "--accent"),
            fill: kind === "bars" ? colour("--accent") : undefined,
            width: 1.5,
            // A line needs two neighbours; what has none is a dot.
            points: { show: line.values.filter((value) => value !== null).length < 3 },
            paths: kind === "bars" ? uPlot.paths.bars?.({ size: [0.6, 40] }) : undefined,
            value: (_: uPlot, value: number | null) => (value === null ? "–" : format(value)),
          })),
        ],
      },
      [times, ...lines.map((line) => line.values)],
      place,
    );
    const watcher = new ResizeObserver(() => plot.current?.setSize({ width: place.clientWidth, height: HEIGHT }));
    watcher.observe(place);
    return () => {
      watcher.disconnect();
      plot.current?.destroy();
    };
  }, [shape]);
  useEffect(() => plot.current?.setData([times, ...lines.map((line) => line.values)]), [times, lines]);
  const last = lines.map((line) => `${line.name}: ${format(line.values.findLast((value) => value !== null) ?? 0)}`).join(", ");
  return (
    <figure className="plot">
      <figcaption>{label}</figcaption>
      <div ref={frame} role="img" aria-label={`${label}. ${last}`} />
    </figure>
  );
}
