// The smallest thing that changes only what has changed: nodes stay, so focus, selection and scrolling stay too.

const SVG = "http://www.w3.org/2000/svg";

/** Describe an element; `attrs.key` tells it from its neighbours, `on…` are listeners, `style` is an object. */
export const h = (tag, attrs, ...children) => ({
  tag, attrs: attrs || {}, children: children.flat(9).filter((child) => child !== null && child !== undefined && child !== false),
});

/** Make `parent` contain exactly what `nodes` describe. */
export function render(parent, nodes) {
  const present = [...parent.childNodes];
  const keyed = new Map(present.filter((node) => node.key !== undefined).map((node) => [node.key, node]));
  nodes.forEach((node, at) => {
    const old = node.attrs?.key === undefined ? present[at] : keyed.get(node.attrs.key);
    const made = old && fits(old, node) ? update(old, node) : create(node, parent);
    const there = parent.childNodes[at];
    if (there !== made) parent.insertBefore(made, there || null);
  });
  while (parent.childNodes.length > nodes.length) parent.lastChild.remove();
}

function fits(old, node) {
  if (typeof node !== "object") return old.nodeType === Node.TEXT_NODE;
  return old.nodeType === Node.ELEMENT_NODE && old.localName === node.tag && old.key === node.attrs.key;
}

function create(node, parent) {
  if (typeof node !== "object") return document.createTextNode(String(node));
  const inSvg = node.tag === "svg" || (parent.namespaceURI === SVG);
  const made = inSvg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  made.key = node.attrs.key;
  return update(made, node);
}

function update(element, node) {
  if (typeof node !== "object") {
    if (element.data !== String(node)) element.data = String(node);
    return element;
  }
  const before = element.given || {};
  for (const name of Object.keys(before)) if (!(name in node.attrs)) set(element, name, null);
  for (const [name, value] of Object.entries(node.attrs)) if (before[name] !== value) set(element, name, value);
  element.given = node.attrs;
  render(element, node.children);
  return element;
}

function set(element, name, value) {
  if (name === "key") return;
  if (name.startsWith("on")) element[name] = value;
  else if (name === "style") Object.assign(element.style, value);
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : value);
}
