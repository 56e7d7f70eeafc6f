// SPDX-License-Identifier: GPL-3.0-or-later
// Which screen is shown: login, the forced password change, or the shell around the screen that the address names.

import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "./i18n";
import { route } from "./router";
import { FirstPassword, Login, Waiting } from "./screens/login";
import { Missing } from "./screens/missing";
import { Overview } from "./screens/overview";
import { session, waiting } from "./session";
import { Shell } from "./shell";
import { Skeleton } from "./widgets/panel";
import { Toast } from "./widgets/toast";

type Loader = () => Promise<ComponentType>;

/** A screen whose code is fetched when it is first shown. */
function lazy(load: Loader): ComponentType {
  let ready: ComponentType | null = null;
  return function Lazy(): JSX.Element {
    const [screen, setScreen] = useState<{ type: ComponentType } | null>(ready && { type: ready });
    const [failed, setFailed] = useState(0);
    useEffect(() => {
      if (ready) return;
      load().then(
        (type) => setScreen({ type: (ready = type) }),
        () => setFailed((count) => count + 1),
      );
    }, []);
    if (screen) return <screen.type />;
    return failed ? (
      <Broken />
    ) : (
      <section class="panel">
        <h1 class="vh">{t("loading")}</h1>
        <Skeleton lines={6} />
      </section>
    );
  };
}

/** The code of a screen could not be fetched: after an update of the station the names have changed. */
function Broken(): JSX.Element {
  return (
    <section class="panel blank">
      <h1>{t("broken.title")}</h1>
      <p>{t("broken.hint")}</p>
      <button class="btn" type="button" onClick={() => location.reload()}>
        {t("reload")}
      </button>
    </section>
  );
}

const Devices = lazy(() => import("./screens/devices").then((module) => module.Devices));
const Device = lazy(() => import("./screens/device").then((module) => module.Device));
const Settings = lazy(() => import("./screens/settings").then((module) => module.Settings));

const kScreens: Record<string, ComponentType> = {
  overview: Overview,
  devices: Devices,
  device: Device,
  settings: Settings,
  missing: Missing,
};

export function App(): JSX.Element {
  const { screen } = route.value;
  const who = session.value;
  if (waiting.value) return <Waiting />;
  if (!who || screen.name === "login")
    return (
      <>
        <Login />
        <Toast />
      </>
    );
  if (who.must_change_password)
    return (
      <>
        <FirstPassword />
        <Toast />
      </>
    );
  const Current = kScreens[screen.name] ?? Missing;
  return (
    <>
      <Shell>
        <Current key={screen.name === "device" ? screen.id : screen.name} />
      </Shell>
      <Toast />
    </>
  );
}
