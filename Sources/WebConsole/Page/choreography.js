// The choreography as lanes: a card for each participant, a row for each event, and orders on their way along the rows.
import { byId, count, drawn, element, keep, paint, span, write, writeState } from "./elements.js";

const rowHeight = 36;
const travel = 750;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** So many of one kind are drawn at a time; there may be thousands. */
const mostDots = 5;
const mostDotsInAll = 80;

export class Choreography {
  #services = [];
  #events = [];
  #seen = new Map();
  #before;
  #rows = new Map();
  #dots = 0;

  constructor(participants) {
    this.#services = participants.map((participant) => participant.service);
    this.#events = ordered(participants);
    for (const event of this.#events) this.#seen.set(event.type, Object.fromEntries(event.hearers.map((hearer) => [hearer, 0])));
    new ResizeObserver(() => this.#draw()).observe(byId("arrows"));
    this.#draw();
    this.#describe();
  }

  lane(service) {
    return Math.max(0, this.#services.indexOf(service));
  }

  /** How the participants are. */
  show(services) {
    const known = new Map(services.map((status) => [status.service, status]));
    keep(
      byId("services"), this.#services, (service) => service,
      (service) => paint(card(service), this.lane(service)),
      (child, service) => fillCard(child, known.get(service)));
  }

  /** What has arrived where since the daemons were started: what is new since the last time goes along its arrow. */
  arrive(arrivals) {
    const before = this.#before;
    this.#before = { ...before, ...arrivals };
    if (!before) return;
    for (const event of this.#events) {
      for (const hearer of event.hearers) {
        if (!arrivals[hearer] || !before[hearer]) continue;
        const now = arrivals[hearer][event.type] ?? 0;
        const last = before[hearer][event.type] ?? 0;
        // Fewer than before: the daemon was started again, and counts from zero.
        const fresh = now >= last ? now - last : now;
        if (fresh > 0) this.#move(event, hearer, fresh);
      }
    }
  }

  #move(event, hearer, fresh) {
    this.#seen.get(event.type)[hearer] += fresh;
    // One after the other, in the order of cause and effect: a saga takes milliseconds, too few to see.
    const delay = event.depth * 500;
    const moves = !document.hidden && !calm.matches;
    if (moves) {
      for (let i = 0; i < Math.min(fresh, mostDots); i += 1) this.#launch(event, hearer, delay + i * 110, fresh > mostDots ? 5.5 : 4);
    }
    setTimeout(() => this.#note(event), moves ? delay + travel : 0);
  }

  #launch(event, hearer, delay, radius) {
    const row = this.#rows.get(event.type);
    if (!row || this.#dots >= mostDotsInAll) return;
    const [from, to] = [this.#x(event.speaker), this.#x(hearer)];
    const dot = drawn("circle", { class: "order", cx: 0, cy: row.y, r: radius });
    dot.style.opacity = 0;
    row.group.append(dot);
    this.#dots += 1;
    const motion = dot.animate(
      [{ transform: `translateX(${from}px)`, opacity: 0 }, { opacity: 1, offset: 0.12 },
        { opacity: 1, offset: 0.88 }, { transform: `translateX(${to}px)`, opacity: 0 }],
      { duration: travel, delay, easing: "ease-in-out" });
    const end = () => {
      dot.remove();
      this.#dots -= 1;
    };
    motion.finished.then(end, end);
  }

  #note(event) {
    const row = this.#rows.get(event.type);
    const number = this.#number(event);
    write(row.count, count(number));
    row.count.classList.add("some");
    row.group.classList.add("busy");
    clearTimeout(row.rest);
    row.rest = setTimeout(() => row.group.classList.remove("busy"), 900);
    this.#describe();
  }

  #number(event) {
    return Math.max(...Object.values(this.#seen.get(event.type)));
  }

  #x(service) {
    return ((this.lane(service) + 0.5) / this.#services.length) * byId("arrows").clientWidth;
  }

  #draw() {
    const svg = byId("arrows");
    const height = this.#events.length * rowHeight + 14;
    svg.setAttribute("height", height);
    const lives = this.#services.map((service) => {
      const x = this.#x(service);
      return drawn("line", { class: "life", x1: x, x2: x, y1: 0, y2: height });
    });
    for (const dot of svg.querySelectorAll(".order")) dot.getAnimations().forEach((motion) => motion.cancel());
    svg.replaceChildren(...lives, ...this.#events.map((event, index) => this.#row(event, index)));
  }

  #row(event, index) {
    const y = index * rowHeight + 26;
    const from = this.#x(event.speaker);
    const ends = event.hearers.map((hearer) => this.#x(hearer));
    const group = paint(drawn("g", { "data-event": event.type }), this.lane(event.speaker));
    for (const sign of [-1, 1]) {
      const there = ends.filter((x) => Math.sign(x - from) === sign);
      if (there.length === 0) continue;
      const far = sign < 0 ? Math.min(...there) : Math.max(...there);
      group.append(drawn("line", { class: "path", x1: from, x2: far, y1: y, y2: y }));
      for (const x of there) {
        const back = x - sign * 9;
        group.append(drawn("path", { class: "head", d: `M${x - sign},${y} L${back},${y - 4} L${back},${y + 4} Z` }));
      }
    }
    group.append(drawn("circle", { class: "origin", cx: from, cy: y, r: 3.5 }));
    const nearest = ends.reduce((a, b) => (Math.abs(b - from) < Math.abs(a - from) ? b : a));
    const width = byId("arrows").clientWidth / this.#services.length;
    const middle = from + Math.sign(nearest - from) * (width / 2);
    const number = this.#number(event);
    const shown = drawn("text", { class: `plate count${number ? " some" : ""}`, x: middle, y: y + 13 }, number ? count(number) : "");
    group.append(drawn("text", { class: "plate name", x: middle, y: y - 6 }, event.type), shown);
    this.#rows.set(event.type, { group, y, count: shown });
    return group;
  }

  /** The same in words, for those who do not see the drawing. */
  #describe() {
    keep(
      byId("events"), this.#events, (event) => event.type, () => element("li"),
      (item, event) =>
        write(item, `${event.type}: from ${event.speaker} to ${event.hearers.join(" and ")}, ${count(this.#number(event))} seen`));
  }
}

/** The events in the order of cause and effect: how many others come before each, at least. */
function ordered(participants) {
  const depths = new Map();
  let causes = participants.flatMap((participant) => participant.unasked.slice(0, 1));
  for (let depth = 0; causes.length > 0; depth += 1) {
    for (const type of causes) if (!depths.has(type)) depths.set(type, depth);
    const rules = participants.flatMap((participant) => participant.hears).filter((rule) => causes.includes(rule.type));
    causes = [...new Set(rules.flatMap((rule) => rule.says))].filter((type) => !depths.has(type));
  }
  const events = participants.flatMap((participant) =>
    participant.says.map((event) => ({
      type: event.type,
      speaker: participant.service,
      hearers: participants.filter((other) => other.hears.some((rule) => rule.type === event.type)).map((other) => other.service),
      depth: depths.get(event.type) ?? 0,
    })));
  return events.filter((event) => event.hearers.length > 0).sort((a, b) => a.depth - b.depth);
}

function card(service) {
  const figure = (name) => element("div", {}, element("dt", {}, name), element("dd"));
  return element(
    "article", { class: "service", "aria-label": service },
    element("h3", {}, service), element("p", { class: "state", "data-state": "unknown" }, "unknown"),
    element("dl", {}, figure("lag"), figure("outbox"), figure("dead letters")),
    element("p", { class: "about" }), element("ul", { class: "instances" }));
}

function fillCard(card, status) {
  const state = status?.state ?? "unknown";
  writeState(card.querySelector(".state"), state);
  const figures = [status?.lag, status?.outbox?.pending, status?.deadLetters];
  for (const [index, place] of [...card.querySelectorAll("dd")].entries()) {
    write(place, figures[index] === undefined ? "–" : count(figures[index]));
    place.classList.toggle("notable", figures[index] > 0);
  }
  const transport = status?.transport && `${status.transport.kind}${status.transport.connected ? "" : ", not connected"}`;
  const uptime = status?.uptimeSeconds === undefined ? undefined : `up ${span(status.uptimeSeconds)}`;
  write(card.querySelector(".about"), [transport, uptime, status?.version].filter(Boolean).join(" · "));
  keep(
    card.querySelector(".instances"), status?.instances ?? [], (instance) => `${instance.host} ${instance.name}`,
    (instance) => element("li", {}, `${instance.name} `, element("span", { class: "state" })),
    (item, instance) => writeState(item.querySelector(".state"), instance.state));
}
