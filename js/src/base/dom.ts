/*
 * Three helpers that make elements: text is always text, never markup.
 */
type Child = Node | string;
type Attributes = Record<string, string | number | boolean | undefined>;

/** For elements that repeat for the eye what is said elsewhere. */
export const HIDDEN = { "aria-hidden": "true" } as const;

const SVG = "http://www.w3.org/2000/svg";

/**
 * Set attributes; `false` and `undefined` remove one. Equal values are not
 * written again: browsers lay out and paint anew even for the same value.
 */
export function attrs(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else {
      const text = value === true ? "" : String(value);
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
}

/** An HTML element with attributes and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (tag === "button") attrs(element, { type: tag }); // or it would send a form that it is in
  attrs(element, attributes);
  element.append(...children);
  return element;
}

/** An SVG element with attributes and children. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  attrs(element, attributes);
  element.append(...children);
  return element;
}

/** Write text only where it changed, so that live regions stay quiet. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Grow or shrink a keyed list of children in place; removed ones leave the page. */
export function keyed<K, V extends { root: Element }>(
  held: Map<K, V>,
  keys: readonly K[],
  make: (key: K) => V,
  parent: Element,
): V[] {
  const wanted = new Set(keys);
  for (const [key, value] of held) {
    if (wanted.has(key)) continue;
    value.root.remove();
    held.delete(key);
  }
  return keys.map((key) => {
    let value = held.get(key);
    if (!value) {
      value = make(key);
      held.set(key, value);
      parent.append(value.root);
    }
    return value;
  });
}

/** Put children into this order, moving as few as possible: a moved one loses the focus. */
export function inOrder(parent: Element, children: readonly { readonly root: Element }[]): void {
  for (let i = children.length - 2; i >= 0; i--) {
    const [root, next] = [children[i]!.root, children[i + 1]!.root];
    if (root.nextElementSibling !== next) parent.insertBefore(root, next);
  }
}
