#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports public definitions and looks whether they yield, on recordings, what a plain reading of them gives.

usage: check_imports.py OUTSTATION [DATA]

OUTSTATION is the command; DATA the folder with snmp_exporter/, zabbix-*/, librenms-definitions/, datadog-profiles/ and
recordings (snmp/train, snmp/snmpsim, datadog-recordings). Without it, or without PyYAML, this says "skipped" and ends well.
An item is tried when a recording has values for it, and right when the imported pack gives each of them."""
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

RECORDINGS = ("snmp/train", "snmp/snmpsim", "datadog-recordings")
NUMBERS = {"2", "65", "66", "67", "70"}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(0)


def plain(oid):
    return str(oid).strip().strip(".")


def near(a, b):
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b), 1)


class Recording:
    """Values by OID, and the rows below one."""

    def __init__(self, path):
        self.values = {}
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                oid, _, rest = line.rstrip("\r\n").partition("|")
                tag, _, value = rest.partition("|")
                if re.fullmatch(r"\.?[\d.]+", oid) and tag != "5":  # NULL is no value
                    self.values[plain(oid)] = (tag, value)
        self.below = collections.defaultdict(list)

    def rows(self, column):
        if not self.below:
            for oid in self.values:
                arcs = oid.split(".")
                for end in range(6, len(arcs)):
                    self.below[".".join(arcs[:end])].append(oid)
        return [column] if column in self.values else self.below.get(column, [])

    def text(self, oid):
        tag, value = self.values[oid]
        if tag.endswith("x"):
            octets = bytes.fromhex(value) if len(value) % 2 == 0 else b""
            return octets.decode("utf-8", "replace").rstrip("\0").strip()
        return value.strip()

    def number(self, oid):
        if oid not in self.values:
            return None
        match = re.match(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", self.text(oid))
        return float(match.group().replace(",", ".")) if match else None


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:4])}: exit {done.returncode}\n{done.stderr[:2000]}")
    return done.stdout


class Import:
    """A format imported, and what its packs answer for each recording."""

    def __init__(self, command, data, form, files, work):
        packs = os.path.join(work, form)
        self.report = json.loads(run(command, "--json", "pack", "import", form, *files, "--out", packs))
        self.left_out = {item["what"] for item in self.report["left_out"]}
        self.answers = {}
        for folder in RECORDINGS:
            out = os.path.join(work, form + "-" + folder.replace("/", "-"))
            run(command, "pack", "--packs", packs, "try", "--export", "facts", os.path.join(data, folder), "--out", out)
            for path in glob.glob(os.path.join(out, "*.json")):
                name = os.path.basename(path)[:-5]
                with open(path, encoding="utf-8") as text:
                    self.answers[f"{folder}/{name}"] = json.load(text)

    def series(self, recording):
        found = collections.defaultdict(list)
        for one in self.answers[recording]["series"]:
            found[one["name"], one["oid"]].append(one["value"])
        return found

    def readings(self, recording):
        found = collections.defaultdict(list)
        for kind in ("sensors", "states"):
            for one in self.answers[recording][kind]:
                found[kind, one["oid"]].append(one["value"])
        return found


class Score:
    def __init__(self, what):
        self.what, self.tried, self.right, self.wrong = what, set(), set(), {}

    def add(self, item, missing, count):
        if count:
            self.tried.add(item)
        if missing:
            self.wrong.setdefault(item, missing[0])

    def close(self, total, taken, least):
        right = len(self.tried) - len(self.wrong)
        share = right / max(len(self.tried), 1)
        print(f"{self.what}: {taken} of {total} taken ({100 * taken / max(total, 1):.1f} %), "
              f"{len(self.tried)} tried on recordings, {right} right ({100 * share:.1f} %)")
        for item, missing in sorted(self.wrong.items())[:int(os.environ.get("SHOW", "5"))]:
            print(f"    {item}: {missing}")
        return share >= least and taken >= least * total


def foreign(name):
    return "snmp_" + (re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "value")


def check_snmp_exporter(load, data, command, work, recordings):
    files = [os.path.join(data, "snmp_exporter/snmp.yml")]
    modules = load(files[0])["modules"]
    made = Import(command, data, "snmp_exporter", files, work)
    score, total, whole = Score("snmp_exporter metrics"), 0, set(modules)
    for name, recording in recordings.items():
        answers = made.series(name)
        for module, body in modules.items():
            for metric in body.get("metrics", []):
                item = f"{module}: {metric['name']}"
                series, missing, count = foreign(metric["name"]), [], 0
                for oid, value in exporter_values(metric, recording):
                    count += 1
                    found = answers.get((series, oid), []) + answers.get((series + "_info", oid), [])
                    if not any(near(value, v) for v in found):
                        missing.append(f"{name} {oid}: expected {value}, found {found[:3]}")
                score.add(item, missing, count)
    for module, body in modules.items():
        for metric in body.get("metrics", []):
            total += 1
            item = f"{module}: {metric['name']}"
            if item in made.left_out or item in score.wrong:
                whole.discard(module)
    ok = score.close(total, made.report["taken"], 0.95)
    print(f"snmp_exporter modules: {len(whole)} of {len(modules)} whole ({100 * len(whole) / len(modules):.1f} %)")
    return ok and len(whole) >= 0.95 * len(modules)


def exporter_values(metric, recording):
    """(OID, value) that the collector would make, as far as the value can be said without its Go libraries."""
    kind = metric["type"]
    for oid in recording.rows(plain(metric["oid"])):
        tag = recording.values[oid][0]
        if kind in ("gauge", "counter", "Float", "Double"):
            number = recording.number(oid)
            if tag in NUMBERS and number is not None:
                yield oid, number * metric.get("scale", 1) + metric.get("offset", 0)
        elif kind == "EnumAsStateSet":
            if recording.number(oid) in metric.get("enum_values", {}):
                yield oid, 1
        elif kind not in ("Bits", "DateAndTime", "ParseDateAndTime") and "regex_extracts" not in metric:
            yield oid, 1


def without_macros(text):
    return re.sub(r"\{[^}]*\}", "", text)


def zabbix_items(template):
    """(item, macros of its discovery)"""
    for item in template.get("items", []):
        yield item, {}
    for rule in template.get("discovery_rules", []):
        text = str(rule.get("snmp_oid", ""))
        inner = re.fullmatch(r"discovery\[(.*)\]", text)
        words = [w.strip() for w in inner.group(1).split(",")] if inner else ["{#SNMPVALUE}", text]
        for item in rule.get("item_prototypes", []):
            yield item, dict(zip(words[::2], words[1::2]))


def zabbix_values(item, macros, recording):
    """(OID or index, number or None for a text) of an item whose OID is a number."""
    text = str(item["snmp_oid"]).strip()
    got = re.fullmatch(r"get\[(.*)\]", text)
    text = plain(got.group(1) if got else text)
    scale = 1.0
    for step in item.get("preprocessing", []):
        if step["type"] == "MULTIPLIER":
            if not re.fullmatch(r"[\d.eE+-]+", str(step["parameters"][0])):
                return  # a macro
            scale *= float(step["parameters"][0])
    is_text = item.get("value_type") in ("CHAR", "TEXT", "LOG")
    column = re.fullmatch(r"([\d.]+)\.\{#SNMPINDEX\}", text)
    if column:
        oids = recording.rows(plain(column.group(1)))
    elif re.fullmatch(r"[\d.]+", text):
        oids = [text] if text in recording.values else []
    else:
        return
    for oid in oids:
        number = recording.number(oid)
        if is_text:
            if recording.text(oid):
                yield oid, 1.0
        elif number is not None:
            yield oid, number * scale


def own_objects(items):
    """Template -> the columns of its maker's own objects that it reads. It is for devices that answer one of them."""
    out = collections.defaultdict(set)
    for template, item, _, _ in items:
        for oid in re.findall(r"1\.3\.6\.1\.4\.1(?:\.\d+)+", str(item["snmp_oid"])):
            out[template].add(oid)
    return out


