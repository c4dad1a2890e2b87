/**
 * Runs in a page: finds texts that are hard to read. WCAG 2.2 §1.4.3: a contrast below 4.5 : 1; and letters that are
 * smaller than 14 pixels. Disabled controls are exempt, and so are drawings.
 * @module
 */

declare global {
  var hardToReadTexts: () => string[];
}

globalThis.hardToReadTexts = () => {
  const found = new Set<string>();
  for (const { element, text } of visibleTexts()) {
    const { color, fontSize } = getComputedStyle(element);
    const contrast = contrastOf(color, backgroundOf(element));
    if (contrast < 4.5) found.add(`${contrast.toFixed(2)} : 1 ${element.className} ${text}`);
    if (Number.parseFloat(fontSize) < 14) found.add(`${fontSize} ${element.className} ${text}`);
  }
  return [...found];
};

function visibleTexts(): readonly { readonly element: Element; readonly text: string }[] {
  const texts: { readonly element: Element; readonly text: string }[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? "";
    if (element === null || text === "" || element.closest("svg, :disabled, option") !== null) continue;
    if (element.checkVisibility()) texts.push({ element, text });
  }
  return texts;
}

function backgroundOf(element: Element): string {
  for (let here: Element | null = element; here !== null; here = here.parentElement) {
    const { backgroundColor } = getComputedStyle(here);
    if (rgba(backgroundColor)[3] === 255) return backgroundColor;
  }
  return "white";
}

function contrastOf(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = rgba(color).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

const known = new Map<string, readonly number[]>();

/** However CSS writes it. */
function rgba(color: string): readonly number[] {
  const parts = known.get(color) ?? painted(color);
  known.set(color, parts);
  return parts;
}

function painted(color: string): readonly number[] {
  if (canvas === null) throw new Error("there is no canvas");
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
}
