/*
 * Light or dark, as the host says: JupyterLab, marimo, VS Code and Colab
 * each mark the page in their own way, and a bare page follows the system.
 */
import { type ReadonlySignal, signal as state } from "@preact/signals-core";
import { listen, onEnd } from "../base/lifetime.ts";

export type Theme = "light" | "dark";

const SYSTEM = "(prefers-color-scheme: dark)";

function named(value: string | null | undefined): Theme | null {
  return value === "dark" || value === "light" ? value : null;
}

/** The theme that the host shows at this moment. */
export function hostTheme(page: Document = document): Theme {
  const { body, documentElement: root } = page;
  const jupyter = body.getAttribute("data-jp-theme-light");
  if (jupyter !== null) return jupyter === "false" ? "dark" : "light";
  if (body.classList.contains("dark")) return "dark";
  const marimo = named(body.dataset.theme);
  if (marimo) return marimo;
  if (body.classList.contains("vscode-dark")) return "dark";
  if (body.classList.contains("vscode-light")) return "light";
  const colab = named(root.getAttribute("theme")) ?? named(root.dataset.theme);
  if (colab) return colab;
  return page.defaultView?.matchMedia?.(SYSTEM).matches ? "dark" : "light";
}

/** The host's theme, kept up to date for as long as the view lives. */
export function watchTheme(signal: AbortSignal): ReadonlySignal<Theme> {
  const theme = state(hostTheme());
  const look = () => {
    theme.value = hostTheme();
  };
  const observer = new MutationObserver(look);
  const attributeFilter = ["class", "theme", "data-theme", "data-jp-theme-light"];
  observer.observe(document.body, { attributes: true, attributeFilter });
  observer.observe(document.documentElement, { attributes: true, attributeFilter });
  onEnd(signal, () => observer.disconnect());
  const media = globalThis.matchMedia?.(SYSTEM);
  if (media) listen(signal, media, "change", look);
  return theme;
}
