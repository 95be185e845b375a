/*
 * A whole view in a page: names, roles, text, and an end that leaves nothing
 * behind.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { probe } from "../src/base/lifetime.ts";
import widget from "../src/widget.ts";
import { FIT } from "./host.ts";
import { usePage } from "./page.ts";

const page = usePage();

describe("a view", () => {
  it("is ready once painted, and says what it shows", () => {
    expect(page.root.dataset.gmmReady).toBe("true");
    expect(page.root.dataset.gmmExtent).toBe("1,5,45,95");
    expect(page.root.getAttribute("role")).toBe("region");
    expect(page.root.dataset.lmSuppressShortcuts).toBe("true");
  });

  it("names its controls, components and handles", () => {
    const names = [
      ...["Gaussian mixture", "E step", "M step", "EM step", "Run", "Undo", "Redo"],
      ...["Add component", "Delete component", "Number of components", "Covariance structure"],
      ...["A", "B"].flatMap((letter) => [
        ...[`Component ${letter}`, `Centre of ${letter}`, `Axis 1 of ${letter}`],
        ...[`Axis 2 of ${letter}`, `Rotate ${letter}`],
      ]),
    ];
    for (const name of names) expect(page.named(name), name).not.toBeNull();
    expect(page.el.querySelector(".gmm-loglik")!.textContent).toBe("−100.000");
    expect(page.el.querySelectorAll("[role=status]")).toHaveLength(1);
  });

  it("has one tab stop in the plot", () => {
    const stops = [...page.el.querySelectorAll(".gmm-plot [tabindex='0']")];
    expect(stops.map((stop) => stop.getAttribute("aria-label"))).toEqual(["Component A"]);
  });

  it("writes names as text, whatever they hold", async () => {
    const evil = '<img src=x onerror="alert(1)"></script>';
    page.host.write({ _view: { ...(page.host.get("_view") as object), columns: [evil, evil] } });
    page.host.state({ rev: 4, notice: { level: "warning", sentences: [["remark", evil]] } });
    await page.settle();
    expect(page.el.querySelector("img")).toBeNull();
    expect(page.el.querySelector(".gmm-notice-text")!.textContent).toBe(evil);
    expect(page.el.querySelector(".gmm-table thead")!.textContent).toContain(evil);
  });

  it("sends what its buttons say", () => {
    for (const name of [
      "E step",
      "M step",
      "EM step",
      "Run",
      "Add component",
      "Delete component",
    ]) {
      page.named(name).click();
    }
    expect(page.host.of("command").map((message) => [message.name, message.args])).toEqual([
      ["e_step", {}],
      ["m_step", {}],
      ["step", {}],
      ["run", {}],
      ["add", { dims: [0, 1] }],
      ["delete", { component: 0 }],
    ]);
  });

  it("asks for a speed, and shows one that Python chose", () => {
    const speed = page.named("Speed") as HTMLSelectElement;
    expect(speed.value).toBe("full");
    speed.value = "4";
    speed.dispatchEvent(new Event("change"));
    speed.value = "full";
    speed.dispatchEvent(new Event("change"));
    const asked = page.host.of("command").map(({ name, args }) => [name, args]);
    expect(asked).toEqual([
      ["set_speed", { steps: 4 }],
      ["set_speed", { steps: null }],
    ]);
    page.host.state({ rev: 2, speed: 7.5 });
    expect([speed.value, speed.lastElementChild!.textContent]).toEqual(["7.5", "7.5 steps / s"]);
    page.host.state({ rev: 3, speed: 1 });
    expect(speed.value).toBe("1");
  });

  it("turns Run into Stop while EM runs", () => {
    page.host.state({ rev: 2 }, undefined, true);
    expect(page.named("Run")).toBeNull();
    page.named("Stop").click();
    expect(page.host.of("command")[0]).toMatchObject({ name: "stop" });
  });

  it("selects a new component when one is added", async () => {
    const mixture = page.host.get("mixture") as Record<string, unknown[]>;
    const three = {
      weights: [0.3, 0.3, 0.4],
      means: [...mixture.means!, [3, 70]],
      covariances: [...mixture.covariances!, mixture.covariances![0]],
    };
    page.host.state({ rev: 2, ids: [0, 1, 5] }, three);
    await page.settle();
    expect(page.named("Component F").getAttribute("tabindex")).toBe("0");
  });
});

it("ends with nothing left: no listener, no effect, no element", async () => {
  const before = page.host.open;
  const controller = new AbortController();
  const other = document.createElement("div");
  const second = widget.render({ model: page.host, el: other, signal: controller.signal });
  expect(probe().views).toBe(2);
  expect(page.host.open).toBe(2 * before);
  controller.abort();
  second();
  await page.settle();
  expect(probe().views).toBe(1);
  expect(other.childElementCount).toBe(0);
  page.end();
  const farewells = page.host.of("goodbye").map(({ client }) => client);
  expect(new Set(farewells).size).toBe(2);
  expect(farewells).toContain(page.host.of("hello")[0]!.client);
  expect(probe()).toEqual({ views: 0, open: 0 });
  expect(page.host.open).toBe(0);
  expect(page.el.childElementCount).toBe(0);
  page.host.write({ _fit: { ...FIT, rev: 99 } });
});
