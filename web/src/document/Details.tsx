// What is known of a document: metadata, problems, versions, who may read it.
import { useState } from "react";
import { ApiError, call, get, open, type Schemas } from "../api/client";
import type { Access, DocumentInfo, Reading } from "../api/types";
import { useMay } from "../app/session";
import { useAction, useLoaded } from "../app/use";
import { Button, Problem, Section, State, Time } from "../parts";
import { bytes, number, t, word } from "../text";

interface Props {
  document: DocumentInfo;
  versions: Reading["versions"] | undefined;
  shown: string | undefined;
  onVersion: (version: string) => void;
  onChanged: () => void;
}

export function Details({ document: shown, versions, shown: version, onVersion, onChanged }: Props) {
  const canManage = useMay("access.manage");
  const canWrite = useMay("content.write");
  const facts: [string, string][] = [
    [t("details.source"), shown.source],
    [t("details.collection"), shown.collection],
    [t("details.type"), shown.media_type ?? "–"],
    [t("details.size"), bytes(shown.size_bytes)],
    [t("details.passages"), number(shown.passages)],
    ...(shown.pages ? [[t("details.pages"), number(shown.pages)] as [string, string]] : []),
  ];
  const metadata = Object.entries(shown.metadata ?? {}).filter(([, value]) => value !== null);
  return (
    <div className="details">
      <dl className="pairs">
        <dt>{t("details.state")}</dt>
        <dd>
          <State value={shown.state} />
        </dd>
        {facts.map(([name, value]) => (
          <div className="pair" key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <dt>{t("details.received")}</dt>
        <dd>
          <Time at={shown.received_at} />
        </dd>
      </dl>
      {shown.failure && <Failed document={shown} reason={shown.failure} onChanged={onChanged} />}
      {(shown.problems ?? []).length > 0 && (
        <Section title={t("details.problems")}>
          <ul className="plain-list">
            {(shown.problems ?? []).map((problem, at) => (
              <li key={at}>
                {problem.page ? `${t("cite.page", { page: problem.page })}: ` : ""}
                {problem.message}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {(shown.findings ?? []).length > 0 && (
        <Section title={t("details.findings")}>
          <ul className="plain-list">
            {(shown.findings ?? []).map((finding) => (
              <li key={finding.kind}>
                <State value={finding.severity} /> {word("guard", finding.kind)} × {number(finding.count)}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {metadata.length > 0 && (
        <Section title={t("details.metadata")}>
          <dl className="pairs">
            {metadata.map(([name, value]) => (
              <div className="pair" key={name}>
                <dt>{name}</dt>
                <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {canWrite && <Tags document={shown} onChanged={onChanged} />}
      {versions && versions.length > 0 && (
        <Section title={t("details.versions")}>
          <ul className="plain-list">
            {versions.map((other) => (
              <li key={other.version_id} className="row">
                <State value={other.state} /> <Time at={other.received_at} /> · {bytes(other.size_bytes)}
                {other.state !== "failed" && (
                  <Button kind="quiet" isDisabled={other.version_id === version} onPress={() => onVersion(other.version_id)}>
                    {t("details.read")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {canManage && <AccessList path={`/v1/documents/${shown.id}/access`} canInherit />}
      <Download document={shown} />
    </div>
  );
}

/** Jobs of a state that are looked through for that of a document. */
const JOBS = 1000;

/** Why a document could not be read, and the way to have it tried again. */
function Failed({ document: shown, reason, onChanged }: { document: DocumentInfo; reason: string; onChanged: () => void }) {
  const canWrite = useMay("content.write");
  const { run, isRunning, error } = useAction(async () => {
    const { jobs } = await get<Schemas["JobListResponse"]>("/v1/jobs", { state: "failed", limit: JOBS });
    const job = jobs.find((other) => other.document?.id === shown.id);
    if (!job) throw new ApiError(404, "not_found", t("details.no_job"), t("details.no_job.do"));
    await call("POST", `/v1/jobs/${job.id}/retry`);
    await get(`/v1/jobs/${job.id}`, { wait_ms: 20_000 });
    onChanged();
  });
  return (
    <>
      <div className="problem">
        <p>{reason}</p>
        {canWrite && (
          <Button icon="retry" onPress={() => void run()} isPending={isRunning}>
            {t("error.retry")}
          </Button>
        )}
      </div>
      <Problem error={error} />
    </>
  );
}

function Download({ document: shown }: { document: DocumentInfo }) {
  const { run, isRunning, error } = useAction(async () => {
    const response = await open("GET", `/v1/documents/${shown.id}/original`);
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = shown.name;
    link.click();
    URL.revokeObjectURL(url);
  });
  return (
    <>
      <Button onPress={() => void run()} isPending={isRunning}>
        {t("details.download")}
      </Button>
      <Problem error={error} />
    </>
  );
}

function Tags({ document: shown, onChanged }: { document: DocumentInfo; onChanged: () => void }) {
  const [text, setText] = useState((shown.tags ?? []).join(", "));
  const { run, isRunning, error } = useAction(async () => {
    const tags = text.split(",").map((tag) => tag.trim()).filter(Boolean);
    await call("PATCH", `/v1/documents/${shown.id}`, { body: { tags } });
    onChanged();
  });
  return (
    <Section title={t("details.tags")}>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <input value={text} onChange={(event) => setText(event.target.value)} aria-label={t("details.tags")} placeholder={t("details.tags.hint")} />
        <Button type="submit" isPending={isRunning}>
          {t("save")}
        </Button>
      </form>
      <Problem error={error} />
    </Section>
  );
}

const names = (list: { name?: string | null; id: string }[]) => list.map((holder) => holder.name ?? holder.id).join(", ");
const parted = (text: string) => text.split(",").map((name) => name.trim()).filter(Boolean);

/** Who may read something. */
export function AccessList({ path, canInherit = false }: { path: string; canInherit?: boolean }) {
  const { data, error, reload } = useLoaded((signal) => get<Access>(path, undefined, signal), path);
  const [isOpen, setOpen] = useState(false);
  if (error) return <Problem error={error} />;
  if (!data) return null;
  const { in_force: list } = data;
  const holders = [names(list.members), names(list.groups)].filter(Boolean).join(", ");
  return (
    <Section title={t("access.title")}>
      <p>
        {list.open_to === "everybody" ? t("access.everybody") : t("access.listed", { who: holders || t("access.nobody") })}
        {data.own.open_to === "inherited" && <span className="fine"> · {t("access.inherited")}</span>}
      </p>
      {isOpen ? (
        <AccessForm
          path={path}
          access={data}
          canInherit={canInherit}
          onDone={() => {
            setOpen(false);
            reload();
          }}
        />
      ) : (
        <Button icon="lock" onPress={() => setOpen(true)}>
          {t("access.change")}
        </Button>
      )}
    </Section>
  );
}

function AccessForm({ path, access, canInherit, onDone }: { path: string; access: Access; canInherit: boolean; onDone: () => void }) {
  const [openTo, setOpenTo] = useState<string>(access.own.open_to);
  const [members, setMembers] = useState(names(access.own.members));
  const [groups, setGroups] = useState(names(access.own.groups));
  const { run, isRunning, error } = useAction(async () => {
    const isListed = openTo === "listed";
    await call("PUT", path, {
      body: { open_to: openTo, members: isListed ? parted(members) : [], groups: isListed ? parted(groups) : [] },
    });
    onDone();
  });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <label>
        {t("access.open_to")}
        <select value={openTo} onChange={(event) => setOpenTo(event.target.value)}>
          {canInherit && <option value="inherited">{t("access.inherited")}</option>}
          <option value="everybody">{t("access.everybody")}</option>
          <option value="listed">{t("access.only_listed")}</option>
        </select>
      </label>
      {openTo === "listed" && (
        <>
          <label>
            {t("access.members")}
            <input value={members} onChange={(event) => setMembers(event.target.value)} />
          </label>
          <label>
            {t("access.groups")}
            <input value={groups} onChange={(event) => setGroups(event.target.value)} />
          </label>
        </>
      )}
      <Problem error={error} />
      <div className="row">
        <Button type="submit" kind="primary" isPending={isRunning}>
          {t("save")}
        </Button>
        <Button kind="quiet" onPress={onDone}>
          {t("cancel")}
        </Button>
      </div>
    </form>
  );
}
