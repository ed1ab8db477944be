// What people said of answers, those said last first.
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { useLoaded } from "../../app/use";
import { Button, Empty, Icon, Loading, Problem, State, Table, Time } from "../../parts";
import { t } from "../../text";

export function Opinions() {
  const [before, setBefore] = useState<number>();
  const { data, error, reload } = useLoaded((signal) => get<Schemas["OpinionListResponse"]>("/v1/opinions", { before }, signal), String(before));
  return (
    <>
      <Problem error={error} retry={reload} />
      {!data && !error && <Loading />}
      {data?.opinions.length === 0 && (
        <Empty title={t("opinions.none")}>
          <p>{t("opinions.none.do")}</p>
        </Empty>
      )}
      {data && data.opinions.length > 0 && (
        <Table label={t("admin.opinions")} head={[t("opinions.said"), t("opinions.question"), t("opinions.answer"), t("audit.who"), t("audit.when")]}>
          {data.opinions.map((opinion) => (
            <tr key={`${opinion.session_id} ${opinion.message}`}>
              <td className={opinion.useful ? "good" : "bad"}>
                <Icon name={opinion.useful ? "up" : "down"} /> <span className="hidden">{t(opinion.useful ? "opinions.helped" : "opinions.not_helped")}</span>
              </td>
              <td>
                {opinion.query}
                {opinion.comment && <p className="opinion-comment">{opinion.comment}</p>}
              </td>
              <td>
                <State value={opinion.state} />
              </td>
              <td className="fine">{opinion.by ?? t("opinions.left")}</td>
              <td>
                <Time at={opinion.created_at} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <div className="row">
        {before !== undefined && <Button onPress={() => setBefore(undefined)}>{t("audit.newest")}</Button>}
        {data?.next && <Button onPress={() => setBefore(data.next ?? undefined)}>{t("audit.older")}</Button>}
      </div>
    </>
  );
}
