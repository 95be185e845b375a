/*
 * A panel is one row: a new one has its place, a button that opens and closes
 * it, keys of its own, and says what it needs.
 *
 * @vitest-environment happy-dom
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { h, setText } from "../src/base/dom.ts";
import { watch } from "../src/base/lifetime.ts";
import { PANELS, type Panel } from "../src/view/panel-list.ts";
import { usePage } from "./page.ts";

const TOY: Panel = {
  name: "toy",
  place: "above",
  button: { icon: "help", name: "Toy", tip: "Shows the number of components" },
  ownKeys: true,
  needs: "kernel",
  create: (end, { kernelState, command }) => {
    const root = h("section", { "aria-label": "Toy", tabindex: 0 });
    watch(end, () => setText(root, `${kernelState.ids.value.length} components`));
    root.addEventListener("click", () => command("add"));
    root.addEventListener("keydown", (event) => {
      if (event.key !== "s") return;
      event.stopPropagation();
      command("redo");
    });
    return root;
  },
};
const panels = PANELS as Panel[];

beforeAll(() => void panels.push(TOY));
afterAll(() => void panels.splice(panels.indexOf(TOY), 1));

const page = usePage();
const panel = () => page.el.querySelector<HTMLElement>('[data-gmm-panel="toy"]')!;
const commands = () => page.host.of("command").map(({ name }) => name);
const button = () => page.el.querySelector<HTMLButtonElement>('[aria-label="Toy"].gmm-button')!;

it("is closed at first, and opened and closed by its button, whatever the others are", async () => {
  expect(panel().hidden).toBe(true);
  expect(button().getAttribute("aria-expanded")).toBe("false");
  page.el.querySelector<HTMLButtonElement>('[aria-label="How to fit"].gmm-button')!.click();
  button().click();
  await page.settle();
  expect(panel().hidden).toBe(false);
  expect(button().getAttribute("aria-expanded")).toBe("true");
  expect(page.el.querySelector<HTMLElement>(".gmm-tuning")!.hidden).toBe(false);
  button().click();
  await page.settle();
  expect(panel().hidden).toBe(true);
  expect(page.el.querySelector<HTMLElement>(".gmm-tuning")!.hidden).toBe(false);
});

it("shows the fit, sends commands, and says what it needs", async () => {
  expect(panel().textContent).toBe("2 components");
  panel().click();
  await page.settle();
  expect(commands()).toEqual(["add"]);
  expect(panel().getAttribute("data-gmm-needs")).toBe("kernel");
});

it("has its own keys, and leaves the others to the plot", async () => {
  const press = (target: Element, key: string) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  press(panel(), "s");
  press(panel(), "n");
  press(page.el.querySelector(".gmm-component")!, "s");
  await page.settle();
  expect(commands()).toEqual(["redo", "add", "split"]);
});
