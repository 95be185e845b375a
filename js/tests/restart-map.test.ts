/*
 * The map of many starts: what is read from it, where dots go, and how an
 * optimum is looked at and adopted.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { parseRestartSurvey } from "../src/state/restart-survey.ts";
import { mapped, surveyWords } from "../src/view/panels/restart-map.ts";
import { MIXTURE } from "./host.ts";
import { usePage } from "./page.ts";

const moved = { ...MIXTURE, means: [...MIXTURE.means].reverse() };
const start = (log_likelihood: number | null, optimum: number | null, status = "converged") => ({
  log_likelihood,
  optimum,
  status,
  reason: status === "failed" ? "no point belongs to it" : null,
});
const SURVEY = {
  n: 5,
  running: false,
  problem: null,
  starts: [start(-90, 0), start(-90, 0), start(-96, 1), start(-90, 0), start(null, null, "failed")],
  optima: [
    { mixture: moved, log_likelihood: -90, spurious: null },
    { mixture: MIXTURE, log_likelihood: -96, spurious: "one row" },
  ],
};

describe("a survey", () => {
  it("is told in words, with the fit beside it", () => {
    const survey = parseRestartSurvey(SURVEY)!;
    const words = "3 of 5 reached −90.000; the current fit is 10.000 nats below";
    expect(surveyWords(survey, -100)).toBe(`${words}; 1 collapsed: no point belongs to it`);
    expect(surveyWords(survey, -90)).toContain("so does the current fit");
    expect(surveyWords({ ...survey, running: true }, null)).toBe("5 of 5 starts done");
    expect(surveyWords({ ...survey, problem: "too few rows" }, null)).toBe("too few rows");
  });

  it("is checked", () => {
    expect(parseRestartSurvey({ n: 0 })).toBeNull();
    expect(parseRestartSurvey({ n: 3 })).toMatchObject({
      n: 3,
      running: false,
      starts: [],
      optima: [],
    });
    const bad = [{ mixture: { weights: [2] }, log_likelihood: 1 }];
    expect(() => parseRestartSurvey({ n: 1, optima: bad })).toThrow("mixture");
  });

  it("stacks starts of one height, and stays inside", () => {
    const { dots, optima, now } = mapped(parseRestartSurvey(SURVEY)!, -100, 300);
    const best = dots.filter(({ x }) => x === dots[0]!.x);
    expect(new Set(best.map(({ y }) => y)).size).toBe(3);
    expect(optima.map(({ n }) => n)).toEqual([3, 1]);
    for (const x of [...dots.map((dot) => dot.x), ...optima.map((each) => each.x), now!]) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(300);
    }
  });
});

describe("the map of starts", () => {
  const page = usePage();
  const peak = (i: number) => page.el.querySelector<SVGElement>(`[data-gmm-peak="${i}"]`)!;
  const nextStepOutlines = () => page.el.querySelectorAll(".gmm-next-step").length;

  it("asks for a search and calls it off", () => {
    page.named("Try 20 starts").click();
    page.host.write({ _survey: { ...SURVEY, running: true } });
    page.named("Cancel starts").click();
    expect(page.host.of("search").map(({ starts }) => starts)).toEqual([20, 0]);
  });

  it("shows an optimum as a preview while it has the focus, and adopts it", async () => {
    page.host.write({ _survey: SURVEY });
    await page.settle();
    expect(page.el.querySelectorAll(".gmm-peak[tabindex='0']")).toHaveLength(1);
    expect(nextStepOutlines()).toBe(0);
    peak(0).focus();
    await page.settle();
    expect(nextStepOutlines()).toBe(2);
    page.key("ArrowLeft", peak(0));
    expect(document.activeElement).toBe(peak(1));
    expect(peak(1).getAttribute("aria-label")).toContain("spurious: one row");
    page.key("Enter", peak(1));
    await page.settle();
    expect(nextStepOutlines()).toBe(0);
    expect(page.host.of("command")[0]).toMatchObject({ name: "adopt", args: { optimum: 1 } });
  });

  it("goes when the data are replaced", async () => {
    page.host.write({ _survey: SURVEY });
    page.host.write({ _survey: { n: 0 } });
    await page.settle();
    expect(page.el.querySelector(".gmm-starts-chart")!.hasAttribute("hidden")).toBe(true);
  });
});
