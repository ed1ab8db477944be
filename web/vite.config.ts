// Pages live below /app, because the API has the short paths. `npm run dev` passes calls on to a
// running server: ASSAY_URL, http://127.0.0.1:8080 when it is not set.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.ASSAY_URL ?? "http://127.0.0.1:8080";
const proxy = Object.fromEntries(
  ["/v1", "/query", "/search", "/documents", "/health", "/metrics", "/citations", "/openapi.json"].map((path) => [
    path,
    { target: server, changeOrigin: true, rewriteWsOrigin: true, headers: { origin: server } },
  ]),
);

// As in crates/assay-server/src/ui.rs.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
  "worker-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

export default defineConfig({
  base: "/app/",
  plugins: [react()],
  server: { proxy },
  preview: { proxy, headers: { "content-security-policy": POLICY } },
  build: {
    target: "es2022",
    // A data: URL would need a wider policy for scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Kept by build/clean.mjs, so that cargo can watch the folder.
    emptyOutDir: false,
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
