// How the server is: health part by part, latency, errors and memory as plots.
import { get, open, type Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { useLoaded } from "../../app/use";
import { Figure, Loading, Problem, Section, State, Table } from "../../parts";
import { bytes, duration, number, percent, t, word } from "../../text";
import { parse, sum } from "./metrics";
import { Past } from "./Past";

const ROUND_MS = 5000;

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

function Measured() {
  const { data, error, reload } = useLoaded(
    async (signal) => parse(await (await open("GET", "/metrics", { signal })).text()),
    "metrics",
    ROUND_MS,
  );
  if (error) return <Problem error={error} retry={reload} />;
  if (!data) return null;
  const requests = sum(data, "assay_http_requests_total");
  const failures = sum(data, "assay_http_requests_total", ({ status = "" }) => status.startsWith("5"));
  const events = data.filter((sample) => sample.name === "llm_security_events_total");
  const lanes = data.filter((sample) => sample.name === "assay_lane_runs_total");
  return (
    <>
      <dl className="figures">
        <Figure name={t("nav.documents")} value={number(sum(data, "assay_documents"))} note={t("system.passages", { count: number(sum(data, "assay_passages")) })} />
        <Figure name={t("system.memory")} value={bytes(sum(data, "assay_process_resident_memory_bytes"))} />
        <Figure name={t("system.requests")} value={number(requests)} />
        <Figure name={t("system.errors")} value={requests > 0 ? percent(failures / requests, 2) : t("system.no_data")} />
      </dl>
      <Past />
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
