// Writes the types of the wire from the OpenAPI document of a running server: ASSAY_URL, or a file
// that is named. The pages use the schemas alone.
import { readFileSync, writeFileSync } from "node:fs";
import openapi, { astToString } from "openapi-typescript";

const [from = `${process.env.ASSAY_URL ?? "http://127.0.0.1:8080"}/openapi.json`, to = "src/api/schema.ts"] = process.argv.slice(2);
const text = from.startsWith("http") ? await (await fetch(from)).text() : readFileSync(from, "utf8");
const { openapi: version, info, components } = JSON.parse(text);
const types = await openapi({ openapi: version, info, paths: {}, components: { schemas: components.schemas } });
writeFileSync(to, `// Written by build/types.mjs from the OpenAPI document of the server. Do not edit.\n${astToString(types)}`);
