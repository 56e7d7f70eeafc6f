// SPDX-License-Identifier: GPL-3.0-or-later
// What the first load brings. Lazy screens import this file so that the bundler keeps all of it in one shared chunk.

import "./screens/login";
import "./screens/missing";
import "./screens/overview";
import "./shell";
import "./keys";
