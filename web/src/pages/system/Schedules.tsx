// Work that comes again and again: when, and whether it stands still.
import { useState } from "react";
import { call, get, post, type Schemas } from "../../api/client";
import { Link } from "../../app/router";
import { useMay } from "../../app/session";
import { useAction, useLoaded } from "../../app/use";
import { Button, Empty, IconButton, Problem, Section, State, Table, Time } from "../../parts";
import { moment, t, word } from "../../text";

/** Kinds that need nothing to be known; a source has a rhythm of its own. */
const KINDS = ["tidy", "reindex"];

export function Schedules() {
  const canManage = useMay("source.manage");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["ScheduleListResponse"]>("/v1/schedules", undefined, signal), "schedules", 15_000);
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
              <td>{word("job", schedule.kind)}</td>
              <td>
                <code>{schedule.cron}</code>
                <div className="fine">{schedule.zone}</div>
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
      {canManage && <NewSchedule onMade={reload} />}
    </Section>
  );
}

function NewSchedule({ onMade }: { onMade: () => void }) {
  const [name, setName] = useState("");
  const [cron, setCron] = useState("30 2 * * *");
  const [kind, setKind] = useState("tidy");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { run, isRunning, error } = useAction(async () => {
    await post("/v1/schedules", { name: name.trim(), cron: cron.trim(), kind, zone });
    setName("");
    onMade();
  });
  return (
    <>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <input value={name} onChange={(event) => setName(event.target.value)} aria-label={t("schedules.name")} placeholder={t("schedules.name")} required />
        <input value={cron} onChange={(event) => setCron(event.target.value)} aria-label={t("schedules.cron")} className="code-input" required />
        <select value={kind} onChange={(event) => setKind(event.target.value)} aria-label={t("tasks.what")}>
          {KINDS.map((value) => (
            <option key={value} value={value}>
              {word("job", value)}
            </option>
          ))}
        </select>
        <Button type="submit" icon="plus" isPending={isRunning}>
          {t("schedules.make")}
        </Button>
      </form>
      <p className="fine">{t("schedules.hint", { zone })}</p>
      <Problem error={error} />
    </>
  );
}
