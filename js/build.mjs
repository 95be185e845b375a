/*
 * Bundles the front end into the two files that anywidget loads, and writes
 * the licences of the packages that are in them.
 *
 * One ESM file and one stylesheet, minified. Both are copied into every
 * notebook that saves its widgets and into every saved page, so the build
 * refuses a bundle that is too big.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const BUDGET = 220_000; // bytes
const BUDGET_GZIPPED = 75_000;
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "gmm_widget", "static");

const options = {
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none", // the licences travel in a file of their own
  logLevel: "info",
  metafile: true,
  absWorkingDir: here,
  entryPoints: [
    { in: join(here, "src", "widget.ts"), out: "widget" },
    { in: join(here, "src", "widget.css"), out: "widget" },
  ],
};

/** Folders of the packages that a build has taken something from. */
function packagesOf({ inputs }) {
  const found = Object.keys(inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path));
  return [...new Set(found.filter(Boolean).map(([folder]) => folder))].sort();
}

/** Name, version and licence of each package; an error for one that has no licence. */
async function licences(folders) {
  const texts = folders.map(async (folder) => {
    const { name, version } = JSON.parse(
      await readFile(join(here, folder, "package.json"), "utf8"),
    );
    const file = (await readdir(join(here, folder))).find((each) => /^licen[cs]e/i.test(each));
    if (!file) throw new Error(`${name} is bundled and has no licence file`);
    return `${name} ${version}\n\n${(await readFile(join(here, folder, file), "utf8")).trim()}\n`;
  });
  const head = "widget.js contains code of these packages, under their licences.\n";
  return [head, ...(await Promise.all(texts))].join(`\n${"-".repeat(78)}\n`);
}

await mkdir(out, { recursive: true });
if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  const { metafile } = await build(options);
  await writeFile(join(out, "LICENSES.txt"), await licences(packagesOf(metafile)));
  const bundle = await readFile(join(out, "widget.js"));
  const gzipped = gzipSync(bundle).length;
  if (bundle.length > BUDGET || gzipped > BUDGET_GZIPPED) {
    throw new Error(
      `widget.js has ${bundle.length} bytes, ${gzipped} gzipped; ` +
        `the budget is ${BUDGET} and ${BUDGET_GZIPPED}`,
    );
  }
}
