// Names for the types of the wire that the pages use.
import type { Schemas } from "./client";

export type Answer = Schemas["QueryResponse"];
export type Claim = Schemas["Claim"];
export type Citation = Schemas["Citation"];
/** The data of an event `claim`, which the document has no schema for. */
export interface Piece {
  text: string;
  claim: Claim | null;
  citations: Citation[];
}
export type SearchResult = Schemas["SearchResult"];
export type SearchResponse = Schemas["SearchResponse"];
export type Me = Schemas["MeResponse"];
export type DocumentInfo = Schemas["DocumentResponse"];
export type Job = Schemas["JobResponse"];
export type Session = Schemas["SessionResponse"];
export type SessionDetail = Schemas["SessionDetailResponse"];
export type Reading = Schemas["ReadingResponse"];
export type Collection = Schemas["CollectionResponse"];
export type Access = Schemas["AccessResponse"];

/** How far a claim is borne out. */
export type Verdict = "supported" | "partial" | "contradicted" | "unsupported";
