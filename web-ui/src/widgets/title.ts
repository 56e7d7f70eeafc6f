// SPDX-License-Identifier: GPL-3.0-or-later
// The document's title follows the screen.

import { useEffect } from "preact/hooks";

export function useTitle(text: string): void {
  useEffect(() => {
    document.title = `${text} - Outstation`;
  }, [text]);
}
