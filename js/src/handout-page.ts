/*
 * The entry of a page that is a file: a view on what the page holds.
 */
import { openHandout } from "./kernel/handout-host.ts";
import widget from "./widget.ts";

const contents = document.getElementById("gmm-contents")?.textContent ?? "";
const place = document.getElementById("gmm-widget");
if (place) widget.render({ model: openHandout(contents), el: place });
