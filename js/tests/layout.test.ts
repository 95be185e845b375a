/*
 * Who may import whom: downwards only, without circles; layers, handles and
 * panels know neither each other nor the kernel.
 */
import { describe, expect, it } from "vitest";

const sources = import.meta.glob<string>("../src/**/*.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** From the top: a folder may import from itself and from those below it. */
const FOLDERS = [
  ["widget"],
  ["view/plot-area", "view/panel-list", "view/scene", "view/overlays"],
  ["view/layers/", "view/handles/", "view/panels/", "view/"],
  ["kernel/"],
  ["state/"],
  ["messages/"],
  ["maths/"],
  ["base/"],
];
const KERNEL = 3; // the view reaches the kernel through signals and callbacks only

const nameOf = (path: string) => path.replace(/^.*\/src\//, "").replace(/\.ts$/, "");
const isIn = (name: string, part: string) =>
  part.endsWith("/") ? name.startsWith(part) : name === part;
const levelOf = (name: string) =>
  FOLDERS.findIndex((level) => level.some((part) => isIn(name, part)));

/** The project's own files that a file imports. */
function importsOf(name: string, text: string): string[] {
  const folder = name.split("/").slice(0, -1);
  return [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => {
    const parts = [...folder];
    for (const step of path!.split("/")) {
      if (step === "..") parts.pop();
      else if (step !== ".") parts.push(step);
    }
    return nameOf(`/src/${parts.join("/")}`);
  });
}

const graph = new Map(
  Object.entries(sources).map(([path, text]) => [nameOf(path), importsOf(nameOf(path), text)]),
);

describe.each(Object.entries(sources).map(([path, text]) => [nameOf(path), text]))(
  "%s",
  (name, text) => {
    const level = levelOf(name!);
    const imports = importsOf(name!, text!);

    it("has a place, and imports downwards only", () => {
      expect(level).toBeGreaterThanOrEqual(0);
      for (const other of imports) expect(levelOf(other), other).toBeGreaterThanOrEqual(level);
    });

    it("knows neither the other parts of the view nor the kernel if it is a part of the view", () => {
      const folder = /^view\/(layers|handles|panels)\//.exec(name!)?.[0];
      const strangers = imports.filter((other) => {
        const elsewhere = /^view\/\w+\//.test(other) && !other.startsWith(folder ?? "");
        return elsewhere || levelOf(other) === KERNEL;
      });
      expect(folder ? strangers : []).toEqual([]);
    });

    it("is part of no import circle", () => {
      const seen = new Set<string>();
      const reach = (from: string): void => {
        for (const other of graph.get(from) ?? []) {
          if (!seen.has(other)) {
            seen.add(other);
            reach(other);
          }
        }
      };
      reach(name!);
      expect(seen.has(name!)).toBe(false);
    });

    it("opens with why it exists, and is short", () => {
      expect(text).toMatch(/^\/\*\n \* \S/);
      expect(text!.split("\n").length).toBeLessThanOrEqual(300);
    });

    it("makes no markup out of text and evaluates nothing", () => {
      expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function/);
    });
  },
);
