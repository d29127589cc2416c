// Program text → one piece of HTML for each line, coloured by highlight.js (BSD-3-Clause, static/vendor/highlight).

const FOLDER = "../../../vendor/highlight";
const LANGUAGES = new Set(["bash", "c", "cpp", "go", "java", "javascript", "python", "rust", "sql", "typescript"]);
let core;

// A painter for this language; rejects where its files cannot be had.
export async function painter(language) {
  if (!LANGUAGES.has(language)) return plain;
  core ??= (await import(`${FOLDER}/core.js`)).default;
  if (!core.getLanguage(language)) core.registerLanguage(language, (await import(`${FOLDER}/${language}.js`)).default);
  return (text) => lines(core.highlight(text, { language, ignoreIllegals: true }).value);
}

const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
export const escape = (text) => text.replace(/[&<>]/g, (sign) => SIGNS[sign]);
const plain = (text) => escape(text).split("\n");

// A span may reach over several lines, as a comment does: it is closed at the end of each and opened again.
export function lines(html) {
  const open = [];
  return html.split("\n").map((line) => {
    const before = open.join("");
    for (const [tag] of line.matchAll(/<span[^>]*>|<\/span>/g)) {
      if (tag === "</span>") open.pop(); else open.push(tag);
    }
    return before + line + "</span>".repeat(open.length);
  });
}
