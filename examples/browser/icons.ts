/**
 * The signs on the buttons, drawn, so that no font is needed for them.
 * @module
 */

const shapes = {
  start: "M5 4h2v16H5z M19 4v16l-11-8z",
  previousStep: "M12 4v16l-9-8z M21 4v16l-9-8z",
  previous: "M16 4v16l-11-8z",
  play: "M7 4v16l12-8z",
  pause: "M6 4h4v16H6z M14 4h4v16h-4z",
  next: "M8 4v16l11-8z",
  nextStep: "M3 4v16l9-8z M12 4v16l9-8z",
  end: "M5 4v16l11-8z M17 4h2v16h-2z",
} as const;

export type IconName = keyof typeof shapes;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", shapes[name]);
  svg.append(path);
  return svg;
}

const namespace = "http://www.w3.org/2000/svg";
