// SPDX-License-Identifier: GPL-3.0-or-later
// The workbench of the mock station: a recording that takes two seconds, packs, and a draft whose word "wrong" is a
// mistake. Modes: "recording.done", "recording.failed".

const kTakesMs = 2000;
const kDraft = `# Made from a recording: give it a name, and take the # from what you know the meaning of.
pack: draft-99999
name: Draft 99999
zh: 草稿 99999
match: {sys_object_id: 1.3.6.1.4.1.99999.7}
identity: {class: 'power'}
# The maker's objects that no pack reads. A measured value needs a label and a unit (docs/formats/pack.md); a
# state is a rule of "states:" instead.
# sensors:
#   - {OID: 1.3.6.1.4.1.99999.4.2.1.2, label: ?, unit: ?}  # 2 rows, INTEGER: 2301, 2299
`;

let began = null;

const iso = (ms) => new Date(ms).toISOString();
const kNever = {
  state: "never",
  subject: null,
  values: 0,
  bytes: 0,
  requests: 0,
  at: null,
  started: null,
  ended: null,
  problem: null,
  notes: [],
  replaced: 0,
  left_out: 0,
};

export function recording(modes) {
  const forced = ["done", "failed", "running"].find((state) => modes.includes(`recording.${state}`));
  if (!began && !forced) return kNever;
  const at = began?.at ?? 1_790_000_000_000;
  const share = Math.min(1, (Date.now() - at) / kTakesMs);
  const state = forced ?? began.ended ?? (share < 1 ? "running" : "done");
  return {
    ...kNever,
    state,
    subject: began?.subject ?? "pdu-a1",
    values: state === "failed" ? 0 : Math.round(4312 * share),
    bytes: Math.round(181_000 * share),
    requests: Math.round(140 * share),
    at: "1.3.6.1.4.1.99999.4.2.1.2.2",
    started: iso(at),
    ended: state === "running" ? null : iso(at + kTakesMs),
    problem: state === "failed" ? "timeout" : null,
    notes: state === "done" ? ["of 1.3.6.1.2.1.4.22.1.2 only 500 rows"] : [],
    replaced: state === "done" ? 96 : 0,
    left_out: state === "done" ? 7 : 0,
  };
}

export const recordingText = "1.3.6.1.2.1.1.1.0|4|A box\n1.3.6.1.4.1.99999.4.2.1.2.1|2|2301\n";

export const packs = (modes) =>
  recording(modes).state === "done"
    ? {
        vendor: null,
        class: "power",
        model: null,
        version: null,
        object_id: "1.3.6.1.4.1.99999.7",
        packs: [
          {
            name: "if-mib",
            title: "Interfaces",
            title_zh: "接口",
            why: "always",
            finds: [{ kind: "ports", count: 2 }],
          },
          {
            name: "ups-mib",
            title: "UPS (RFC 1628)",
            title_zh: "UPS（RFC 1628）",
            why: "probe 1.3.6.1.2.1.33.1",
            finds: [
              { kind: "sensors", count: 9 },
              { kind: "states", count: 3 },
            ],
          },
        ],
        finds: [
          { kind: "ports", count: 2 },
          { kind: "sensors", count: 9 },
          { kind: "states", count: 3 },
        ],
        draft: kDraft,
      }
    : null;

function record({ action, subject }) {
  if (action === "cancel") began = began && { ...began, ended: "cancelled" };
  else if (subject === "nobody") return [404, "not_found"];
  else began = { at: Date.now(), subject, ended: null };
  return [200, recording([])];
}

function tried({ yaml, on }, modes) {
  if (modes.includes("draft.busy")) return [409, "conflict"];
  const lines = yaml.split("\n");
  const line = lines.findIndex((text) => text.includes("wrong"));
  const trial = {
    mistakes:
      line < 0 ? [] : [{ line: line + 1, column: lines[line].indexOf("wrong") + 1, text: "unknown key 'wrong'" }],
    matches: yaml.includes("99999"),
    findings: [],
    more: false,
    vendor: null,
    class: "power",
    model: null,
    version: null,
    problem: null,
    read: on === "device" ? iso(Date.now()) : null,
  };
  if (line < 0 && /^sensors:/m.test(yaml))
    trial.findings = ["1", "2"].map((phase, index) => ({
      kind: "sensor",
      label: `Phase ${phase}`,
      label_zh: `相${phase}`,
      value: (230.1 - index / 5).toFixed(1),
      unit: "volts",
      oid: `1.3.6.1.4.1.99999.4.2.1.2.${phase}`,
    }));
  return [200, trial];
}

/** [status, body or code], or null when the path is not of these. */
export function changed(path, body, modes) {
  if (path === "/api/v1/workbench/recording") return record(body);
  return path === "/api/v1/workbench/draft" ? tried(body, modes) : null;
}
