// Opening a conversation to the members of the tenant, by a link.
import { useState } from "react";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { call, get, type Schemas } from "../../api/client";
import type { SessionDetail } from "../../api/types";
import { href } from "../../app/router";
import { useAction, useLoaded } from "../../app/use";
import { Button, IconButton, Problem, useNotice } from "../../parts";
import { t } from "../../text";

export function Share({ session }: { session: string }) {
  return (
    <DialogTrigger>
      <IconButton icon="share" label={t("share.title")} />
      <Popover className="popover share" placement="top end">
        <Dialog aria-label={t("share.title")}>
          <Inside session={session} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Inside({ session }: { session: string }) {
  const kept = useLoaded((signal) => get<SessionDetail>(`/v1/sessions/${session}`, undefined, signal), session);
  const [changed, setChanged] = useState<Schemas["SessionResponse"]>();
  const [notice, tell] = useNotice();
  const link = location.origin + href(`/shared/${session}`);
  const set = useAction(async (isShared: boolean) => {
    setChanged(await call<Schemas["SessionResponse"]>(isShared ? "PUT" : "DELETE", `/v1/sessions/${session}/share`));
  });
  const isShared = Boolean((changed ?? kept.data?.session)?.shared_at);
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    tell(t("share.copied"));
  };
  return (
    <div className="share-body">
      <h3>{t("share.title")}</h3>
      <p className="fine">{t("share.lead")}</p>
      <Problem error={kept.error ?? set.error} />
      {isShared ? (
        <>
          <input readOnly value={link} aria-label={t("share.link")} onFocus={(event) => event.target.select()} />
          <div className="row">
            <Button kind="primary" icon="copy" onPress={() => void copy()}>
              {t("share.copy")}
            </Button>
            <Button kind="quiet" isPending={set.isRunning} onPress={() => void set.run(false)}>
              {t("share.stop")}
            </Button>
          </div>
          {notice}
        </>
      ) : (
        <Button kind="primary" icon="share" isPending={set.isRunning} isDisabled={!kept.data} onPress={() => void set.run(true)}>
          {t("share.go")}
        </Button>
      )}
    </div>
  );
}
