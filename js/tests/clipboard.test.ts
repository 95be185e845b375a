/*
 * Numbers on the screen have a minus sign; what is copied has a hyphen.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { MIXTURE } from "./host.ts";
import { usePage } from "./page.ts";

const page = usePage();
const NEGATIVE = { ...MIXTURE, means: [[-2, -55], ...MIXTURE.means.slice(1)] };

function copied(target: Element): string {
  const clipboardData = new DataTransfer();
  const event = new ClipboardEvent("copy", { bubbles: true, cancelable: true, clipboardData });
  target.dispatchEvent(event);
  return clipboardData.getData("text/plain");
}

describe("a negative number", () => {
  it("has a minus sign wherever it is shown", () => {
    page.host.state({ rev: 2, log_likelihood: -1234.5 }, NEGATIVE);
    const texts = [
      page.el.textContent ?? "",
      ...[...page.el.querySelectorAll("input")].map(({ value }) => value),
      ...[...page.el.querySelectorAll("[title]")].map((each) => each.getAttribute("title")!),
    ];
    expect(texts.filter((text) => text.includes("−")).length).toBeGreaterThan(3);
    expect(texts.filter((text) => /(^|[^\p{L}\d])-\d/u.test(text))).toEqual([]);
  });

  it("is copied from a field as Python reads it", () => {
    page.host.state({ rev: 2 }, NEGATIVE);
    const field = page.named("Mean of A in the second column") as HTMLInputElement;
    expect(field.value).toMatch(/^−55/);
    field.select();
    expect(Number(copied(field))).toBe(-55);
  });

  it("is copied from the read-out as Python reads it", () => {
    const figure = page.el.querySelector(".gmm-loglik")!;
    document.getSelection()!.selectAllChildren(figure);
    expect(Number(copied(figure))).toBe(-100);
  });
});
