// A conversation that a member of the tenant has opened, to be read.
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { Link } from "../../app/router";
import { useLoaded, useTitle } from "../../app/use";
import { type Opened, Viewer } from "../../document/Viewer";
import { Empty, Loading, Problem } from "../../parts";
import { t } from "../../text";
import { fromKept } from "./talk";
import { TurnView } from "./TurnView";

export default function SharedPage({ session }: { session: string }) {
  const { data, error, reload } = useLoaded((signal) => get<Schemas["SharedSessionResponse"]>(`/v1/shared/${session}`, undefined, signal), session);
  const [opened, setOpened] = useState<Opened>();
  const title = data?.session.title || t("history.untitled");
  useTitle(data ? title : t("shared.title"));
  return (
    <div className="ask" data-viewer={opened !== undefined}>
      <div className="ask-main">
        <div className="ask-scroll">
          <div className="ask-column">
            <header className="shared-head">
              <h1>{data ? title : t("shared.title")}</h1>
              {data && <p className="muted">{data.is_own ? t("shared.own") : t("shared.by", { name: data.owner ?? t("shared.somebody") })}</p>}
              {data?.is_own && <Link to={`/ask/${session}`}>{t("shared.go_on")}</Link>}
            </header>
            {error?.status === 404 ? (
              <Empty title={t("shared.gone")}>
                <p>{t("shared.gone.why")}</p>
              </Empty>
            ) : (
              <Problem error={error} retry={reload} />
            )}
            {!data && !error && <Loading />}
            {data?.messages.map((message) => <TurnView key={message.number} turn={fromKept(message)} onOpen={setOpened} />)}
          </div>
        </div>
      </div>
      {opened && <Viewer opened={opened} onClose={() => setOpened(undefined)} />}
    </div>
  );
}
