/*
 * Who may import whom: down only, and the rooms of the screen know neither
 * each other nor the model.
 */
import { describe, expect, it } from "vitest";

const sources = import.meta.glob<string>("../src/**/*.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** From the top: each may import from its own floor and from those below. */
const FLOORS = [
  ["handout-page", "widget", "picture"],
  ["scene", "overlays"],
  ["layers/", "handles/", "panels/", "motion", "full"],
  ["model"],
  ["inbox", "live", "facts", "hands", "outbox", "region", "outlying", "handout", "memberships"],
  ["state"],
  [
    "cloud",
    "likelihood",
    "draws",
    "ghost",
    "theme",
    "checks",
    "history",
    "survey",
    "grid",
    "soft",
    "mixture",
    "wire",
    "tints",
    "geometry/",
    "palette",
    "structure",
  ],
  ["format", "dom", "life", "host", "keycap"],
];
const SCREEN = 2; // the floor of the rooms of the screen
const MODEL = [3, 4]; // the floors that the screen reaches by signals only

const nameOf = (path: string) => path.replace(/^.*\/src\//, "").replace(/\.ts$/, "");
const isIn = (name: string, part: string) =>
  part.endsWith("/") ? name.startsWith(part) : name === part;
const floorOf = (name: string) => FLOORS.findIndex((floor) => floor.some((p) => isIn(name, p)));

/** The project's own files that a file imports. */
function importsOf(name: string, text: string): string[] {
  const room = name.split("/").slice(0, -1);
  return [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => {
    const parts = [...room];
    for (const step of path!.split("/")) {
      if (step === "..") parts.pop();
      else if (step !== ".") parts.push(step);
    }
    return nameOf(`/src/${parts.join("/")}`);
  });
}

describe.each(Object.entries(sources).map(([path, text]) => [nameOf(path), text]))(
  "%s",
  (name, text) => {
    const floor = floorOf(name!);
    const imports = importsOf(name!, text!);

    it("has a place, and imports downwards only", () => {
      expect(floor).toBeGreaterThanOrEqual(0);
      for (const other of imports) expect(floorOf(other), other).toBeGreaterThanOrEqual(floor);
    });

    it("leaves other rooms and the model alone if it is in a room of the screen", () => {
      const room = /^(layers|handles|panels)\//.exec(name!)?.[0];
      const strangers = imports.filter((other) => {
        const elsewhere = floorOf(other) === SCREEN && !other.startsWith(room ?? "");
        return elsewhere || MODEL.includes(floorOf(other));
      });
      expect(room ? strangers : []).toEqual([]);
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
