// The newest orders, and the one whose timeline is shown.
import { byId, count, element, keep, span, write, writeState } from "./elements.js";

/** So long an order is looked at, at least, before a newer one takes its place. */
const glance = 5000;

export class Orders {
  /** Whose timeline is wanted. */
  chosen;
  #isFollowing = true;
  #since = 0;
  #rate = { total: undefined, at: 0 };
  #choose;

  constructor(choose) {
    this.#choose = choose;
    byId("follow").addEventListener("click", () => {
      history.replaceState(null, "", location.pathname);
      this.#follow(true);
    });
    addEventListener("hashchange", () => this.#readHash());
    this.#readHash();
  }

  show(snapshot) {
    if (snapshot.orders) {
      const now = Date.parse(snapshot.time);
      keep(byId("order-rows"), snapshot.orders, (order) => order.orderId, row, (child, order) => fill(child, order, now));
      byId("no-orders").hidden = snapshot.orders.length > 0;
      this.#followNewest(snapshot.orders);
    }
    this.#total(snapshot.services.find((status) => status.orders)?.orders);
    this.#mark();
  }

  #followNewest(orders) {
    const newest = orders[0]?.orderId;
    if (!this.#isFollowing || !newest || newest === this.chosen) return;
    if (this.chosen && performance.now() - this.#since < glance) return;
    this.#show(newest);
  }

  #readHash() {
    const id = /^#order=([0-9a-f-]{36})$/.exec(location.hash)?.[1];
    if (!id) return;
    this.#follow(false);
    this.#show(id);
  }

  #follow(isFollowing) {
    this.#isFollowing = isFollowing;
    this.#since = 0;
    byId("follow").setAttribute("aria-pressed", isFollowing);
  }

  #show(id) {
    this.chosen = id;
    this.#since = performance.now();
    this.#mark();
    this.#choose(id);
  }

  #mark() {
    for (const row of byId("order-rows").children) {
      const isChosen = row.dataset.key === this.chosen;
      row.classList.toggle("chosen", isChosen);
      const link = row.querySelector("a");
      if (isChosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  #total(byStatus) {
    if (!byStatus) return;
    write(byId("totals"), Object.entries(byStatus).map(([status, number]) => `${count(number)} ${status}`).join(" · "));
    const total = Object.values(byStatus).reduce((sum, number) => sum + number, 0);
    const [last, now] = [this.#rate, performance.now()];
    this.#rate = { total, at: now };
    if (last.total === undefined) return;
    const rate = Math.max(0, total - last.total) / Math.max(0.5, (now - last.at) / 1000);
    write(byId("rate"), `${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))} orders/s`);
  }
}

function row(order) {
  const id = order.orderId;
  return element(
    "tr", {},
    element("td", {}, element("span", { class: "state" }), element("span", { class: "reason" })),
    element("td", {}, element("a", { class: "id", href: `#order=${id}`, title: id, "aria-label": `Timeline of order ${id}` }, `…${id.slice(-8)}`)),
    element("td", { class: "wide number" }, order.userId === undefined ? "forgotten" : String(order.userId)),
    element("td", { class: "number" }, String(order.productId)),
    element("td", { class: "wide number" }, count(order.quantity)),
    element("td", { class: "wide number" }, count(order.amount)),
    element("td", { class: "number age" }));
}

function fill(row, order, now) {
  writeState(row.querySelector(".state"), order.status);
  write(row.querySelector(".reason"), [order.reason, order.detail].filter(Boolean).join(", "));
  write(row.querySelector(".age"), span((now - Date.parse(order.createdAt)) / 1000));
}
