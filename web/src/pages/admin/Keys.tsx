// Keys: made and shown once, rotated, revoked; and the services that act by them.
import { useState } from "react";
import { call, get, post, type Schemas } from "../../api/client";
import { useMay, useMe } from "../../app/session";
import { useAction, useLoaded } from "../../app/use";
import { Button, Empty, Problem, Section, State, Table, Time } from "../../parts";
import { t } from "../../text";
import { Secret } from "./Secret";

type Minted = Schemas["MintedKeyResponse"];

export function Keys() {
  const me = useMe();
  const canManage = useMay("key.manage");
  const { data, error, reload } = useLoaded((signal) => get<Schemas["KeyListResponse"]>("/v1/keys", undefined, signal), "keys");
  const [name, setName] = useState("");
  const [service, setService] = useState("");
  const [isNarrow, setNarrow] = useState(false);
  const [scopes, setScopes] = useState<string[]>(["content.read"]);
  const [minted, setMinted] = useState<Minted>();
  const make = useAction(async () => {
    const body = { name, service: service.trim() || undefined, scopes: isNarrow ? scopes : undefined };
    setMinted(await post<Minted>("/v1/keys", body));
    setName("");
    reload();
  });
  const change = useAction(async (id: string, deed: "revoke" | "rotate") => {
    if (deed === "revoke") await call("DELETE", `/v1/keys/${id}`);
    else setMinted(await post<Minted>(`/v1/keys/${id}/rotate`, {}));
    reload();
  });
  const serve = useAction(async () => {
    await post("/v1/services", { name: service.trim() });
  });
  return (
    <>
      {minted && <Secret title={t("keys.made", { name: minted.about.name })} text={minted.key} onDone={() => setMinted(undefined)} />}
      <Problem error={error ?? change.error} retry={reload} />
      {data?.keys.length === 0 && (
        <Empty title={t("keys.none")}>
          <p>{t("keys.none.do")}</p>
        </Empty>
      )}
      {data && data.keys.length > 0 && (
        <Table label={t("admin.keys")} head={[t("keys.name"), t("made.state"), t("keys.scopes"), t("keys.used"), t("keys.ends"), ""]}>
          {data.keys.map((key) => {
            const state = key.revoked_at ? "revoked" : key.expires_at && Date.parse(key.expires_at) < Date.now() ? "expired" : "active";
            return (
              <tr key={key.id}>
                <td>
                  {key.name}
                  <div className="fine">
                    <code>{key.id}</code>
                  </div>
                </td>
                <td>
                  <State value={state} />
                </td>
                <td className="fine">{key.scopes?.join(", ") ?? t("keys.all")}</td>
                <td>
                  <Time at={key.used_at} />
                </td>
                <td>
                  <Time at={key.expires_at} />
                </td>
                <td>
                  {state === "active" && (
                    <span className="row">
                      <Button kind="quiet" icon="retry" onPress={() => void change.run(key.id, "rotate")}>
                        {t("keys.rotate")}
                      </Button>
                      <Button kind="danger" onPress={() => void change.run(key.id, "revoke")}>
                        {t("keys.revoke")}
                      </Button>
                    </span>
                  )}
                </td>
              </tr>
            );
          })}
        </Table>
      )}
      <Section title={t("keys.new")}>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            void make.run();
          }}
        >
          <label>
            {t("keys.for")}
            <input value={name} onChange={(event) => setName(event.target.value)} required />
          </label>
          {canManage && (
            <label>
              {t("keys.service")}
              <input value={service} onChange={(event) => setService(event.target.value)} placeholder={t("keys.service.hint")} />
            </label>
          )}
          <label className="check">
            <input type="checkbox" checked={isNarrow} onChange={(event) => setNarrow(event.target.checked)} />
            {t("keys.narrow")}
          </label>
          {isNarrow && (
            <fieldset className="row">
              <legend className="fine">{t("keys.scopes")}</legend>
              {me.permissions.map((permission) => (
                <label className="check" key={permission}>
                  <input
                    type="checkbox"
                    checked={scopes.includes(permission)}
                    onChange={(event) => setScopes(event.target.checked ? [...scopes, permission] : scopes.filter((other) => other !== permission))}
                  />
                  {permission}
                </label>
              ))}
            </fieldset>
          )}
          <Problem error={make.error ?? serve.error} />
          <div className="row">
            <Button type="submit" kind="primary" icon="key" isPending={make.isRunning}>
              {t("keys.make")}
            </Button>
            {canManage && service.trim() && (
              <Button onPress={() => void serve.run()} isPending={serve.isRunning}>
                {t("keys.make_service")}
              </Button>
            )}
          </div>
        </form>
      </Section>
    </>
  );
}
