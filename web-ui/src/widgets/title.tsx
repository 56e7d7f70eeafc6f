// SPDX-License-Identifier: GPL-3.0-or-later
// The one h1 of a screen: it names the document and takes the focus after a navigation.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { focusWanted } from "../router";

export function useTitle(text: string): void {
  useEffect(() => {
    document.title = `${text} - Outstation`;
  }, [text]);
}

export function Title({ children, class: name = "" }: { children: string; class?: string }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focusWanted()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 class={name} ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
