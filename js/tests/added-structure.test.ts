/*
 * A covariance structure is what the kernel sends of it: a new one is in the
 * menu, edits obey it, and one that was not sent is refused.
 *
 * @vitest-environment happy-dom
 */
import { expect, it } from "vitest";
import { usePage } from "./page.ts";
import structures from "./structures.json";

const TOY = {
  name: "tied_diag",
  label: "<b>Tied diagonal</b>",
  shared: true,
  diagonal: true,
  isotropic: false,
  averages: false,
};

const page = usePage();
const menu = () =>
  page.el.querySelector<HTMLSelectElement>('select[aria-label="Covariance structure"]')!;
const view = (more: object) => ({ ...(page.host.get("_view") as object), ...more });
const open = async () => {
  page.host.write({ _view: view({ structures: [...structures, TOY], data_rev: 2 }) });
  page.host.write({ covariance_type: TOY.name });
  await page.settle();
};
const notice = () => page.el.querySelector(".gmm-notice-text")!.textContent;

it("is in the menu, by its label as text", async () => {
  await open();
  expect(menu().value).toBe(TOY.name);
  expect([...menu().options].map(({ value }) => value)).toEqual([
    TOY.name,
    ...structures.map(({ name }) => name).reverse(),
  ]);
  expect(menu().options[0]!.textContent).toBe(TOY.label);
});

it("has the handles and the projection of its traits", async () => {
  await open();
  const handle = (name: string) => page.el.querySelector(`[data-gmm-handle="${name}"]`)!;
  expect(handle("rotate").classList.contains("gmm-absent")).toBe(true);
  expect(handle("axis1").classList.contains("gmm-absent")).toBe(false);
  page.host.write({ covariance_type: "full" });
  await page.settle();
  expect(handle("rotate").classList.contains("gmm-absent")).toBe(false);
});

it("is refused in words if the kernel has not sent it, and the last one stays", async () => {
  page.host.write({ covariance_type: "<i>new</i>" });
  await page.settle();
  expect(notice()).toContain('covariance_type "<i>new</i>" is none of the structures known');
  expect(menu().value).toBe("full");
});
