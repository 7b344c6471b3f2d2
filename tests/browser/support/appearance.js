/** Runs in the page under test and finds what users with low vision, a keyboard or a screen reader would miss. */

(() => {
  const found = [];
  const visible = (element) => element.checkVisibility() && element.getClientRects().length > 0;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const brush = canvas.getContext("2d", { willReadFrequently: true });

  /** Any CSS colour as red, green, blue (0 to 255) and alpha (0 to 1). */
  function channels(colour) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }

  const over = ([r, g, b, a], [r2, g2, b2]) => [
    r * a + r2 * (1 - a),
    g * a + g2 * (1 - a),
    b * a + b2 * (1 - a),
    1,
  ];

  function ground(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((below, above) => over(above, below), [255, 255, 255, 1]);
  }

  /** WCAG 2.2, relative luminance and contrast ratio. */
  function luminance(colour) {
    const [r, g, b] = colour.slice(0, 3).map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  const named = (element) =>
    `${element.localName}.${element.className} "${element.textContent.trim().slice(0, 40)}"`;

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (
      !texts.currentNode.data.trim() || !visible(element) ||
      element.closest("[disabled], .aloud, noscript")
    ) continue;
    const style = getComputedStyle(element);
    const below = ground(element);
    const ratio = contrast(over(channels(style.color), below), below);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)}: ${named(element)}`);
  }

  for (const control of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (control.labels.length === 0 && !control.ariaLabel) found.push(`no label: ${control.name}`);
    if (!visible(control) || control.type === "radio") continue;
    const edge = contrast(
      channels(getComputedStyle(control).borderTopColor),
      ground(control.parentElement),
    );
    if (edge < 3) found.push(`edge ${edge.toFixed(2)}: ${control.name}`);
  }
  for (const element of document.querySelectorAll("a, button")) {
    if (visible(element) && !element.textContent.trim()) {
      found.push(`no name: ${element.outerHTML}`);
    }
  }
  for (const element of document.querySelectorAll("[aria-describedby]")) {
    for (const id of element.getAttribute("aria-describedby").split(" ")) {
      if (!document.getElementById(id)) found.push(`describes nothing: ${id}`);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) {
    found.push(`twice: ${id}`);
  }
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (!document.documentElement.lang || !document.title) found.push("no language or title");
  for (const landmark of ["main"]) {
    if (!document.querySelector(landmark)) found.push(`no ${landmark}`);
  }
  for (const element of document.querySelectorAll("tr *, dl *, li *, .banner *")) {
    const box = element.closest("tr, dl, li, .banner");
    const isCut = element.closest(".aloud, .id, .begun, pre");
    if (isCut || !visible(element)) continue;
    const over = element.getBoundingClientRect().right - box.getBoundingClientRect().right;
    if (over > 1) found.push(`sticks out by ${Math.round(over)}: ${named(element)}`);
  }
  for (const row of document.querySelectorAll(".actions")) {
    const buttons = [...row.querySelectorAll("button, .button")].filter(visible);
    const heights = buttons.map((button) => Math.round(button.getBoundingClientRect().height));
    if (new Set(heights).size > 1) found.push(`uneven: ${heights.join(", ")}`);
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    found.push(`wider than the window by ${scrollWidth - clientWidth}`);
  }
  return found;
})();
