// How the server is: health part by part, latency, errors and memory as plots.
import { useEffect, useRef, useState } from "react";
import { get, open, type Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { useLoaded } from "../../app/use";
import { Figure, Loading, Problem, Section, State, Table } from "../../parts";
import { Plot } from "../../parts/Plot";
import { bytes, duration, number, percent, t, word } from "../../text";
import { type Sample, buckets, parse, quantile, sum } from "./metrics";

const ROUND_MS = 5000;
/** Readings that a plot shows: twenty minutes. */
const KEPT = 240;

export function Health() {
  const isPlatform = useMay("platform.read");
  const health = useLoaded((signal) => get<Schemas["HealthResponse"]>("/health", undefined, signal), "health", ROUND_MS);
  const ready = useLoaded((signal) => readiness(signal), "ready", ROUND_MS);
  return (
    <>
      <Problem error={health.error} retry={health.reload} />
      <dl className="figures">
        <Figure name={t("system.status")} value={ready.data ? <State value={ready.data.status} /> : "–"} />
        <Figure name={t("system.version")} value={health.data?.version ?? "–"} />
        <Figure name={t("system.uptime")} value={health.data ? duration(health.data.uptime_s * 1000) : "–"} />
      </dl>
      {isPlatform && <Measured />}
      <Section title={t("system.parts")}>
        {!ready.data && <Loading />}
        {ready.data && (
          <Table label={t("system.parts")} head={[t("system.part"), t("made.state"), t("made.time"), t("system.remark")]}>
            {ready.data.dependencies.map((part) => (
              <tr key={part.name}>
                <td>{word("part", part.name)}</td>
                <td>
                  <State value={part.status} />
                </td>
                <td className="numeric">{duration(part.response_time_ms)}</td>
                <td className="fine">{part.error_message}</td>
              </tr>
            ))}
          </Table>
        )}
      </Section>
    </>
  );
}

/** A server that is not ready says so with another status and the same body. */
async function readiness(signal: AbortSignal): Promise<Schemas["ReadyResponse"]> {
  const response = await fetch("/health/ready", { signal });
  return (await response.json()) as Schemas["ReadyResponse"];
}

interface Reading {
  at: number;
  samples: Sample[];
}

/** Kept while the page is open, so that plots go on after another page was looked at. */
const readings: Reading[] = [];

function Measured() {
  const { data, error, reload } = useLoaded(
    async (signal) => parse(await (await open("GET", "/metrics", { signal })).text()),
    "metrics",
    ROUND_MS,
  );
  const [, redraw] = useState(0);
  const last = useRef<Sample[]>(undefined);
  useEffect(() => {
    if (!data || data === last.current) return;
    last.current = data;
    readings.push({ at: Date.now() / 1000, samples: data });
    if (readings.length > KEPT) readings.shift();
    redraw((n) => n + 1);
  }, [data]);
  if (error) return <Problem error={error} retry={reload} />;
  const newest = readings.at(-1);
  if (!newest) return null;
  const times = readings.map((reading) => reading.at);
  const HTTP = "assay_http_request_duration_seconds";
  const between = (share: number) =>
    readings.map((reading, at) => {
      // Over the last minute, or as much of it as was seen.
      const before = readings[Math.max(0, at - 12)];
      const start = before && before !== reading ? buckets(before.samples, HTTP) : new Map<number, number>();
      const found = quantile(share, start, buckets(reading.samples, HTTP));
      return found === null ? null : found * 1000;
    });
  const rate = (test: (labels: Sample["labels"]) => boolean) =>
    readings.map((reading, at) => {
      const before = readings[at - 1];
      if (!before) return null;
      const count = (samples: Sample[]) => sum(samples, "assay_http_requests_total", test);
      return Math.max(0, count(reading.samples) - count(before.samples)) / Math.max(1, reading.at - before.at);
    });
  const { samples } = newest;
  const requests = sum(samples, "assay_http_requests_total");
  const failures = sum(samples, "assay_http_requests_total", ({ status = "" }) => status.startsWith("5"));
  const events = samples.filter((sample) => sample.name === "llm_security_events_total");
  const lanes = samples.filter((sample) => sample.name === "assay_lane_runs_total");
  return (
    <>
      <dl className="figures">
        <Figure name={t("nav.documents")} value={number(sum(samples, "assay_documents"))} note={t("system.passages", { count: number(sum(samples, "assay_passages")) })} />
        <Figure name={t("system.memory")} value={bytes(sum(samples, "assay_process_resident_memory_bytes"))} />
        <Figure name={t("system.requests")} value={number(requests)} />
        <Figure name={t("system.errors")} value={requests > 0 ? percent(failures / requests, 2) : t("system.no_data")} />
      </dl>
      <div className="plots">
        <Plot label={t("system.latency")} times={times} format={duration} lines={[{ name: "P50", values: between(0.5) }, { name: "P95", values: between(0.95) }]} />
        <Plot
          label={t("system.rate")}
          times={times}
          format={(value) => number(value, 1)}
          lines={[
            { name: t("system.all"), values: rate(() => true) },
            { name: t("system.failed"), values: rate(({ status = "" }) => status.startsWith("5")) },
          ]}
        />
        <Plot label={t("system.memory")} times={times} format={bytes} lines={[{ name: t("system.memory"), values: readings.map((reading) => sum(reading.samples, "assay_process_resident_memory_bytes")) }]} />
      </div>
      {lanes.length > 0 && (
        <Section title={t("system.lanes")}>
          <Table label={t("system.lanes")} head={[t("made.lane"), t("made.state"), t("system.runs")]}>
            {lanes
              .filter((sample) => sample.value > 0)
              .map((sample) => (
                <tr key={JSON.stringify(sample.labels)}>
                  <td>{word("lane", sample.labels.lane ?? "")}</td>
                  <td>
                    <State value={sample.labels.outcome ?? sample.labels.state ?? sample.labels.status ?? ""} />
                  </td>
                  <td className="numeric">{number(sample.value)}</td>
                </tr>
              ))}
          </Table>
        </Section>
      )}
      {events.some((sample) => sample.value > 0) && (
        <Section title={t("system.guard")}>
          <Table label={t("system.guard")} head={[t("guard.event"), t("guard.severity"), t("system.runs")]}>
            {events
              .filter((sample) => sample.value > 0)
              .map((sample) => (
                <tr key={JSON.stringify(sample.labels)}>
                  <td>{word("guard", sample.labels.event_type ?? "")}</td>
                  <td>
                    <State value={sample.labels.severity ?? ""} />
                  </td>
                  <td className="numeric">{number(sample.value)}</td>
                </tr>
              ))}
          </Table>
        </Section>
      )}
    </>
  );
}
