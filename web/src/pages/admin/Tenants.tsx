// The tenants and users of the installation, for owners of the platform.
import { useState } from "react";
import { call, get, post, type Schemas } from "../../api/client";
import { useAction, useLoaded } from "../../app/use";
import { Button, Problem, Section, State, Table, Time } from "../../parts";
import { t, word } from "../../text";

const STATES = ["active", "suspended", "cancelled"];

export function Tenants() {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["TenantListResponse"]>("/v1/tenants", undefined, signal), "tenants");
  const [name, setName] = useState("");
  const [owner, setOwner] = useState("");
  const make = useAction(async () => {
    await post("/v1/tenants", { name, owner: owner.trim() || undefined });
    setName("");
    setOwner("");
    reload();
  });
  const change = useAction(async (id: string, state: string) => {
    await call("PATCH", `/v1/tenants/${id}`, { body: { state } });
    reload();
  });
  return (
    <>
      <Section title={t("admin.tenants")}>
        <Problem error={error ?? change.error} retry={reload} />
        <Table label={t("admin.tenants")} head={[t("members.name"), t("made.state"), t("keys.made_at"), t("tenants.change")]}>
          {(data?.tenants ?? []).map((tenant) => (
            <tr key={tenant.id}>
              <td>
                {tenant.name}
                <div className="fine">
                  <code>{tenant.id}</code>
                </div>
              </td>
              <td>
                <State value={tenant.state} />
              </td>
              <td>
                <Time at={tenant.created_at} />
              </td>
              <td>
                <select value={tenant.state} onChange={(event) => void change.run(tenant.id, event.target.value)} aria-label={t("tenants.change_of", { name: tenant.name })}>
                  {[...STATES, ...(STATES.includes(tenant.state) ? [] : [tenant.state])].map((state) => (
                    <option key={state} value={state}>
                      {word("state", state)}
                    </option>
                  ))}
                </select>
              </td>
            </tr>
          ))}
        </Table>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            void make.run();
          }}
        >
          <input value={name} onChange={(event) => setName(event.target.value)} aria-label={t("tenants.name")} placeholder={t("tenants.name")} pattern="[a-z0-9\-]{1,63}" required />
          <input value={owner} onChange={(event) => setOwner(event.target.value)} aria-label={t("tenants.owner")} placeholder={t("tenants.owner")} />
          <Button type="submit" icon="plus" isPending={make.isRunning}>
            {t("tenants.make")}
          </Button>
        </form>
        <Problem error={make.error} />
      </Section>
      <Users />
    </>
  );
}

function Users() {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["UserListResponse"]>("/v1/users", undefined, signal), "users");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const make = useAction(async () => {
    await post("/v1/users", { name }).catch((problem: { status?: number }) => {
      // A user who is known gets the password alone.
      if (problem.status !== 409 || !password) throw problem;
    });
    if (password) await call("PUT", `/v1/users/${encodeURIComponent(name)}/password`, { body: { password } });
    setName("");
    setPassword("");
    reload();
  });
  const change = useAction(async (user: string, disabled: boolean) => {
    await call("PATCH", `/v1/users/${encodeURIComponent(user)}`, { body: { disabled } });
    reload();
  });
  return (
    <Section title={t("users.title")}>
      <Problem error={error ?? change.error} retry={reload} />
      {data && data.users.length > 0 && (
        <Table label={t("users.title")} head={[t("members.name"), t("keys.made_at"), ""]}>
          {data.users.map((user) => (
            <tr key={user.id}>
              <td>{user.name}</td>
              <td>
                <Time at={user.created_at} />
              </td>
              <td>
                <Button kind={user.disabled_at ? "plain" : "danger"} onPress={() => void change.run(user.name, !user.disabled_at)}>
                  {t(user.disabled_at ? "users.let_in" : "users.shut_out")}
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          void make.run();
        }}
      >
        <input value={name} onChange={(event) => setName(event.target.value)} aria-label={t("users.name")} placeholder={t("users.name")} autoComplete="off" required />
        <input type="password" value={password} onChange={(event) => setPassword(event.target.value)} aria-label={t("users.password")} placeholder={t("users.password")} autoComplete="new-password" minLength={12} />
        <Button type="submit" icon="plus" isPending={make.isRunning}>
          {t("users.make")}
        </Button>
      </form>
      <Problem error={make.error} />
    </Section>
  );
}