def check_zabbix(load, data, command, work, recordings):
    files = sorted(glob.glob(os.path.join(data, "zabbix-*/**/*.yaml"), recursive=True))
    made = Import(command, data, "zabbix", files, work)
    score, items = Score("Zabbix SNMP items"), []
    for path in files:
        for template in (load(path) or {}).get("zabbix_export", {}).get("templates", []):
            for item, macros in zabbix_items(template):
                if item.get("type") == "SNMP_AGENT":
                    steps = {step["type"] for step in item.get("preprocessing", [])}
                    items.append((template.get("name", template["template"]), item, macros, steps))
    own = own_objects(items)
    for name, recording in recordings.items():
        answers = made.series(name)
        matching = {t for t, *_ in items if not own[t] or any(recording.rows(oid) for oid in own[t])}
        for template, item, macros, steps in items:
            if template not in matching:
                continue
            key = f"{template}: {item['key']}"
            if steps & {"JAVASCRIPT", "JSONPATH", "REGEX"}:
                continue  # no plain evaluation of these here
            series, missing, count = foreign(without_macros(item["key"])), [], 0
            for oid, value in zabbix_values(item, macros, recording):
                count += 1
                found = answers.get((series, oid), [])
                if not any(near(value, v) for v in found):
                    missing.append(f"{name} {oid}: expected {value}, found {found[:3]}")
            score.add(key, missing, count)
    return score.close(len(items), sum(1 for t, i, _, _ in items if f"{t}: {i['key']}" not in made.left_out), 0.8)


