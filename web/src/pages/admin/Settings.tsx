// The settings that the server was started with, and where each comes from.
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { useLoaded } from "../../app/use";
import { Loading, Problem, Section, Table } from "../../parts";
import { number, t, word } from "../../text";

/** A value as one would write it into the file. */
const written = (value: unknown) => (typeof value === "string" ? value || "–" : JSON.stringify(value));

export function Settings() {
  const [wanted, setWanted] = useState("");
  const [onlyGiven, setOnlyGiven] = useState(false);
  const { data, error, reload } = useLoaded((signal) => get<Schemas["SettingListResponse"]>("/v1/settings", undefined, signal), "settings");
  const words = wanted.trim().toLowerCase();
  const all = data?.settings ?? [];
  const found = all.filter((setting) => (!onlyGiven || setting.source !== "default") && `${setting.key} ${written(setting.value)}`.toLowerCase().includes(words));
  const sections = [...new Set(found.map(({ key }) => key.split(".")[0] ?? ""))];
  const rate = (key: string) => Number(all.find((setting) => setting.key === `server.rates.${key}`)?.value ?? 0);
  return (
    <>
      <p className="muted">{t("settings.lead")}</p>
      {data && rate("client_per_minute") > 0 && (
        <p className="fine">{t("settings.rates", { each: number(rate("client_per_minute")), burst: number(rate("client_burst")), tenant: number(rate("tenant_per_minute")) })}</p>
      )}
      <div className="row">
        <input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} placeholder={t("settings.search")} aria-label={t("settings.search")} />
        <label className="check">
          <input type="checkbox" checked={onlyGiven} onChange={(event) => setOnlyGiven(event.target.checked)} />
          {t("settings.only_given")}
        </label>
      </div>
      <Problem error={error} retry={reload} />
      {!data && !error && <Loading />}
      {data && found.length === 0 && <p className="muted">{t("settings.none")}</p>}
      {sections.map((section) => (
        <Section key={section} title={section}>
          <Table label={section} head={[t("settings.key"), t("settings.value"), t("settings.source")]}>
            {found
              .filter(({ key }) => key.split(".")[0] === section)
              .map((setting) => (
                <tr key={setting.key}>
                  <td>
                    <code>{setting.key}</code>
                  </td>
                  <td>
                    <code>{written(setting.value)}</code>
                  </td>
                  <td className="fine">
                    {word("source", setting.source)} {setting.place && <code>{setting.place}</code>}
                  </td>
                </tr>
              ))}
          </Table>
        </Section>
      ))}
    </>
  );
}
