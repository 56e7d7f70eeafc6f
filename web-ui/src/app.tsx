// SPDX-License-Identifier: GPL-3.0-or-later
// Which screen is shown: login, the forced password change, or the shell around the screen that the address names.

import type { ComponentType, JSX } from "preact";
import { route } from "./router";
import { FirstPassword, Login, Waiting } from "./screens/login";
import { Missing } from "./screens/missing";
import { Overview } from "./screens/overview";
import { session, waiting } from "./session";
import { Shell } from "./shell";
import { lazy } from "./widgets/lazy";
import { Toast } from "./widgets/toast";

const Alarms = lazy(() => import("./screens/alarms").then((module) => module.Alarms));
const Devices = lazy(() => import("./screens/devices").then((module) => module.Devices));
const Device = lazy(() => import("./screens/device").then((module) => module.Device));
const Discovery = lazy(() => import("./screens/discovery").then((module) => module.Discovery));
const Topology = lazy(() => import("./screens/topology").then((module) => module.TopologyScreen));
const Workbench = lazy(() => import("./screens/workbench").then((module) => module.Workbench));
const Settings = lazy(() => import("./screens/settings").then((module) => module.Settings));

const Setup = lazy(() => import("./screens/setup").then((module) => module.Setup));

const kScreens: Record<string, ComponentType> = {
  overview: Overview,
  alarms: Alarms,
  devices: Devices,
  device: Device,
  discovery: Discovery,
  topology: Topology,
  workbench: Workbench,
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
  if (screen.name === "setup")
    return (
      <>
        <Setup />
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
