// One order's timeline: asked for again as long as something is still to come, at most once with each snapshot.
import { byId, element, keep, paint, write, writeState } from "./elements.js";

export class Timeline {
  #laneOf;
  #announce;
  #id;
  #isAsking = false;
  /** Asked once more after the saga has settled: a step may have come while the daemons were asked. */
  #rounds = 0;
  #status;

  constructor(laneOf, announce) {
    this.#laneOf = laneOf;
    this.#announce = announce;
  }

  choose(id) {
    if (this.#id === id) return;
    this.#id = id;
    this.#rounds = 2;
    this.#status = undefined;
    byId("timeline").replaceChildren();
    byId("timeline-status").hidden = true;
    const place = byId("timeline-order");
    place.replaceChildren("Order ", element("span", { class: "id" }, id));
    this.tick();
  }

  async tick() {
    if (!this.#id || this.#isAsking || this.#rounds <= 0) return;
    this.#isAsking = true;
    const id = this.#id;
    try {
      const answer = await fetch(`trace/${encodeURIComponent(id)}`, { cache: "no-store" });
      const document = await answer.json();
      if (id !== this.#id) return;
      if (answer.ok) this.#show(document);
      else this.#refuse(answer.status, document.detail ?? document.title ?? "");
    } catch {
      // Whoever serves the page is away; that is said elsewhere.
    } finally {
      this.#isAsking = false;
      if (id !== this.#id) this.tick();
    }
  }

  #show(trace) {
    const isSettled = trace.waitingFor.length === 0 && trace.status !== "PENDING" && trace.unreachable.length === 0;
    this.#rounds = isSettled ? this.#rounds - 1 : 2;
    const begin = trace.steps.length > 0 ? Date.parse(trace.steps[0].time) : 0;
    const items = trace.steps.map((step, index) => ({ step, index }));
    keep(
      byId("timeline"), items, ({ step, index }) => [index, step.service, step.kind, step.eventType, step.to].join(" "),
      ({ step }) => this.#step(step, begin), () => {});
    const remarks = [];
    if (trace.waitingFor.length > 0) remarks.push(`waits for ${trace.waitingFor.join(" and ")}`);
    if (trace.unreachable.length > 0) remarks.push(`without ${trace.unreachable.join(" and ")}, which cannot be reached`);
    this.#say(remarks.join("; "), trace.status);
    if (trace.status && trace.status !== this.#status && this.#status) this.#announce(`The order is ${trace.status}`);
    this.#status = trace.status;
  }

  /** An order that nobody knows will not come; a daemon that is away may. */
  #refuse(status, text) {
    if (status === 404) this.#rounds = 0;
    this.#say(text);
  }

  #say(text, status) {
    const place = byId("timeline-status");
    place.hidden = !text && !status;
    let state = place.querySelector(".state");
    if (!state) place.replaceChildren((state = element("span", { class: "state" })), element("span", { class: "quiet" }));
    state.hidden = !status;
    writeState(state, status ?? "unknown");
    write(place.lastElementChild, text ? ` ${text}` : "");
  }

  #step(step, begin) {
    const lane = this.#laneOf(step.service);
    const what = { received: "received ", emitted: "published ", transition: "" }[step.kind];
    const about = step.kind === "transition" ? [step.from, step.to].filter(Boolean).join(" → ") : step.eventType ?? "an unknown event";
    const outcome = step.outcome && step.outcome !== "applied" ? `, ${step.outcome}` : "";
    const item = element(
      "li", { class: step.kind },
      element("span", { class: "at", title: step.time }, after(Date.parse(step.time) - begin)),
      element("span", { class: "what" }, element("span", { class: "who" }, step.service), ` ${what}${about}${outcome}`));
    return paint(item, lane);
  }
}

function after(milliseconds) {
  if (milliseconds < 1000) return `+${Math.max(0, milliseconds)} ms`;
  if (milliseconds < 60000) return `+${(milliseconds / 1000).toFixed(1)} s`;
  return `+${Math.round(milliseconds / 60000)} min`;
}
