/*
 * Bundles the front end into the two files that anywidget loads, and one for
 * pages that are saved.
 *
 * One ESM file and one stylesheet, minified: both are copied into every
 * notebook that saves its widgets, so the build refuses a bundle that is
 * too big.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const BUDGET = 220_000; // bytes
const BUDGET_GZIPPED = 75_000;
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "gmm_widget", "static");

/** Shaders are text, which minifying leaves alone: without indents and comments they are shorter. */
const shaders = {
  name: "shaders",
  setup: ({ onLoad }) =>
    onLoad({ filter: /shader\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: text.replace(/^ +| *\/\/.*$/gm, ""), loader: "ts" };
    }),
};

const common = {
  outdir: out,
  bundle: true,
  plugins: [shaders],
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "info",
};
const options = {
  ...common,
  format: "esm",
  entryPoints: [
    { in: join(here, "src", "widget.ts"), out: "widget" },
    { in: join(here, "src", "widget.css"), out: "widget" },
  ],
};
// A page that is one file can import nothing, so that this one starts by itself.
const handout = {
  ...common,
  format: "iife",
  entryPoints: [{ in: join(here, "src", "handout-page.ts"), out: "handout" }],
};

await mkdir(out, { recursive: true });
if (process.argv.includes("--watch")) {
  for (const each of [options, handout]) await (await context(each)).watch();
} else {
  await Promise.all([build(options), build(handout)]);
  const bundle = await readFile(join(out, "widget.js"));
  const gzipped = gzipSync(bundle).length;
  if (bundle.length > BUDGET || gzipped > BUDGET_GZIPPED) {
    throw new Error(
      `widget.js has ${bundle.length} bytes, ${gzipped} gzipped; ` +
        `the budget is ${BUDGET} and ${BUDGET_GZIPPED}`,
    );
  }
}
