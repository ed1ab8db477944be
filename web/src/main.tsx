import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startTheme } from "./app/theme";
import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/ask.css";
import "./style/viewer.css";
import "./style/tables.css";

startTheme();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
