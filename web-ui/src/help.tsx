// SPDX-License-Identifier: GPL-3.0-or-later
// The list of keyboard shortcuts.

import type { JSX } from "preact";
import { type Key, t } from "./i18n";
import { shortcuts } from "./preferences";
import { Icon } from "./widgets/icons";

const kRows: [string[], Key][] = [
  [["/"], "keys.search"],
  [["g", "o"], "keys.overview"],
  [["g", "a"], "keys.alarms"],
  [["g", "d"], "keys.devices"],
  [["g", "s"], "keys.settings"],
  [["j", "k"], "keys.rows"],
  [["a"], "keys.take"],
  [["n"], "keys.note"],
  [["t"], "keys.text"],
  [["←", "→"], "keys.chart"],
  [["?"], "keys.help"],
  [["Esc"], "keys.close"],
];

const dialog = (): HTMLDialogElement | null => document.querySelector("#help");

export function openHelp(): void {
  dialog()?.showModal();
}

export function HelpDialog(): JSX.Element {
  return (
    <dialog id="help" class="dialog" aria-labelledby="help-title">
      <header>
        <h2 id="help-title">{t("keys.title")}</h2>
        <span class="grow" />
        <button class="quiet" type="button" aria-label={t("close")} onClick={() => dialog()?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <dl class="keys">
        {kRows.map(([keys, label]) => (
          <div key={label}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(label)}</dd>
          </div>
        ))}
      </dl>
      {!shortcuts.value && <p class="muted">{t("keys.off")}</p>}
    </dialog>
  );
}
