/*
 * Between EM and k-means, and regularisation: the tempered mixture, what the
 * controls say and send, and the cures of a collapse.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { tempered } from "../src/maths/tempering.ts";
import { REGULARISATION } from "../src/messages/commands.ts";
import { priorWords, softWords } from "../src/view/panels/tuning.ts";
import { MIXTURE } from "./host.ts";
import { usePage } from "./page.ts";

/** The component whose weighted density is highest at a place. */
function strongest({ weights, means, covariances }: typeof MIXTURE, at: readonly number[]) {
  const logs = weights.map((w, i) => {
    const [[a, b], [, d]] = covariances[i]! as [[number, number], [number, number]];
    const [x, y] = [at[0]! - means[i]![0]!, at[1]! - means[i]![1]!];
    const det = a * d - b * b;
    return Math.log(w) - Math.log(det) / 2 - (d * x * x - 2 * b * x * y + a * y * y) / det / 2;
  });
  return logs.indexOf(Math.max(...logs));
}

describe("the tempered mixture", () => {
  it("is EM's own at softness 1, and has weights of one at any", () => {
    expect(tempered(MIXTURE, 1)).toBe(MIXTURE);
    for (const softness of [0, 0.3, 0.9]) {
      const { weights } = tempered(MIXTURE, softness);
      expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
    }
  });

  it("gives each place to its nearest centre at softness 0", () => {
    const hard = tempered(MIXTURE, 0) as typeof MIXTURE;
    for (let x = 0; x < 6; x += 0.37) {
      for (let y = 40; y < 100; y += 3.1) {
        const far = MIXTURE.means.map((mean) => Math.hypot(x - mean[0]!, y - mean[1]!));
        expect(strongest(hard, [x, y])).toBe(far.indexOf(Math.min(...far)));
      }
    }
  });

  it("comes near the mixture as softness comes near 1", () => {
    const near = tempered(MIXTURE, 1 - 1e-9);
    expect(near.covariances[1]![1]![1]!).toBeCloseTo(MIXTURE.covariances[1]![1]![1]!, 5);
  });
});

describe("the panel of ways to fit", () => {
  const page = usePage();
  const commands = () => page.host.of("command").map(({ name, args }) => [name, args]);

  it("opens, says where the slider is, and sends the latest place", async () => {
    page.named("How to fit").click();
    await page.settle();
    const slider = page.el.querySelector<HTMLInputElement>("[aria-label='Softness']")!;
    for (const value of ["40", "20", "0"]) {
      slider.value = value;
      slider.dispatchEvent(new Event("input"));
    }
    await page.settle();
    expect(commands()).toEqual([["tune", { softness: 0 }]]);
    page.host.state({ rev: 2, softness: 0 });
    await page.settle();
    expect(slider.getAttribute("aria-valuetext")).toBe(softWords(0));
    expect(page.named("Decision boundaries").getAttribute("aria-pressed")).toBe("true");
  });

  it("keeps what keys have just said when the kernel tells of before", async () => {
    const slider = page.el.querySelector<HTMLInputElement>("[aria-label='Softness']")!;
    slider.value = "10";
    slider.dispatchEvent(new Event("input"));
    page.host.state({ rev: 2, softness: 1 });
    expect(slider.value).toBe("10");
    await page.settle();
    expect(commands()).toEqual([["tune", { softness: 0.2 }]]);
    page.host.state({ rev: 3, softness: 0.2 });
    expect(slider.value).toBe("10");
  });

  it("sets regularisation, and shows one that Python has set", async () => {
    const select = page.el.querySelector<HTMLSelectElement>("select[aria-label='Regularisation']")!;
    select.value = "0";
    select.dispatchEvent(new Event("change"));
    expect(commands()).toEqual([["tune", { regularisation: 0 }]]);
    page.host.state({ rev: 2, regularisation: 0.005 });
    await page.settle();
    expect(select.selectedOptions[0]!.textContent).toBe("5e−3");
  });

  it("turns the prior of the weights on, follows it and names what is pruned", async () => {
    const mode = [...page.el.querySelectorAll("button")].find(
      (each) => each.textContent === "Bayesian",
    )!;
    mode.click();
    page.host.state({ rev: 2, concentration: 1, elbo: -123, counts: [3.5, 0.5] });
    await page.settle();
    expect(page.el.querySelector(".gmm-loglik")!.textContent).toBe("−123.000");
    expect(page.el.querySelector(".gmm-readout")!.textContent).toContain("ELBO");
    const words = "effective components: 1 of 2; pruned: B";
    expect(page.el.querySelector(".gmm-tuning")!.textContent).toContain(words);
    const faint = [...page.el.querySelectorAll(".gmm-outline")].map((each) =>
      each.classList.contains("gmm-pruned"),
    );
    expect(faint).toEqual([false, true]);
    mode.click();
    expect(commands()).toEqual([
      ["tune", { concentration: 1 }],
      ["tune", { concentration: null }],
    ]);
    expect(priorWords({ counts: null, ids: [0] })).toBe("");
  });

  it("offers cures where a component has collapsed", async () => {
    const button = (name: string) =>
      [...page.el.querySelectorAll<HTMLButtonElement>(".gmm-notice .gmm-button")].find(
        (each) => each.textContent === name,
      )!;
    expect(button("Undo last edit").hidden).toBe(true);
    const notice = { level: "error", sentences: [["collapsed", [0], "no width", "widen it"]] };
    page.host.state({ rev: 2, regularisation: 0, can_undo: true, notice });
    await page.settle();
    button("Turn regularisation on").click();
    button("Undo last edit").click();
    expect(commands()).toEqual([
      ["tune", { regularisation: REGULARISATION }],
      ["undo", {}],
    ]);
    page.host.state({ rev: 3, regularisation: REGULARISATION, can_undo: true, notice });
    await page.settle();
    expect(button("Turn regularisation on").hidden).toBe(true);
  });
});