def librenms_values(entry, section, sensor_class, recording):
    num_oid = str(entry.get("num_oid", ""))
    column = re.fullmatch(r"\.?([\d.]+?)\.?\{\{ *\$index *\}\}", num_oid)
    oids = recording.rows(plain(column.group(1))) if column else [plain(num_oid)]
    options = section.get("options") or {}
    skipped = []
    for source in (entry, options):
        listed = source.get("skip_values", [])
        for one in listed if isinstance(listed, list) else [listed]:
            if isinstance(one, dict):
                return  # by another column, whose number the definition does not always give
            skipped.append(str(one))
    low = entry.get("skip_value_lt", options.get("skip_value_lt"))
    try:
        divisor = float(entry.get("divisor", options.get("divisor", 1)) or 1)
        multiplier = float(entry.get("multiplier", 1))
    except ValueError:
        return  # from another column: no plain evaluation of these here
    for oid in oids:
        number = recording.number(oid)
        if number is None or recording.text(oid) in skipped or (low is not None and number < float(low)):
            continue
        if sensor_class != "state":
            number = number / divisor * multiplier
        yield oid, number


def check_librenms(load, data, command, work, recordings):
    files = sorted(glob.glob(os.path.join(data, "librenms-definitions/*/*.yaml")))
    made = Import(command, data, "librenms", files, work)
    score, total = Score("LibreNMS sensors"), 0
    systems = collections.defaultdict(list)
    for name in recordings:
        path = os.path.join(data, name + ".facts.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as text:
                systems[json.load(text)["device"].get("os")].append(name)
    for path in files:
        system = os.path.basename(path)[:-5]
        try:
            sensors = ((load(path) or {}).get("modules") or {}).get("sensors") or {}
        except Exception as error:  # the parser's own; the importer has to say so, too
            print(f"    {system}: not YAML: {str(error).splitlines()[0]}")
            continue
        for sensor_class, section in sensors.items():
            if sensor_class == "additional_oids" or not isinstance(section, dict):
                continue
            for entry in section.get("data") or []:
                total += 1
                if entry.get("user_func"):
                    continue
                item = f"{system}: {sensor_class} {entry.get('num_oid')}"
                for name in systems[system]:
                    answers = made.readings(name)
                    kind = "states" if sensor_class == "state" else "sensors"
                    missing, count = [], 0
                    for oid, value in librenms_values(entry, section, sensor_class, recordings[name]):
                        count += 1
                        if not any(near(value, v) for v in answers.get((kind, oid), [])):
                            missing.append(f"{name} {oid}: expected {value}, found {answers.get((kind, oid), [])[:3]}")
                    score.add(item, missing, count)
    return score.close(total, made.report["taken"], 0.8)


def check_datadog(_load, data, command, work, _recordings):
    files = [os.path.join(data, "datadog-profiles")]
    made = Import(command, data, "datadog", files, work)
    total = made.report["taken"] + len(made.report["left_out"])
    print(f"Datadog profiles: {made.report['taken']} of {total} taken")
    return made.report["taken"] >= 0.98 * total


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    data = sys.argv[2] if len(sys.argv) > 2 else os.path.join(root, "../shared/data")
    if not os.path.isdir(data):
        skip(f"no {data}")
    try:
        import yaml
    except ImportError:
        skip("no PyYAML")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def load(path):
        with open(path, encoding="utf-8") as text:
            return yaml.load(text, Loader=loader)

    recordings = {f"{folder}/{os.path.basename(path)[:-8]}": Recording(path)
                  for folder in RECORDINGS for path in sorted(glob.glob(os.path.join(data, folder, "*.snmprec")))}
    with tempfile.TemporaryDirectory() as work:
        checks = (check_datadog, check_snmp_exporter, check_zabbix, check_librenms)
        good = [check(load, data, os.path.abspath(sys.argv[1]), work, recordings) for check in checks]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
