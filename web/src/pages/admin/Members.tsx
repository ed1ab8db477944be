// Who belongs to the tenant, with which role; invitations; groups.
import { useState } from "react";
import { call, get, post, type Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { useAction, useLoaded } from "../../app/use";
import { Button, Empty, Problem, Section, State, Table, Time } from "../../parts";
import { number, t, word } from "../../text";
import { Secret } from "./Secret";

const ROLES = ["guest", "member", "admin", "owner"];

export function RoleSelect({ value, onChange }: { value: string; onChange: (role: string) => void }) {
  return (
    <select value={value} onChange={(event) => onChange(event.target.value)} aria-label={t("members.role")}>
      {[...ROLES, ...(ROLES.includes(value) ? [] : [value])].map((role) => (
        <option key={role} value={role}>
          {word("role", role)}
        </option>
      ))}
    </select>
  );
}

export function Members() {
  const canManage = useMay("member.manage");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["MemberListResponse"]>("/v1/members", undefined, signal), "members");
  const change = useAction(async (user: string, role: string) => {
    await call("PUT", "/v1/members", { body: { user, role } });
    reload();
  });
  const remove = useAction(async (id: string) => {
    await call("DELETE", `/v1/members/${id}`);
    reload();
  });
  return (
    <>
      <Problem error={error ?? change.error ?? remove.error} retry={reload} />
      {data?.members.length === 0 && (
        <Empty title={t("members.none")}>
          <p>{t("members.none.do")}</p>
        </Empty>
      )}
      {data && data.members.length > 0 && (
        <Table label={t("admin.members")} head={[t("members.name"), t("members.kind"), t("members.role"), t("members.since"), ""]}>
          {data.members.map((member) => (
            <tr key={member.id}>
              <td>{member.name}</td>
              <td>{word("kind", member.kind)}</td>
              <td>{canManage && member.kind === "user" ? <RoleSelect value={member.role} onChange={(role) => void change.run(member.name, role)} /> : word("role", member.role)}</td>
              <td>
                <Time at={member.since} />
              </td>
              <td>
                {canManage && (
                  <Button kind="danger" onPress={() => void remove.run(member.id)}>
                    {t("members.remove")}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {canManage && <Invitations />}
      <Groups />
    </>
  );
}

function Invitations() {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["InvitationListResponse"]>("/v1/invitations", undefined, signal), "invitations");
  const [name, setName] = useState("");
  const [role, setRole] = useState("member");
  const [minted, setMinted] = useState<Schemas["MintedInvitationResponse"]>();
  const invite = useAction(async () => {
    setMinted(await post<Schemas["MintedInvitationResponse"]>("/v1/invitations", { name, role }));
    setName("");
    reload();
  });
  const revoke = useAction(async (id: string) => {
    await call("DELETE", `/v1/invitations/${id}`);
    reload();
  });
  return (
    <Section title={t("invite.title")}>
      {minted && <Secret title={t("invite.made", { name: minted.about.name })} text={minted.token} onDone={() => setMinted(undefined)} />}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          void invite.run();
        }}
      >
        <input value={name} onChange={(event) => setName(event.target.value)} aria-label={t("members.name")} placeholder={t("invite.name")} required />
        <RoleSelect value={role} onChange={setRole} />
        <Button type="submit" isPending={invite.isRunning}>
          {t("invite.go")}
        </Button>
      </form>
      <Problem error={error ?? invite.error ?? revoke.error} />
      {data && data.invitations.length > 0 && (
        <Table label={t("invite.title")} head={[t("members.name"), t("members.role"), t("made.state"), t("keys.ends"), ""]}>
          {data.invitations.map((invitation) => (
            <tr key={invitation.id}>
              <td>{invitation.name}</td>
              <td>{word("role", invitation.role)}</td>
              <td>
                <State value={invitation.state} />
              </td>
              <td>
                <Time at={invitation.expires_at} />
              </td>
              <td>
                {invitation.state === "pending" && (
                  <Button kind="danger" onPress={() => void revoke.run(invitation.id)}>
                    {t("keys.revoke")}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

function Groups() {
  const canManage = useMay("access.manage");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["GroupListResponse"]>("/v1/groups", undefined, signal), "groups");
  const [name, setName] = useState("");
  const make = useAction(async () => {
    await post("/v1/groups", { name });
    setName("");
    reload();
  });
  return (
    <Section title={t("groups.title")}>
      <Problem error={error ?? make.error} />
      {data?.groups.length === 0 && <p className="muted">{t("groups.none")}</p>}
      {data?.groups.map((group) => (
        <Group key={group.id} group={group} canManage={canManage} onChanged={reload} />
      ))}
      {canManage && (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            void make.run();
          }}
        >
          <input value={name} onChange={(event) => setName(event.target.value)} aria-label={t("groups.name")} placeholder={t("groups.name")} required />
          <Button type="submit" icon="plus" isPending={make.isRunning}>
            {t("groups.make")}
          </Button>
        </form>
      )}
    </Section>
  );
}

function Group({ group, canManage, onChanged }: { group: Schemas["GroupResponse"]; canManage: boolean; onChanged: () => void }) {
  const [added, setAdded] = useState("");
  const { data, reload } = useLoaded((signal) => get<Schemas["GroupResponse"]>(`/v1/groups/${group.id}`, undefined, signal), group.id);
  const change = useAction(async (body: { add?: string[]; remove?: string[] }) => {
    await call("PATCH", `/v1/groups/${group.id}`, { body });
    setAdded("");
    reload();
    onChanged();
  });
  const remove = useAction(async () => {
    await call("DELETE", `/v1/groups/${group.id}`);
    onChanged();
  });
  return (
    <details className="group">
      <summary>
        {group.name} <span className="fine">{t("groups.count", { count: number(group.member_count) })}</span>
      </summary>
      <ul className="row">
        {(data?.members ?? []).map((member) => (
          <li key={member.id} className="row">
            {member.name ?? member.id}
            {canManage && (
              <Button kind="quiet" onPress={() => void change.run({ remove: [member.id] })}>
                {t("members.remove")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {canManage && (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            void change.run({ add: [added] });
          }}
        >
          <input value={added} onChange={(event) => setAdded(event.target.value)} aria-label={t("members.name")} placeholder={t("invite.name")} required />
          <Button type="submit">{t("groups.add")}</Button>
          <Button kind="danger" onPress={() => void remove.run()}>
            {t("groups.remove")}
          </Button>
        </form>
      )}
      <Problem error={change.error ?? remove.error} />
    </details>
  );
}
