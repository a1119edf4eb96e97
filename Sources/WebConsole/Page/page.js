// Takes what the server tells once a second and hands it to the parts of the page.
import { Choreography } from "./choreography.js";
import { byId, count, element, keep, write, writeState } from "./elements.js";
import { Orders } from "./orders.js";
import { Timeline } from "./timeline.js";

// The token is in a cookie by now: it need not stay where it is seen.
if (location.search) history.replaceState(null, "", location.pathname + location.hash);

let choreography;
const states = new Map();
const timeline = new Timeline((service) => choreography?.lane(service) ?? 0, announce);
const orders = new Orders((id) => timeline.choose(id));

function announce(text) {
  write(byId("announcement"), text);
}

function show(snapshot) {
  const overall = snapshot.overall ?? "unknown";
  writeState(byId("overall"), overall);
  document.title = overall === "ready" ? "sagad" : `${overall} · sagad`;
  choreography?.show(snapshot.services);
  choreography?.arrive(snapshot.arrivals);
  const reasons = snapshot.services.flatMap((status) => (status.reasons ?? []).map((reason) => `${status.service}: ${reason}`));
  const troubles = [...new Set([...snapshot.troubles, ...reasons])];
  byId("troubles").hidden = troubles.length === 0;
  keep(byId("troubles"), troubles, (text) => text, (text) => element("li", {}, text), () => {});
  orders.show(snapshot);
  if (snapshot.products) showStock(snapshot.products, snapshot.productCount);
  showLetters(snapshot);
  timeline.tick();
  for (const { service, state } of snapshot.services) {
    if (states.has(service) && states.get(service) !== state) announce(`${service} is ${state}`);
    states.set(service, state);
  }
}

function showStock(products, all) {
  const of = all > products.length ? `The first ${count(products.length)} of ${count(all)} products.` : "";
  write(byId("stock-note"), products.length === 0 ? "No products." : of);
  const kinds = ["available", "reserved", "sold"];
  keep(
    byId("stock-rows"), products, (product) => product.productId,
    (product) => element(
      "tr", {}, element("th", { scope: "row" }, String(product.productId)),
      element("td", { class: "share", "aria-hidden": "true" }, element("div", { class: "bar" }, ...kinds.map((kind) => element("span", { class: kind })))),
      ...kinds.map(() => element("td", { class: "number" }))),
    (row, product) => {
      const [bars, cells] = [row.querySelectorAll(".bar span"), row.querySelectorAll("td.number")];
      for (const [index, kind] of kinds.entries()) {
        bars[index].style.flexGrow = product[kind];
        write(cells[index], count(product[kind]));
      }
    });
}

function showLetters({ services, deadLetters }) {
  const all = services.reduce((sum, status) => sum + (status.deadLetters ?? 0), 0);
  const newest = deadLetters.length < all ? `; ${count(deadLetters.length)} of them` : "";
  write(byId("letters-note"), all === 0 ? "None." : `${count(all)} open${newest}. sagactl dead-letters shows all.`);
  keep(
    byId("letters"), deadLetters, (letter) => letter.id,
    (letter) => element(
      "li", {}, element("span", { class: "kind" }, letter.kind), ` at ${letter.service}: ${letter.reason}`,
      element("br"), element("code", {}, `sagactl dead-letters show ${letter.id}`)),
    () => {});
}

let last = 0;
const events = new EventSource("events");

/** Announced only where it changes: the time of day is not for a screen reader. */
function connected(text, isStale) {
  const main = document.querySelector("main");
  if (main.classList.contains("stale") !== isStale) announce(isStale ? text : "live again");
  main.classList.toggle("stale", isStale);
  write(byId("connection"), text);
}

events.addEventListener("choreography", (event) => {
  choreography ??= new Choreography(JSON.parse(event.data).participants);
});
events.addEventListener("snapshot", (event) => {
  last = performance.now();
  const snapshot = JSON.parse(event.data);
  connected(`live · ${snapshot.time.slice(11, 19)} UTC`, false);
  show(snapshot);
});
events.addEventListener("error", () => {
  const isOver = events.readyState === EventSource.CLOSED;
  connected(isOver ? "ended: open the address that sagactl web prints" : "connection lost, trying again", true);
});
setInterval(() => {
  if (last > 0 && performance.now() - last > 6000 && events.readyState === EventSource.OPEN) connected("the daemons take long to answer", true);
}, 2000);
