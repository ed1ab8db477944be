// What the reader says of an answer: whether it helped, and in their words why.
import { useState } from "react";
import { ApiError, call, get, post } from "../../api/client";
import type { SessionDetail } from "../../api/types";
import { useAction } from "../../app/use";
import { Button } from "../../parts";
import { t } from "../../text";
import type { Turn } from "./talk";

/** Characters of a comment at most; the server counts 4,000 bytes. */
const COMMENT_MAX = 1000;

/** The place of an answer in its conversation: it is told with the conversation, not with the answer. */
async function numberOf(turn: Turn, session: string): Promise<number> {
  if (turn.number) return turn.number;
  const { messages } = await get<SessionDetail>(`/v1/sessions/${session}`);
  const found = messages.findLast((message) => message.query === turn.question.trim());
  if (!found) throw new ApiError(404, "not_found", t("opinion.not_kept"));
  return found.number;
}

/** Says it to the server: of the answer, and of the passages for the tuning of searches. */
export function useOpinion(turn: Turn, session: string | undefined) {
  const [said, setSaid] = useState<boolean>();
  const say = useAction(async (useful: boolean, comment?: string) => {
    if (!session) return;
    const message = await numberOf(turn, session);
    await call("PUT", `/v1/sessions/${session}/opinion`, { body: { message, useful, comment } });
    const own = turn.citations.filter((citation) => !("provider" in citation) || citation.provider === "assay");
    // A comment to what was said already says nothing new of the passages.
    if (said !== useful) {
      for (const passage_id of new Set(own.map((citation) => citation.passage_id))) await post("/v1/feedback", { query: turn.question, passage_id, useful });
    }
    setSaid(useful);
  });
  return { said, say };
}

/** Asks why, once it was said whether. */
export function Comment({ useful, onSay }: { useful: boolean; onSay: (text: string) => Promise<boolean> }) {
  const [text, setText] = useState("");
  const [isSent, setSent] = useState(false);
  if (isSent) return <p className="fine">{t("opinion.sent")}</p>;
  return (
    <form
      className="opinion"
      onSubmit={(event) => {
        event.preventDefault();
        void onSay(text.trim()).then(setSent);
      }}
    >
      <label>
        {t(useful ? "opinion.why_good" : "opinion.why_bad")}
        <textarea value={text} rows={2} maxLength={COMMENT_MAX} onChange={(event) => setText(event.target.value)} />
      </label>
      <div className="row">
        <Button type="submit" isDisabled={!text.trim()}>
          {t("opinion.send")}
        </Button>
        <span className="fine">{t("opinion.who_reads")}</span>
      </div>
    </form>
  );
}
