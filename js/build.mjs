/*
 * Bundles the front end into the two files that anywidget loads.
 *
 * One ESM file and one stylesheet, minified: both are copied into every
 * notebook that saves its widgets, so the build refuses a bundle that is
 * too big.
 */
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const BUDGET = 150_000; // bytes, raw
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "gmm_widget", "static");

const options = {
  entryPoints: [
    { in: join(here, "src", "widget.ts"), out: "widget" },
    { in: join(here, "src", "widget.css"), out: "widget" },
  ],
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "info",
};

await mkdir(out, { recursive: true });
if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
  const { size } = await stat(join(out, "widget.js"));
  if (size > BUDGET) {
    throw new Error(`widget.js is ${size} bytes, over the budget of ${BUDGET}: drop something`);
  }
}
