// Renders /openapi.json: routes by tag, their parameters and bodies, and a form to try each.
"use strict";

const make = (name, text, attributes = {}) => {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

let api;
const resolve = (schema) => {
  if (!schema || !schema.$ref) return schema || {};
  return api.components.schemas[schema.$ref.split("/").pop()] || {};
};

const typeName = (schema) => {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.oneOf || schema.anyOf) return (schema.oneOf || schema.anyOf).map(typeName).join(" or ");
  const type = [].concat(schema.type || "any").join(" or ");
  return type === "array" ? `${typeName(schema.items)}[]` : type;
};

// An example value of a schema, shallow enough to read.
const example = (schema, depth = 0) => {
  const found = resolve(schema);
  if (found.example !== undefined) return found.example;
  if (found.oneOf || found.anyOf) return example((found.oneOf || found.anyOf)[0], depth);
  const type = [].concat(found.type || "null")[0];
  if (type === "object") {
    if (depth > 2) return {};
    const required = found.required || [];
    const names = Object.keys(found.properties || {}).filter((name) => depth === 0 ? required.includes(name) : true);
    return Object.fromEntries(names.map((name) => [name, example(found.properties[name], depth + 1)]));
  }
  if (type === "array") return depth > 2 ? [] : [example(found.items, depth + 1)];
  return { string: "text", integer: 1, number: 1, boolean: false }[type] ?? null;
};

const fields = (schema) => {
  const table = make("table");
  const head = make("tr");
  for (const title of ["field", "type", "meaning"]) head.append(make("th", title));
  table.append(head);
  for (const [name, field] of Object.entries(resolve(schema).properties || {})) {
    const row = make("tr");
    const cell = make("td");
    cell.append(make("code", name));
    row.append(cell, make("td", typeName(field)), make("td", field.description || resolve(field).description));
    table.append(row);
  }
  return table;
};

const bodySchema = (content) => content && Object.values(content)[0] && Object.values(content)[0].schema;

const tryForm = (method, path, operation) => {
  const form = make("form");
  const inputs = (operation.parameters || []).map((parameter) => {
    const label = make("label", `${parameter.name} `);
    const input = make("input", "", { name: parameter.name, "aria-label": parameter.name });
    label.append(input);
    form.append(label, " ");
    return [parameter, input];
  });
  const content = operation.requestBody && operation.requestBody.content;
  const isForm = content && content["multipart/form-data"];
  let body;
  if (isForm) {
    body = make("input", "", { type: "file", "aria-label": "file" });
    form.append(body);
  } else if (content) {
    body = make("textarea", JSON.stringify(example(bodySchema(content)), null, 2), { rows: 6, "aria-label": "body" });
    form.append(body);
  }
  const output = make("pre");
  output.hidden = true;
  form.append(make("button", "Try", { type: "submit" }), output);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    for (const [parameter, input] of inputs) {
      if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(parameter.name, input.value);
    }
    if ([...query].length) url += `?${query}`;
    const request = { method: method.toUpperCase() };
    if (isForm) {
      request.body = new FormData();
      if (body.files[0]) request.body.append("file", body.files[0]);
    } else if (body) {
      request.headers = { "content-type": "application/json" };
      request.body = body.value;
    }
    output.hidden = false;
    output.textContent = "…";
    try {
      const response = await fetch(url, request);
      const text = await response.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it is */ }
      output.textContent = `${response.status} ${response.statusText}\n${shown}`;
    } catch (error) {
      output.textContent = `The server did not answer: ${error}`;
    }
  });
  return form;
};

const route = (method, path, operation) => {
  const details = make("details");
  const summary = make("summary");
  summary.append(make("span", method.toUpperCase(), { class: "method" }), make("code", path), ` ${operation.summary || ""}`);
  details.append(summary);
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    if (operation.description) details.append(make("p", operation.description));
    const request = operation.requestBody && bodySchema(operation.requestBody.content);
    if (operation.parameters) details.append(make("h3", "Parameters"), parameterTable(operation.parameters));
    if (request) details.append(make("h3", "Body"), fields(request));
    details.append(make("h3", "Answers"));
    for (const [status, answer] of Object.entries(operation.responses || {})) {
      details.append(make("p", `${status} ${answer.description || ""} ${typeName(bodySchema(answer.content))}`));
      if (status === "200" && bodySchema(answer.content)) details.append(fields(bodySchema(answer.content)));
    }
    details.append(make("h3", "Try it"), tryForm(method, path, operation));
  });
  return details;
};

const parameterTable = (parameters) => {
  const table = make("table");
  for (const parameter of parameters) {
    const row = make("tr");
    const cell = make("td");
    cell.append(make("code", parameter.name));
    row.append(cell, make("td", parameter.in), make("td", parameter.description));
    table.append(row);
  }
  return table;
};

const render = () => {
  document.getElementById("description").textContent = `${api.info.description} Version ${api.info.version}.`;
  const byTag = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = (operation.tags || ["other"])[0];
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push(route(method, path, operation));
    }
  }
  const main = document.getElementById("routes");
  main.textContent = "";
  for (const [tag, routes] of byTag) main.append(make("h2", tag), ...routes);
};

fetch("/openapi.json")
  .then((response) => response.json())
  .then((document) => { api = document; render(); })
  .catch((error) => { document.getElementById("routes").textContent = `The API description could not be loaded: ${error}`; });
