// SPDX-License-Identifier: GPL-3.0-or-later
// A line of text with its label.

import type { JSX } from "preact";

interface TextFieldProps {
  name: string;
  label: string;
  value: string;
  set: (value: string) => void;
  hint?: string;
  mono?: boolean;
  required?: boolean;
  most?: number;
  numeric?: boolean;
}

export function TextField({
  name,
  label,
  value,
  set,
  hint,
  mono,
  required,
  most,
  numeric,
}: TextFieldProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class={mono ? "input mono" : "input"}
        name={name}
        value={value}
        required={required ?? false}
        maxLength={most ?? 200}
        inputMode={numeric ? "numeric" : "text"}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        onInput={(event) => set(event.currentTarget.value)}
      />
      {hint && <span class="hint">{hint}</span>}
    </label>
  );
}
