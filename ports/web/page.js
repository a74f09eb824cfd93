// Fills the page from the discovery port. Everything is set as text, never as markup: names and
// descriptions come from contracts that somebody else wrote.
"use strict";

function element(name, text, children) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  (children || []).forEach((child) => made.appendChild(child));
  return made;
}

function row(cell, values) {
  return element("tr", null, values.map((value) =>
    value instanceof Node ? element(cell, null, [value]) : element(cell, value)));
}

function link(text, href) {
  const made = element("a", text);
  made.href = href;
  return made;
}

function current(dataset) {
  if (!dataset.current) return "nothing yet";
  const what = dataset.layer === "input" ? "delivery " : "snapshot ";
  const rows = dataset.current.rows === undefined ? "" : ", " + dataset.current.rows + " rows";
  return what + dataset.current.number + rows;
}

function show(dataset) {
  const columns = dataset.columns.map((column) => row("td", [
    column.name, column.sql_type,
    [column.key_position ? "key" : "", column.required ? "required" : ""].join(" ").trim(),
    column.description || ""]));
  const contract = link(dataset.contract.id + " " + dataset.contract.version,
    dataset.contract.href);
  return element("section", null, [
    element("h2", dataset.title),
    element("p", dataset.description || ""),
    element("p", null, [element("code", "/" + dataset.layer + "/" + dataset.dataset),
      document.createTextNode(" · " + current(dataset) + " · contract "), contract]),
    element("table", null, [row("th", ["column", "type", "", "description"]), ...columns]),
  ]);
}

async function load(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(path + ": " + answer.status);
  return answer.json();
}

async function fill() {
  const product = await load("discovery/product");
  const datasets = await load("discovery/datasets");
  const about = (product.description && product.description.purpose) || "";
  document.title = product.name || product.id;
  document.getElementById("name").textContent = document.title;
  document.getElementById("about").textContent = "Version " + product.version + ". " + about;
  document.getElementById("datasets").replaceChildren(...datasets.map(show));
}

fill().catch((error) => {
  document.getElementById("about").textContent =
    "The discovery port did not answer (" + error.message + "). It may ask for a token.";
});
