/*
 * Choosing the two columns on show, where there are more.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { MIXTURE } from "./host.ts";
import { usePage } from "./page.ts";

const page = usePage();
const select = (name: string) => page.named(`${name} column`) as HTMLSelectElement;
const box = () => page.named("Columns");
const VIEW = {
  dims: [0, 1],
  columns: ["a", "<b>", "c"],
  data_rev: 2,
  n: 4,
  d: 3,
  origin: [3, 70],
  scale: [2, 20],
  extent: [1, 5, 45, 95],
};
const grown = (c: number[][]) => [
  [...c[0]!, 0],
  [...c[1]!, 0],
  [0, 0, 2],
];
const THREE = {
  weights: MIXTURE.weights,
  means: MIXTURE.means.map((mean) => [...mean, 7]),
  covariances: MIXTURE.covariances.map(grown),
};

/** The kernel has three columns. */
async function widen(): Promise<void> {
  page.host.write({ _view: VIEW });
  page.host.state({ rev: 2 }, THREE);
  await page.settle();
}

function choose(name: string, value: string): void {
  select(name).value = value;
  select(name).dispatchEvent(new Event("change"));
}

describe("the columns", () => {
  it("are not asked for where there are two", () => {
    expect(box().hidden).toBe(true);
  });

  it("are named as text, and the chosen ones are asked for", async () => {
    await widen();
    expect(box().hidden).toBe(false);
    expect([...select("Vertical").options].map((each) => each.textContent)).toEqual(VIEW.columns);
    choose("Vertical", "2");
    expect(page.host.of("command").at(-1)).toMatchObject({
      name: "set_dims",
      args: { dims: [0, 2] },
    });
  });

  it("change places where one is chosen twice", async () => {
    await widen();
    choose("Horizontal", "1");
    expect(page.host.of("command").at(-1)!.args).toEqual({ dims: [1, 0] });
  });

  it("follow the kernel: axes, components, and all of it in view", async () => {
    await widen();
    page.key("i");
    page.key("x");
    await page.settle();
    page.host.write({ _view: { ...VIEW, dims: [2, 0], data_rev: 3, extent: [0, 14, 1, 5] } });
    await page.settle();
    expect(page.root.dataset.gmmExtent).toBe("0,14,1,5");
    expect(page.named("Centre of A").dataset.gmmAt).toBe("250 225");
    expect([select("Horizontal").value, select("Vertical").value]).toEqual(["2", "0"]);
    expect(page.el.querySelector<HTMLElement>(".gmm-selection")!.hidden).toBe(true);
    const hello = page.host.of("hello").at(-1)!;
    expect(hello.data_rev).toBe(-1);
  });

  it("show again what holds when the kernel refuses", async () => {
    await widen();
    choose("Vertical", "2");
    page.host.ack(page.host.of("command").at(-1)!, 2, "no such column");
    await page.settle();
    expect(select("Vertical").value).toBe("1");
  });
});
