// The text of a part of the page as one string, and places in it as places in the document. A formula is one piece.

/** The pieces of text below `root`, in order: text nodes, and formulas as whole elements. */
function* pieces(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) =>
    (node.nodeType === Node.ELEMENT_NODE
      ? node.localName === "math" ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP
      : node.parentElement.closest("math") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  while (walker.nextNode()) yield walker.currentNode;
}

const textOf = (node) => (node.nodeType === Node.TEXT_NODE ? node.data : node.getAttribute("alttext") ?? "");

/** `[{ node, start, end }]`, and the whole text that the numbers count in. */
export function read(root) {
  const found = [];
  let text = "";
  for (const node of pieces(root)) {
    const start = text.length;
    text += textOf(node);
    found.push({ node, start, end: text.length });
  }
  return { text, pieces: found };
}

/** A range of the document as [start, end] in the text of `root`; null where it lies elsewhere or is empty. */
export function placeOf(root, range) {
  if (!range.intersectsNode(root)) return null;
  let start = null;
  let end = null;
  for (const piece of read(root).pieces) {
    if (!range.intersectsNode(piece.node)) continue;
    const isText = piece.node.nodeType === Node.TEXT_NODE;
    const from = isText && range.startContainer === piece.node ? range.startOffset : 0;
    const to = isText && range.endContainer === piece.node ? range.endOffset : piece.end - piece.start;
    if (from >= to) continue;
    start ??= piece.start + from;
    end = piece.start + to;
  }
  return start === null ? null : [start, end];
}

/** The range of the document that covers [start, end] of the text of `root`. */
export function rangeOf(root, start, end) {
  const range = document.createRange();
  const covered = read(root).pieces.filter((piece) => piece.end > start && piece.start < end);
  if (!covered.length) return null;
  const [first, last] = [covered[0], covered.at(-1)];
  if (first.node.nodeType === Node.TEXT_NODE) range.setStart(first.node, Math.max(0, start - first.start)); else range.setStartBefore(first.node);
  if (last.node.nodeType === Node.TEXT_NODE) range.setEnd(last.node, Math.min(last.end, end) - last.start); else range.setEndAfter(last.node);
  return range;
}

/** Words or sentences of a text, as [start, end]; blanks around them left out. */
export function segments(text, granularity, language) {
  const found = [];
  for (const { segment, index, isWordLike } of new Intl.Segmenter(language || undefined, { granularity }).segment(text)) {
    if (granularity === "word" ? !isWordLike : !segment.trim()) continue;
    const start = index + segment.length - segment.trimStart().length;
    found.push([start, start + segment.trim().length]);
  }
  return found;
}
