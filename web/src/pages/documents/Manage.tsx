// A collection that is chosen: another name, reading it again, who may read it, the end of it.
import { useState } from "react";
import { call, type Schemas } from "../../api/client";
import type { Collection } from "../../api/types";
import { useMay } from "../../app/session";
import { useAction } from "../../app/use";
import { AccessList } from "../../document/Details";
import { Button, Problem, useNotice } from "../../parts";
import { number, t } from "../../text";

interface Props {
  collection: Collection;
  /** Told its name from now on; nothing when it is gone. */
  onChanged: (name: string) => void;
}

export function Manage({ collection, onChanged }: Props) {
  const canManage = useMay("access.manage");
  const canDelete = useMay("content.delete");
  const [name, setName] = useState(collection.name);
  const [isAsking, setAsking] = useState(false);
  const [notice, tell] = useNotice();
  const path = `/v1/collections/${encodeURIComponent(collection.name)}`;
  const act = useAction(async (deed: "rename" | "reread" | "delete") => {
    if (deed === "rename") {
      await call("PATCH", path, { body: { name: name.trim() } });
      onChanged(name.trim());
    } else if (deed === "reread") {
      const { begun } = await call<Schemas["ReadAgainResponse"]>("POST", `${path}/reingest`);
      tell(t("collection.reread_begun", { count: number(begun) }));
    } else {
      await call("DELETE", path, { query: { documents: true } });
      onChanged("");
    }
  });
  return (
    <div className="manage">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          void act.run("rename");
        }}
      >
        <input value={name} onChange={(event) => setName(event.target.value)} aria-label={t("collection.name")} required />
        <Button type="submit" isDisabled={name.trim() === collection.name} isPending={act.isRunning}>
          {t("collection.rename")}
        </Button>
        <Button kind="quiet" icon="retry" onPress={() => void act.run("reread")}>
          {t("collection.reread")}
        </Button>
        {canDelete && !isAsking && (
          <Button kind="danger" icon="trash" onPress={() => setAsking(true)}>
            {t("collection.delete")}
          </Button>
        )}
        {notice}
      </form>
      {isAsking && (
        <div className="problem" role="alert">
          <p>{t("collection.sure", { name: collection.name, count: number(collection.documents) })}</p>
          <div className="row">
            <Button kind="danger" isPending={act.isRunning} onPress={() => void act.run("delete")}>
              {t("collection.delete_all")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("cancel")}</Button>
          </div>
        </div>
      )}
      <Problem error={act.error} />
      {canManage && <AccessList path={`${path}/access`} />}
    </div>
  );
}
