// Work that comes again and again: when, and whether it stands still.
import { useState } from "react";
import { call, get, post, type Schemas } from "../../api/client";
import { Link } from "../../app/router";
import { useMay } from "../../app/session";
import { useAction, useLoaded } from "../../app/use";
import { Button, Empty, IconButton, Problem, Section, State, Table, Time } from "../../parts";
import { moment, t, word } from "../../text";

/** What may be ordered; `sync` needs a source. */
const KINDS = ["sync", "tidy", "reindex"];
const SYNC = "sync";

export function Schedules() {
  const canManage = useMay("source.manage");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["ScheduleListResponse"]>("/v1/schedules", undefined, signal), "schedules", 15_000);
  const sources = useLoaded((signal) => get<Schemas["SourceListResponse"]>("/v1/sources", undefined, signal), "sources").data?.sources;
  const act = useAction(async (id: string, deed: "pause" | "resume" | "delete") => {
    await (deed === "delete" ? call("DELETE", `/v1/schedules/${id}`) : call("POST", `/v1/schedules/${id}/${deed}`));
    reload();
  });
  return (
    <Section title={t("system.schedules")}>
      <Problem error={error ?? act.error} retry={reload} />
      {data?.schedules.length === 0 && (
        <Empty title={t("schedules.none")}>
          <p>{t("schedules.none.do")}</p>
        </Empty>
      )}
      {data && data.schedules.length > 0 && (
        <Table label={t("system.schedules")} head={[t("members.name"), t("tasks.what"), t("schedules.when"), t("schedules.next"), t("schedules.last"), ""]}>
          {data.schedules.map((schedule) => (
            <tr key={schedule.id}>
              <td>
                {schedule.name} {schedule.paused && <State value="paused" />}
              </td>
              <td>
                {word("job", schedule.kind)}
                <div className="fine">{about(schedule.payload, sources)}</div>
              </td>
              <td>
                <code>{schedule.cron}</code>
                <div className="fine">
                  {schedule.zone} · {word("missed", schedule.missed)}
                </div>
              </td>
              <td title={schedule.next.map((at) => moment(at)).join("\n")}>
                <Time at={schedule.next[0]} />
              </td>
              <td>
                {schedule.last_task ? (
                  <Link to={`/system/tasks/${schedule.last_task}`}>
                    <Time at={schedule.last_at} />
                  </Link>
                ) : (
                  "–"
                )}
              </td>
              <td>
                {canManage && (
                  <div className="row">
                    <Button kind="quiet" onPress={() => void act.run(schedule.id, schedule.paused ? "resume" : "pause")}>
                      {t(schedule.paused ? "schedules.resume" : "schedules.pause")}
                    </Button>
                    <IconButton icon="trash" label={t("schedules.delete", { name: schedule.name })} onPress={() => void act.run(schedule.id, "delete")} />
                  </div>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {canManage && <NewSchedule sources={sources ?? []} onMade={reload} />}
    </Section>
  );
}

type Source = Schemas["SourceResponse"];

/** The source that a schedule is about, by its name while there is one. */
function about(payload: unknown, sources: Source[] | undefined): string {
  const id = (payload as { source?: string } | null)?.source;
  return id ? (sources?.find((source) => source.id === id)?.name ?? id) : "";
}

function NewSchedule({ sources, onMade }: { sources: Source[]; onMade: () => void }) {
  const [name, setName] = useState("");
  const [cron, setCron] = useState("30 2 * * *");
  const [kind, setKind] = useState("tidy");
  const [source, setSource] = useState("");
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [missed, setMissed] = useState("once");
  const { run, isRunning, error } = useAction(async () => {
    const payload = kind === SYNC ? { source } : undefined;
    await post("/v1/schedules", { name: name.trim(), cron: cron.trim(), kind, payload, zone: zone.trim(), missed });
    setName("");
    onMade();
  });
  const lacksSource = kind === SYNC && sources.length === 0;
  return (
    <form
      className="form schedule-form"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <h3>{t("schedules.new")}</h3>
      <label>
        {t("schedules.name")}
        <input value={name} onChange={(event) => setName(event.target.value)} required />
      </label>
      <label>
        {t("tasks.what")}
        <select value={kind} onChange={(event) => setKind(event.target.value)}>
          {KINDS.map((value) => (
            <option key={value} value={value}>
              {word("job", value)}
            </option>
          ))}
        </select>
      </label>
      {kind === SYNC && (
        <label>
          {t("schedules.source")}
          <select value={source} onChange={(event) => setSource(event.target.value)} required>
            <option value="">{t(lacksSource ? "schedules.no_source" : "schedules.choose")}</option>
            {sources.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <div>
        <label>
          {t("schedules.when")}
          <input value={cron} onChange={(event) => setCron(event.target.value)} aria-describedby="cron-hint" className="code-input" required />
        </label>
        <p className="fine" id="cron-hint">
          {t("schedules.hint")}
        </p>
      </div>
      <label>
        {t("schedules.zone")}
        <input value={zone} onChange={(event) => setZone(event.target.value)} required />
      </label>
      <label>
        {t("schedules.missed")}
        <select value={missed} onChange={(event) => setMissed(event.target.value)}>
          {["once", "none"].map((value) => (
            <option key={value} value={value}>
              {word("missed", value)}
            </option>
          ))}
        </select>
      </label>
      <div className="row">
        <Button type="submit" icon="plus" isPending={isRunning}>
          {t("schedules.make")}
        </Button>
      </div>
      <Problem error={error} />
    </form>
  );
}
