// What every page may use. Each module finds its own marks in the page and does nothing where there are none.
import { startDialogs } from "./dialog.js";
import { startFileDrops } from "./filedrop.js";
import { startForms } from "./forms.js";
import { startMenus } from "./menus.js";
import { startPreferences } from "./preferences.js";
import { startTabs } from "./tabs.js";
import { startToasts } from "./toasts.js";

for (const start of [startMenus, startPreferences, startDialogs, startTabs, startFileDrops, startForms, startToasts]) {
  start(document);
}
